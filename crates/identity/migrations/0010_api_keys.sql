-- Keys of integrations (ID-24). A key belongs to a store or network, not to whoever made it.

create table api_keys (
    id           uuid not null,
    store_id     uuid,
    network_id   uuid,
    name         text not null,
    -- SHA-256 of the secret, which has 256 random bits.
    secret_hash  bytea not null,
    -- What the secret begins with, for people to tell keys apart.
    hint         text not null,
    permissions  text[] not null,
    -- Networks it may be used from; empty for any.
    allowed_ips  text[] not null,
    created_by   text not null,
    created_at   timestamptz not null,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    constraint api_keys_pkey primary key (id),
    constraint api_keys_secret_hash_key unique (secret_hash),
    constraint api_keys_place_check check (num_nonnulls(store_id, network_id) = 1),
    constraint api_keys_store_id_fkey foreign key (store_id) references stores (id),
    constraint api_keys_network_id_fkey foreign key (network_id) references networks (id)
);
create index api_keys_store on api_keys (store_id, created_at, id) where revoked_at is null;
create index api_keys_network on api_keys (network_id, created_at, id) where revoked_at is null;
