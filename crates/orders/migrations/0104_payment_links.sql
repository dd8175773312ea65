-- Links by which an invoice is paid (OR-2).
create table payment_links (
    realm_id   uuid not null,
    id         uuid not null,
    order_id   uuid not null,
    -- SHA-256 of what stands in its address.
    token_hash bytea not null,
    -- Whether it was mailed to whoever the order is for.
    sent       boolean not null,
    -- Kind and id; never a name.
    created_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    constraint payment_links_pkey primary key (realm_id, id),
    constraint payment_links_token unique (token_hash),
    constraint payment_links_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
create index payment_links_by_order on payment_links (realm_id, order_id, id desc);
