create extension if not exists pg_trgm with schema public;

create table products (
    store_id    uuid not null,
    id          uuid not null,
    sku         text not null,
    name        text not null,
    description text not null default '',
    images      text[] not null default '{}',
    price       bigint not null,
    currency    text not null,
    kind        text not null,
    package     text,
    active      boolean not null default true,
    version     bigint not null default 1,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    search      text not null generated always as (lower(name || ' ' || sku)) stored,
    constraint products_pkey primary key (store_id, id),
    constraint products_sku unique (store_id, sku),
    constraint products_price check (price >= 0),
    constraint products_currency check (currency ~ '^[A-Z]{3}$'),
    constraint products_kind check (kind in ('physical', 'digital')),
    constraint products_package check (
        (kind = 'digital') = (package is not null) and coalesce(package in ('file', 'bundle', 'combo'), true)
    )
);
create index products_created_at on products (store_id, created_at, id);
create index products_name on products (store_id, name, id);
create index products_price_id on products (store_id, price, id);
create index products_sku_id on products (store_id, sku, id);
create index products_search on products using gin (search gin_trgm_ops);
