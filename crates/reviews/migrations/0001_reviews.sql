-- What customers say about products and stores (RE-1), and what they bought, which makes a review verified (RE-6).

create table reviews (
    realm_id         uuid not null,
    id               uuid not null,
    -- Where it was written.
    store_id         uuid not null,
    subject_kind     text not null constraint reviews_subject_kind check (subject_kind in ('product', 'store')),
    subject_id       uuid not null,
    -- The store that is reviewed, or that sells what is reviewed; its staff moderate.
    subject_store_id uuid not null,
    author_id        uuid not null,
    -- First name and initial, as it was when the review was written.
    author_name      text not null,
    rating           smallint not null constraint reviews_rating check (rating between 1 and 5),
    content          text not null,
    version          bigint not null default 1,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    constraint reviews_pkey primary key (realm_id, id),
    constraint reviews_one_per_author unique (realm_id, author_id, subject_kind, subject_id)
);
-- With the rating, so that ratings are counted in the index alone.
create index reviews_by_subject on reviews (realm_id, subject_kind, subject_id, created_at desc, id desc)
    include (rating);
create index reviews_highest on reviews (realm_id, subject_kind, subject_id, rating desc, created_at desc, id desc);
create index reviews_lowest on reviews (realm_id, subject_kind, subject_id, rating, created_at desc, id desc);
create index reviews_by_store on reviews (realm_id, subject_store_id, created_at desc, id desc);
create index reviews_newest on reviews (realm_id, created_at desc, id desc);

-- Who bought which product, and in which store.
create table purchases (
    realm_id     uuid not null,
    customer_id  uuid not null,
    subject_kind text not null constraint purchases_subject_kind check (subject_kind in ('product', 'store')),
    subject_id   uuid not null,
    constraint purchases_pkey primary key (realm_id, customer_id, subject_kind, subject_id)
);
