-- What staff note about customers (CU-10).
create table customer_notes (
    realm_id    uuid not null,
    id          uuid not null,
    customer_id uuid not null,
    -- `stf_…`, `akey_…` or the name of a service, and the name of a person at that time.
    author      text not null,
    written_by text not null,
    text        text not null,
    version     bigint not null default 1,
    created_at  timestamptz not null,
    edited_at   timestamptz,
    constraint customer_notes_pkey primary key (realm_id, id),
    constraint customer_notes_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_notes_customer on customer_notes (realm_id, customer_id, id desc);

-- Saved addresses (CU-9).
create table customer_addresses (
    realm_id         uuid not null,
    id               uuid not null,
    customer_id      uuid not null,
    address          jsonb not null,
    residential      boolean not null,
    default_billing  boolean not null,
    default_shipping boolean not null,
    version          bigint not null default 1,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    constraint customer_addresses_pkey primary key (realm_id, id),
    constraint customer_addresses_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_addresses_customer on customer_addresses (realm_id, customer_id);
-- Of each kind of default there is one at most …
create unique index customer_addresses_billing_key on customer_addresses (realm_id, customer_id) where default_billing;
create unique index customer_addresses_shipping_key on customer_addresses (realm_id, customer_id) where default_shipping;
-- … and one at least, when a transaction ends, as long as there is any address.
create function check_default_addresses() returns trigger language plpgsql as $$
declare
    realm uuid := coalesce(new.realm_id, old.realm_id);
    owner uuid := coalesce(new.customer_id, old.customer_id);
begin
    if exists (select from customer_addresses a where a.realm_id = realm and a.customer_id = owner
               having count(*) > 0 and not (bool_or(a.default_billing) and bool_or(a.default_shipping))) then
        raise exception 'an address of each kind has to be the default'
            using errcode = 'check_violation', constraint = 'customer_addresses_default_check', table = 'customer_addresses';
    end if;
    return null;
end $$;
create constraint trigger customer_addresses_default after insert or update or delete on customer_addresses
    deferrable initially deferred for each row execute function check_default_addresses();

-- What people agreed to, and when they did (CU-16). Nothing of it is changed or forgotten while there is the person.
create table customer_consents (
    realm_id    uuid not null,
    id          uuid not null,
    customer_id uuid not null,
    channel     text not null
                constraint customer_consents_channel_check check (channel in ('email', 'sms', 'push', 'phone', 'post')),
    granted     boolean not null,
    source      text not null,
    actor       text not null,
    at          timestamptz not null,
    constraint customer_consents_pkey primary key (realm_id, id),
    constraint customer_consents_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_consents_customer on customer_consents (realm_id, customer_id, id desc);
create function keep_consents() returns trigger language plpgsql as $$
begin
    raise exception 'what somebody agreed to stays as it was'
        using errcode = 'check_violation', constraint = 'customer_consents_history_check', table = 'customer_consents';
end $$;
-- Whose it is may change when records are merged; what was said may not.
create trigger customer_consents_history before update of channel, granted, source, actor, at on customer_consents
    for each row execute function keep_consents();

-- The member directory (CU-12).
create index customers_directory on customers (realm_id, lower(name), id) where directory and status = 'active' and name <> '';
