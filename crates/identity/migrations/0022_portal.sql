-- Links into the account portal, and the sessions they open (ID-14, ID-15). They belong to a shopper, who is the same in
-- every customer base, so that no tenant leads their keys.
create table magic_links (
    id         uuid not null,
    token_hash bytea not null,
    -- The address it was sent to, sealed.
    email      bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint magic_links_pkey primary key (id),
    constraint magic_links_token_hash_key unique (token_hash)
);
create index magic_links_expires_at on magic_links (expires_at);

create table portal_sessions (
    id               uuid not null,
    token_hash       bytea not null,
    -- The first half of the keyed hash of the e-mail address.
    shopper_id       uuid not null,
    email            bytea not null,
    authenticated_at timestamptz not null,
    touched_at       timestamptz not null,
    expires_at       timestamptz not null,
    ip               text not null,
    agent            text not null,
    constraint portal_sessions_pkey primary key (id),
    constraint portal_sessions_token_hash_key unique (token_hash)
);
create index portal_sessions_shopper on portal_sessions (shopper_id);
create index portal_sessions_expires_at on portal_sessions (expires_at);
