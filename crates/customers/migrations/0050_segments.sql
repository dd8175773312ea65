-- Saved filters (CU-6).
create table segments (
    realm_id   uuid not null,
    id         uuid not null,
    -- The customer base itself, or one store of a network.
    place_id   uuid not null,
    name       text not null,
    -- The tree as the contract has it.
    filter     bytea not null,
    -- Whether it asks for personal fields.
    personal   boolean not null,
    version    bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint segments_pkey primary key (realm_id, id)
);
create unique index segments_name_key on segments (realm_id, place_id, lower(name));
