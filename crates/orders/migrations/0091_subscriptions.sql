-- Subscriptions (OR-7): what of a line of an order is paid for again, and what happened to each.
create table subscriptions (
    realm_id      uuid not null,
    id            uuid not null,
    store_id      uuid not null,
    customer_id   uuid not null,
    -- The line of an order that it began with.
    order_id      uuid not null,
    line_id       uuid not null,
    product_id    uuid not null,
    sku           text not null,
    name          text not null,
    kind          text not null,
    package       text not null,
    quantity      integer not null constraint subscriptions_quantity check (quantity > 0),
    currency      text not null,
    -- {"plan", "interval", "count", "price"}: what was agreed, and what is as of the next renewal.
    terms         jsonb not null,
    next_terms    jsonb,
    -- {"id", "name"} of what is renewed.
    target        jsonb,
    gateway       text not null,
    -- The gateway's own name for what is charged; never the number of a card.
    method        text not null,
    state         text not null constraint subscriptions_state
        check (state in ('active', 'past_due', 'paused', 'leaving', 'ended', 'expired')),
    -- As the API writes it.
    status        text not null
        generated always as (case when state in ('leaving', 'ended') then 'cancelled' else state end) stored,
    -- What periods are counted from, by which clock on the wall, and how far they are counted.
    anchor_at     timestamptz not null,
    zone          text not null,
    turn          integer not null,
    -- How many renewals there were.
    cycle         integer not null,
    starts_at     timestamptz not null,
    renews_at     timestamptz not null,
    trial_ends_at timestamptz,
    noticed       boolean not null,
    failures      integer not null,
    retry_at      timestamptz,
    -- When the next attempt is due by itself; somebody may have asked for one before.
    attempt_at    timestamptz,
    -- The order of the renewal that is being charged, and of that which is due once it was tried.
    charging_id   uuid,
    draft_id      uuid,
    -- Why it was paused or cancelled last.
    reason        text not null,
    cancelled_at  timestamptz,
    ended_at      timestamptz,
    version       bigint not null,
    -- When there is something to be done with it; whoever takes it over moves this by a lease.
    look_at       timestamptz,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    constraint subscriptions_pkey primary key (realm_id, id),
    -- One line, one subscription.
    constraint subscriptions_line unique (realm_id, order_id, line_id),
    constraint subscriptions_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
-- For services, which know one by its id alone.
create unique index subscriptions_id on subscriptions (id);
create index subscriptions_by_realm on subscriptions (realm_id, created_at desc, id desc);
create index subscriptions_by_store on subscriptions (store_id, created_at desc, id desc);
create index subscriptions_by_customer on subscriptions (realm_id, customer_id, created_at desc, id desc);
create index subscriptions_by_status on subscriptions (realm_id, status, created_at desc, id desc);
create index subscriptions_by_product on subscriptions (realm_id, product_id, created_at desc, id desc);
create index subscriptions_by_renewal on subscriptions (realm_id, renews_at);
-- The scheduler looks across all stores.
create index subscriptions_due on subscriptions (look_at) where look_at is not null;

create table subscription_history (
    realm_id        uuid not null,
    subscription_id uuid not null,
    position        integer not null,
    kind            text not null,
    status          text not null,
    -- Kind and id; never a name.
    actor           text not null,
    -- Who really acted, kind and id, where the actor was acted for; empty otherwise.
    impersonator    text not null,
    at              timestamptz not null,
    constraint subscription_history_pkey primary key (realm_id, subscription_id, position),
    constraint subscription_history_subscription foreign key (realm_id, subscription_id)
        references subscriptions (realm_id, id)
);

-- Subscriptions follow customers that were merged (CU-13).
create trigger subscriptions_of_new before insert on subscriptions for each row execute function follow_merge();
create trigger subscriptions_of_changed before update of customer_id on subscriptions
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();

-- Which renewal of which subscription an order is. Such an order came of no cart: its own id stands in for one.
alter table orders
    add column subscription_id    uuid,
    add column subscription_cycle integer;
