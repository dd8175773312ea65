-- Open carts with something in them, as their events tell of them, each by its newest version, so that they may be heard of
-- late, twice and in any order (CU-4). A cart that is over stays known, so that what is told late does not open it again.
create table customer_carts (
    realm_id    uuid not null,
    cart_id     uuid not null,
    customer_id uuid not null,
    -- Of a network's cart the first line tells it.
    store_id    uuid,
    held        boolean not null,
    -- The cart's own, which tells what came later.
    version     bigint not null,
    constraint customer_carts_pkey primary key (realm_id, cart_id),
    constraint customer_carts_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_carts_customer on customer_carts (realm_id, customer_id) include (store_id, held);
