-- Devices that push messages go to (ID-12).
create table devices (
    realm_id      uuid not null,
    id            uuid not null,
    customer_id   uuid not null,
    platform      text not null,
    token_hash    bytea not null,
    -- What the push service knows it by, sealed for its hash.
    token         bytea not null,
    registered_at timestamptz not null,
    constraint devices_pkey primary key (realm_id, id),
    constraint devices_token_hash_key unique (realm_id, token_hash),
    constraint devices_platform_check check (platform in ('ios', 'android', 'web'))
);
create index devices_customer on devices (realm_id, customer_id, registered_at desc);
