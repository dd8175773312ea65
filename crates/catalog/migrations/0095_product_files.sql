-- Files that are sold and images that are shown (CA-1). Their bytes lie outside of the database.
create table product_files (
    store_id   uuid not null,
    id         uuid not null,
    product_id uuid not null,
    role       text not null constraint product_files_role check (role in ('file', 'image')),
    -- Its place among those of its role, 1 first.
    position   integer not null,
    name       text not null,
    media_type text not null,
    size       bigint not null constraint product_files_size check (size > 0),
    -- SHA-256 of the bytes.
    digest     bytea not null,
    -- Where the bytes lie: others in the place of these lie elsewhere.
    bytes_id   uuid not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint product_files_pkey primary key (store_id, id),
    constraint product_files_product foreign key (store_id, product_id) references products (store_id, id)
        on delete cascade
);
create index product_files_by_product on product_files (store_id, product_id, role, position);
-- An image is found by whoever knows its id.
create unique index product_files_id on product_files (id);

-- Bytes that belong to nobody: handed in and not taken yet, or left behind. They go when they are due.
create table loose_product_bytes (
    store_id uuid not null,
    bytes_id uuid not null,
    due_at   timestamptz not null,
    constraint loose_product_bytes_pkey primary key (store_id, bytes_id)
);
create index loose_product_bytes_due on loose_product_bytes (due_at);

-- How many downloads of each of its files a buyer has; 0 for any number (OR-9).
alter table products add column download_limit integer not null default 0
    constraint products_download_limit check (download_limit between 0 and 10000);
