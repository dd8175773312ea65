-- What customers wish for (CA-10): a product is on somebody's list once.
create table wishes (
    realm_id    uuid not null,
    customer_id uuid not null,
    product_id  uuid not null,
    -- Who sells it.
    store_id    uuid not null,
    -- As it was when it was wished for; the catalog may know it no longer.
    name        text not null,
    image_url   text not null,
    wished_at   timestamptz not null,
    -- The first order with it since.
    bought_at   timestamptz,
    order_id    uuid,
    constraint wishes_pkey primary key (realm_id, customer_id, product_id),
    constraint wishes_bought check ((bought_at is null) = (order_id is null))
);
create trigger wishes_of_new before insert on wishes for each row execute function follow_merge();
