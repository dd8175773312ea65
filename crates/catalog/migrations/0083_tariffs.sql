-- How stores ship and what tax they charge (CA-11): two simple tables, and a version that every change of either raises.
create table tariffs (
    store_id uuid not null,
    version  bigint not null,
    constraint tariffs_pkey primary key (store_id)
);
create table shipping_methods (
    store_id   uuid not null,
    id         uuid not null,
    name       text not null,
    price      bigint not null,
    free_from  bigint,
    currency   text not null,
    countries  text[] not null default '{}',
    active     boolean not null,
    position   integer not null,
    version    bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint shipping_methods_pkey primary key (store_id, id),
    constraint shipping_methods_price check (price >= 0 and free_from >= 0),
    constraint shipping_methods_currency check (currency ~ '^[A-Z]{3}$')
);
create table tax_rates (
    store_id   uuid not null,
    id         uuid not null,
    name       text not null,
    country    text not null,
    region     text not null default '',
    rate       integer not null,
    included   boolean not null,
    class      text not null,
    active     boolean not null,
    version    bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint tax_rates_pkey primary key (store_id, id),
    constraint tax_rates_rate check (rate between 0 and 10000),
    constraint tax_rates_class check (class in ('standard', 'reduced', 'zero'))
);
-- One active rate for a place and class, so that nobody has to choose.
create unique index tax_rates_place on tax_rates (store_id, country, lower(region), class) where active;
