-- What seals personal values of a customer, wherever those lie. A destroyed key leaves its row, so that none is made anew.
create table customer_keys (
    realm_id     uuid not null,
    customer_id  uuid not null,
    -- 32 bytes, sealed with the secret of the installation.
    key          bytea,
    created_at   timestamptz not null,
    destroyed_at timestamptz,
    constraint customer_keys_pkey primary key (realm_id, customer_id),
    constraint customer_keys_key_check check ((key is null) = (destroyed_at is not null))
);
