-- Records of customers that became others (CU-13): what was written under the id that is gone belongs to the one that was
-- kept, for ever. Chains are flat: one look is enough.
create table merged_customers (
    realm_id  uuid not null,
    gone_id   uuid not null,
    kept_id   uuid not null,
    merged_at timestamptz not null,
    constraint merged_customers_pkey primary key (realm_id, gone_id),
    constraint merged_customers_check check (gone_id <> kept_id)
);
create index merged_customers_kept on merged_customers (realm_id, kept_id);

-- What is written under an id that is gone goes to the record that was kept. Whoever writes holds this lock until their
-- transaction ends, and a merge takes it alone before it moves rows: none is written past it.
create function follow_merge() returns trigger language plpgsql as $$
declare
    kept uuid;
begin
    perform pg_advisory_xact_lock_shared(
        hashtext('merge ' || tg_table_schema), hashtext(new.customer_id::text) % 1024);
    select kept_id into kept from merged_customers where realm_id = new.realm_id and gone_id = new.customer_id;
    if found then
        new.customer_id := kept;
    end if;
    return new;
end $$;
