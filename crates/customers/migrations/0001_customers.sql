-- One record per person and realm, and what order, payment and review events say about them.

create extension if not exists pg_trgm with schema public;

create table customers (
    realm_id          uuid not null,
    id                uuid not null,
    lifecycle         text not null constraint customers_lifecycle_check check (lifecycle in ('lead', 'customer')),
    registration      text not null
                      constraint customers_registration_check check (registration in ('guest', 'registered')),
    status            text not null default 'active'
                      constraint customers_status_check check (status in ('active', 'inactive')),
    name              text not null default '',
    email             text not null,
    email_canonical   text not null,
    -- Whether the e-mail says who the person is: not while only a phone was proven.
    email_identifies  boolean not null default true,
    phone             text not null default '',
    -- A proven phone is a way to sign in, so it belongs to one person only.
    phone_verified_at timestamptz,
    username          text not null default '',
    photo_url         text not null default '',
    business          text not null default '',
    fax               text not null default '',
    contacts          jsonb not null default '[]',
    language          text not null default '',
    slug              text not null,
    tags              text[] not null default '{}',
    meta              jsonb not null default '{}',
    library_all       boolean not null default false,
    directory         boolean not null default false,
    consents          jsonb not null default '{}',
    ip                text not null default '',
    address           jsonb,
    orders_count      bigint not null default 0,
    -- Captured less refunded in the realm's base currency, minor units: what lists sort by.
    spent_base        bigint not null default 0,
    first_order_at    timestamptz,
    last_order_at     timestamptz,
    reviews_count     bigint not null default 0,
    registered_at     timestamptz,
    last_activity_at  timestamptz not null,
    version           bigint not null default 1,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    -- The space in front lets a search for the beginning of a word use the trigram index.
    search            text generated always as
                      (lower(' ' || name || ' ' || email || ' ' || phone || ' ' || username)) stored,
    constraint customers_pkey primary key (realm_id, id),
    constraint customers_slug_key unique (realm_id, slug)
);
-- Services ask by id alone; ids are unique everywhere.
create unique index customers_id_key on customers (id);
create unique index customers_email_key on customers (realm_id, email_canonical) where email_identifies;
-- Staff look for an e-mail whether or not it identifies.
create index customers_email on customers (realm_id, email_canonical);
create unique index customers_phone_key on customers (realm_id, phone) where phone_verified_at is not null;
-- Lists: one index per order, what never happened counts as infinitely long ago.
create index customers_created_at on customers (realm_id, created_at desc, id desc);
create index customers_lifecycle on customers (realm_id, lifecycle, created_at desc, id desc);
create index customers_inactive on customers (realm_id, created_at desc, id desc) where status = 'inactive';
create index customers_name on customers (realm_id, lower(name), id);
create index customers_spent on customers (realm_id, spent_base, id);
create index customers_orders_count on customers (realm_id, orders_count, id);
create index customers_registered_at on customers (realm_id, coalesce(registered_at, '-infinity'), id);
create index customers_last_order_at on customers (realm_id, coalesce(last_order_at, '-infinity'), id);
create index customers_updated_at on customers (realm_id, updated_at, id);
-- Search: inverted indexes, read for rare terms only.
create index customers_search on customers using gin (search gin_trgm_ops);
create index customers_username on customers using gin ((' ' || lower(username)) gin_trgm_ops) where username <> '';
create index customers_tags on customers using gin (tags);

-- What one store of the realm knows of a customer: its own staff see these figures.
create table customer_stores (
    realm_id       uuid not null,
    store_id       uuid not null,
    customer_id    uuid not null,
    orders_count   bigint not null default 0,
    -- In the store's own currency.
    spent_base     bigint not null default 0,
    first_order_at timestamptz,
    last_order_at  timestamptz,
    reviews_count  bigint not null default 0,
    constraint customer_stores_pkey primary key (realm_id, store_id, customer_id),
    constraint customer_stores_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_stores_customer on customer_stores (realm_id, customer_id);
create index customer_stores_spent on customer_stores (realm_id, store_id, spent_base, customer_id);
create index customer_stores_orders_count on customer_stores (realm_id, store_id, orders_count, customer_id);
create index customer_stores_last_order_at
    on customer_stores (realm_id, store_id, coalesce(last_order_at, '-infinity'), customer_id);

-- Placed orders, each counted once however often and in whatever order its events arrive.
create table customer_orders (
    realm_id    uuid not null,
    order_id    uuid not null,
    customer_id uuid not null,
    store_id    uuid not null,
    number      text not null,
    placed_at   timestamptz not null,
    constraint customer_orders_pkey primary key (realm_id, order_id),
    constraint customer_orders_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_orders_customer on customer_orders (realm_id, customer_id);
create index customer_orders_number on customer_orders (realm_id, number);

-- Captured payments, each counted once.
create table customer_payments (
    realm_id       uuid not null,
    transaction_id uuid not null,
    customer_id    uuid not null,
    store_id       uuid not null,
    order_id       uuid not null,
    currency       text not null,
    amount         bigint not null,
    captured_at    timestamptz not null,
    constraint customer_payments_pkey primary key (realm_id, transaction_id),
    constraint customer_payments_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_payments_customer on customer_payments (realm_id, customer_id);

-- Money per customer, store and currency, in minor units.
create table customer_spend (
    realm_id     uuid not null,
    customer_id  uuid not null,
    store_id     uuid not null,
    currency     text not null,
    captured     bigint not null default 0,
    refunded     bigint not null default 0,
    -- Orders placed in this currency: what an average is of.
    orders_count bigint not null default 0,
    constraint customer_spend_pkey primary key (realm_id, customer_id, store_id, currency),
    constraint customer_spend_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);

-- Reviews, each counted while it is there; a deletion may be heard of first.
create table customer_reviews (
    realm_id    uuid not null,
    review_id   uuid not null,
    customer_id uuid not null,
    -- Where it was written; unknown while only its deletion is known.
    store_id    uuid,
    deleted     boolean not null,
    constraint customer_reviews_pkey primary key (realm_id, review_id),
    constraint customer_reviews_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_reviews_customer on customer_reviews (realm_id, customer_id);

-- The currency that a realm's and a store's totals are sorted in.
create table base_currencies (
    realm_id uuid not null,
    -- The realm itself, or one of its stores.
    owner_id uuid not null,
    currency text not null,
    constraint base_currencies_pkey primary key (realm_id, owner_id)
);
