-- Offers, which come by themselves, and vouchers, which come by code (CA-5).
create table promotions (
    store_id              uuid not null,
    id                    uuid not null,
    name                  text not null,
    -- In capitals; null of an offer.
    code                  text collate "C",
    -- Hundredths of a percent, or minor units.
    percent               integer,
    amount                bigint,
    currency              text not null,
    products              uuid[] not null,
    min_quantity          integer not null,
    minimum               bigint not null,
    starts_at             timestamptz,
    ends_at               timestamptz,
    active                boolean not null,
    alone                 boolean not null,
    position              integer not null,
    max_uses              integer,
    max_uses_per_customer integer,
    version               bigint not null default 1,
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    search                text not null generated always as (lower(name || ' ' || coalesce(code, ''))) stored,
    constraint promotions_pkey primary key (store_id, id),
    constraint promotions_code unique (store_id, code),
    constraint promotions_code_form check (code ~ '^[A-Z0-9_-]{3,40}$'),
    constraint promotions_cut check (
        (percent is null) <> (amount is null) and coalesce(percent between 1 and 10000, amount > 0)
    ),
    constraint promotions_currency check (currency ~ '^[A-Z]{3}$'),
    constraint promotions_thresholds check (min_quantity >= 0 and minimum >= 0),
    constraint promotions_dates check (starts_at < ends_at),
    constraint promotions_uses check (
        max_uses > 0 and max_uses_per_customer > 0
        and (code is not null or (max_uses is null and max_uses_per_customer is null))
    )
);
create index promotions_offers on promotions (store_id, id desc) where code is null;
create index promotions_vouchers on promotions (store_id, id desc) where code is not null;
create index promotions_search on promotions using gin (search gin_trgm_ops);
