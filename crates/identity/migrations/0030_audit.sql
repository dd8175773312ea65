-- The audit: what was done, in one chain per customer base. What belongs to none is in the chain of the zero realm.

create table audit_entries (
    realm_id          uuid not null,
    -- Place in the chain.
    number            bigint not null,
    id                uuid not null,
    at                timestamptz not null,
    service           text not null,
    store_id          uuid,
    actor_kind        text not null,
    actor_id          text not null,
    impersonator_kind text not null,
    impersonator_id   text not null,
    session           text not null,
    action            text not null,
    target_kind       text not null,
    target            text not null,
    customers         uuid[] not null,
    -- JSON texts as they were told: the hash is of their bytes. Personal values in them are sealed.
    reason            text not null,
    before            text not null,
    after             text not null,
    ip                text not null,
    request_id        text not null,
    -- Hash of the entry before, and of that with this one.
    previous          bytea not null,
    hash              bytea not null,
    constraint audit_entries_pkey primary key (realm_id, number),
    constraint audit_entries_id_key unique (realm_id, id),
    constraint audit_entries_number_check check (number > 0)
);
create index audit_entries_at on audit_entries (realm_id, at desc, number desc);
create index audit_entries_store on audit_entries (realm_id, store_id, at desc, number desc);
create index audit_entries_actor on audit_entries (realm_id, actor_id, at desc, number desc);
create index audit_entries_impersonator on audit_entries (realm_id, impersonator_id, at desc, number desc)
    where impersonator_id <> '';
create index audit_entries_action on audit_entries (realm_id, action, at desc, number desc);
create index audit_entries_target on audit_entries (realm_id, target, at desc, number desc);
create index audit_entries_ip on audit_entries (realm_id, ip, at desc, number desc) where ip <> '';
create index audit_entries_request on audit_entries (realm_id, request_id, at desc, number desc) where request_id <> '';
create index audit_entries_customers on audit_entries using gin (customers);

-- The end of each chain.
create table audit_heads (
    realm_id uuid not null,
    number   bigint not null,
    hash     bytea not null,
    constraint audit_heads_pkey primary key (realm_id)
);

-- Signed statements of a chain's length and hash.
create table audit_checkpoints (
    realm_id  uuid not null,
    number    bigint not null,
    hash      bytea not null,
    at        timestamptz not null,
    -- Name of the key.
    key       text not null,
    signature bytea not null,
    constraint audit_checkpoints_pkey primary key (realm_id, number, key)
);

-- What each actor did, and when last. Follows from the entries.
create table audit_deeds (
    realm_id   uuid not null,
    actor_kind text not null,
    actor_id   text not null,
    action     text not null,
    times      bigint not null,
    last_at    timestamptz not null,
    constraint audit_deeds_pkey primary key (realm_id, actor_kind, actor_id, action)
);

-- Nothing of the chain changes or goes. The role that the service works as may not even try; should it be granted that
-- again, or be one that may do everything, the triggers refuse.
create function refuse_to_change_the_audit() returns trigger language plpgsql as $$
begin
    raise exception '% is added to only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger audit_entries_stay before update or delete or truncate on audit_entries
    for each statement execute function refuse_to_change_the_audit();
create trigger audit_checkpoints_stay before update or delete or truncate on audit_checkpoints
    for each statement execute function refuse_to_change_the_audit();
revoke update, delete, truncate on audit_entries, audit_checkpoints from public, current_user;

-- Who may do what in a place.
create index if not exists memberships_store on memberships (store_id) where store_id is not null;
create index if not exists memberships_network on memberships (network_id) where network_id is not null;
