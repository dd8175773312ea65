-- Links to files of products (OR-9), and each time that one was used.
create table downloads (
    realm_id    uuid not null,
    id          uuid not null,
    store_id    uuid not null,
    customer_id uuid not null,
    product_id  uuid not null,
    file_id     uuid not null,
    file_name   text not null,
    -- Who made it: kind and id.
    made_by     text not null,
    most_uses   integer not null constraint downloads_most_uses check (most_uses between 1 and 1000),
    used        integer not null default 0,
    expires_at  timestamptz not null,
    created_at  timestamptz not null,
    constraint downloads_pkey primary key (realm_id, id),
    constraint downloads_used check (used between 0 and most_uses)
);
create unique index downloads_id on downloads (id);
create index downloads_by_customer on downloads (realm_id, customer_id, created_at);
create trigger downloads_of_new before insert on downloads for each row execute function follow_merge();
create trigger downloads_of_changed before update of customer_id on downloads
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();

-- A download: somebody at one address who reads a file within an hour, at once or in parts.
create table download_uses (
    realm_id    uuid not null,
    position    bigint generated always as identity,
    download_id uuid not null,
    store_id    uuid not null,
    customer_id uuid not null,
    product_id  uuid not null,
    file_id     uuid not null,
    file_name   text not null,
    ip          text not null,
    user_agent  text not null,
    requests    integer not null,
    -- How many bytes were asked for.
    bytes       bigint not null,
    started_at  timestamptz not null,
    last_at     timestamptz not null,
    constraint download_uses_pkey primary key (realm_id, position)
);
create index download_uses_by_customer on download_uses (realm_id, customer_id, started_at desc, position desc);
create index download_uses_by_download on download_uses (realm_id, download_id, position);
create index download_uses_by_product on download_uses (realm_id, product_id, started_at);
create trigger download_uses_of_new before insert on download_uses for each row execute function follow_merge();
create trigger download_uses_of_changed before update of customer_id on download_uses
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();
