-- Subscriptions as their events tell of them, each by its newest version, so that they may be heard of late, twice and in
-- any order (CU-4). Whose it is says the record; how many somebody has is counted when it is asked for.
create table customer_subscriptions (
    realm_id        uuid not null,
    subscription_id uuid not null,
    customer_id     uuid not null,
    store_id        uuid not null,
    product_id      uuid not null,
    status          text not null constraint customer_subscriptions_status_check
                    check (status in ('active', 'past_due', 'paused', 'cancelled', 'expired')),
    -- The subscription's own, which tells what came later.
    version         bigint not null,
    constraint customer_subscriptions_pkey primary key (realm_id, subscription_id),
    constraint customer_subscriptions_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_subscriptions_customer on customer_subscriptions (realm_id, customer_id);
-- Lists are narrowed down by it (CU-5), in a realm or in one store of it.
create index customer_subscriptions_status on customer_subscriptions (realm_id, status, store_id, customer_id);
