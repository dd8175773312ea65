-- Stores and networks. A store's realm is its own id, or its network's.

create table networks (
    id              uuid not null,
    name            text not null,
    -- Publishable: it stands in every shop front.
    key             text not null,
    currency        text not null,
    reviews_enabled boolean not null,
    created_at      timestamptz not null,
    constraint networks_pkey primary key (id),
    constraint networks_key_key unique (key)
);

create table stores (
    id         uuid not null,
    network_id uuid,
    realm_id   uuid not null generated always as (coalesce(network_id, id)) stored,
    name       text not null,
    currency   text not null,
    timezone   text not null,
    country    text not null,
    mail_from  text not null,
    url        text not null,
    key        text not null,
    created_at timestamptz not null,
    constraint stores_pkey primary key (id),
    constraint stores_key_key unique (key),
    constraint stores_network_id_fkey foreign key (network_id) references networks (id)
);
create index stores_realm on stores (realm_id, created_at, id);
create index stores_created_at on stores (created_at, id);

-- Keys that assertions are signed with.

create table signing_keys (
    id         uuid not null,
    -- Ed25519 seed, sealed.
    seed       bytea not null,
    public_key bytea not null,
    created_at timestamptz not null,
    retired_at timestamptz,
    constraint signing_keys_pkey primary key (id)
);

-- Staff and what they may do where.

create table staff (
    id              uuid not null,
    name            text not null,
    email           text not null,
    email_canonical text not null,
    password_hash   text not null,
    created_at      timestamptz not null,
    constraint staff_pkey primary key (id),
    constraint staff_email_canonical_key unique (email_canonical)
);

create table memberships (
    staff_id   uuid not null,
    store_id   uuid,
    network_id uuid,
    role       text not null,
    created_at timestamptz not null,
    constraint memberships_place_key unique nulls not distinct (staff_id, store_id, network_id),
    constraint memberships_place_check check (num_nonnulls(store_id, network_id) = 1),
    constraint memberships_role_check
        check (role in ('owner', 'administrator', 'customer_service', 'sales_agent', 'moderator')),
    constraint memberships_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint memberships_store_id_fkey foreign key (store_id) references stores (id),
    constraint memberships_network_id_fkey foreign key (network_id) references networks (id)
);

create table staff_factors (
    staff_id   uuid not null,
    kind       text not null,
    -- TOTP secret, sealed.
    secret     bytea not null,
    -- Newest step whose code was used: a code works once.
    last_step  bigint,
    created_at timestamptz not null,
    constraint staff_factors_pkey primary key (staff_id, kind),
    constraint staff_factors_kind_check check (kind in ('totp')),
    constraint staff_factors_staff_id_fkey foreign key (staff_id) references staff (id)
);

-- A password was right and the second factor is still asked for.
create table challenges (
    id         uuid not null,
    token_hash bytea not null,
    staff_id   uuid not null,
    tries      integer not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz,
    constraint challenges_pkey primary key (id),
    constraint challenges_token_hash_key unique (token_hash),
    constraint challenges_staff_id_fkey foreign key (staff_id) references staff (id)
);
create index challenges_expires_at on challenges (expires_at);

-- Failed tries of credentials: each further one waits longer (ID-27).
create table attempts (
    kind     text not null,
    -- Whose credentials: a staff member, or a keyed hash of account and network address.
    key      bytea not null,
    tries    integer not null,
    tried_at timestamptz not null,
    free_at  timestamptz not null,
    constraint attempts_pkey primary key (kind, key),
    constraint attempts_kind_check check (kind in ('password', 'factor'))
);
create index attempts_tried_at on attempts (tried_at);

-- Sessions of both kinds. They are found by their token, which is what tells the tenant.

create table sessions (
    id               uuid not null,
    token_hash       bytea not null,
    kind             text not null,
    realm_id         uuid,
    subject_id       uuid not null,
    methods          text[] not null,
    authenticated_at timestamptz not null,
    touched_at       timestamptz not null,
    expires_at       timestamptz not null,
    -- When it ends however much it is used; absent for customers.
    ends_at          timestamptz,
    ip               text not null,
    agent            text not null,
    constraint sessions_pkey primary key (id),
    constraint sessions_token_hash_key unique (token_hash),
    constraint sessions_kind_check check (kind in ('customer', 'staff')),
    constraint sessions_realm_id_check check ((kind = 'customer') = (realm_id is not null)),
    constraint sessions_ends_at_check check ((kind = 'staff') = (ends_at is not null))
);
create index sessions_subject on sessions (realm_id, subject_id);
create index sessions_expires_at on sessions (expires_at);

-- Customers who can sign in.

create table customer_credentials (
    realm_id      uuid not null,
    customer_id   uuid not null,
    -- Argon2id in PHC form; absent for an account without a password.
    password_hash text,
    -- Keyed hash of the proven phone number.
    phone_hash    bytea,
    registered_at timestamptz not null,
    -- Where the registration came from (ID-28).
    ip            text not null,
    agent         text not null,
    constraint customer_credentials_pkey primary key (realm_id, customer_id),
    constraint customer_credentials_phone_hash_key unique (realm_id, phone_hash)
);

-- The only thing that crosses realms: who is behind a proven e-mail. Only the account portal reads it.
create table shoppers (
    email_hash    bytea not null,
    realm_id      uuid not null,
    customer_id   uuid not null,
    registered_at timestamptz not null,
    constraint shoppers_pkey primary key (email_hash, realm_id)
);
create index shoppers_realm on shoppers (realm_id, customer_id);

-- The newest code per purpose and identity (ID-6).
create table codes (
    realm_id      uuid not null,
    purpose       text not null,
    identity_hash bytea not null,
    id            uuid not null,
    code_hash     bytea not null,
    tries         integer not null,
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    used_at       timestamptz,
    constraint codes_pkey primary key (realm_id, purpose, identity_hash),
    constraint codes_purpose_check check (purpose in
        ('create', 'login', 'verify_phone', 'verify_email', 'reset_password', 'close_account'))
);
create index codes_expires_at on codes (expires_at);
