-- Links that sign a customer in to check out one cart (CA-6).
create table checkout_links (
    realm_id   uuid not null,
    id         uuid not null,
    cart_id    uuid not null,
    -- SHA-256 of what stands in its address.
    token_hash bytea not null,
    sent_by    text not null default '',
    -- `stf_…` or `akey_…`.
    created_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    constraint checkout_links_pkey primary key (realm_id, id),
    constraint checkout_links_token unique (token_hash),
    constraint checkout_links_cart foreign key (realm_id, cart_id) references carts on delete cascade,
    constraint checkout_links_sent check (sent_by in ('', 'email', 'sms'))
);
create index checkout_links_of_cart on checkout_links (realm_id, cart_id, id desc);
