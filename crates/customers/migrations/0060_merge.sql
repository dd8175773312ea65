-- The e-mail addresses of records that became others: they go on saying who somebody is, for ever.
create table email_aliases (
    realm_id        uuid not null,
    email_canonical text not null,
    customer_id     uuid not null,
    constraint email_aliases_pkey primary key (realm_id, email_canonical),
    constraint email_aliases_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index email_aliases_customer on email_aliases (realm_id, customer_id);

-- An address that is somebody's alias identifies nobody else. A record that is about to be made with it is not made, as if
-- the unique index said so. A merge holds the lock alone while an address becomes an alias.
create function keep_aliases() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(
        hashtext('alias ' || tg_table_schema), hashtext(new.realm_id::text || new.email_canonical) % 1024);
    if exists (select from email_aliases a
               where a.realm_id = new.realm_id and a.email_canonical = new.email_canonical and a.customer_id <> new.id) then
        if tg_op = 'INSERT' then
            return null;
        end if;
        raise exception 'this e-mail address is an alias of another customer'
            using errcode = 'unique_violation', constraint = 'customers_email_key', table = 'customers';
    end if;
    return new;
end $$;
create trigger customers_alias_of_new before insert on customers
    for each row when (new.email_identifies) execute function keep_aliases();
create trigger customers_alias_of_changed before update of email_canonical, email_identifies on customers
    for each row when (new.email_identifies and (old.email_canonical <> new.email_canonical or not old.email_identifies))
    execute function keep_aliases();

-- Addresses may move from one owner to another: both have a default of each kind then.
create or replace function check_default_addresses() returns trigger language plpgsql as $$
declare
    realm uuid := coalesce(new.realm_id, old.realm_id);
begin
    if exists (select from customer_addresses a
               where a.realm_id = realm and a.customer_id in (new.customer_id, old.customer_id)
               group by a.customer_id having not (bool_or(a.default_billing) and bool_or(a.default_shipping))) then
        raise exception 'an address of each kind has to be the default'
            using errcode = 'check_violation', constraint = 'customer_addresses_default_check', table = 'customer_addresses';
    end if;
    return null;
end $$;
