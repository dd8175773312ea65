-- Links by which anybody who has one looks at one order (OR-2).
create table order_links (
    realm_id   uuid not null,
    id         uuid not null,
    order_id   uuid not null,
    -- SHA-256 of what stands in its address.
    token_hash bytea not null,
    -- Kind and id; never a name.
    created_by text not null,
    created_at timestamptz not null,
    revoked_at timestamptz,
    constraint order_links_pkey primary key (realm_id, id),
    constraint order_links_token unique (token_hash),
    constraint order_links_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
create index order_links_by_order on order_links (realm_id, order_id, id desc);
