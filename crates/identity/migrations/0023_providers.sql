-- Accounts of providers that sign customers in, by (issuer, subject) (ID-4).
create table provider_accounts (
    realm_id    uuid not null,
    issuer      text not null,
    subject     text not null,
    customer_id uuid not null,
    created_at  timestamptz not null,
    constraint provider_accounts_pkey primary key (realm_id, issuer, subject)
);
create index provider_accounts_customer on provider_accounts (realm_id, customer_id);

-- Nonces of tokens that were used, until nothing with them is good any longer.
create table provider_nonces (
    issuer     text not null,
    nonce_hash bytea not null,
    expires_at timestamptz not null,
    constraint provider_nonces_pkey primary key (issuer, nonce_hash)
);
create index provider_nonces_expires_at on provider_nonces (expires_at);
