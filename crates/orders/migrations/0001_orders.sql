-- Checkouts, orders, payments and the ledger. Keys lead with the realm, since a customer base may span stores.

-- One row per store that has sold something.
create table order_numbers (
    store_id uuid not null constraint order_numbers_pkey primary key,
    last     bigint not null
);

create table checkouts (
    realm_id    uuid not null,
    -- SHA-256 of the token; the token itself is known to its holder only.
    token_hash  bytea not null,
    store_id    uuid not null,
    cart_id     uuid not null,
    gateway     text not null constraint checkouts_gateway check (gateway in ('test', 'manual')),
    -- What was shown and will be charged.
    amount      bigint not null constraint checkouts_amount check (amount >= 0),
    currency    text not null,
    -- The signed-in customer who began it.
    customer_id uuid,
    -- Whether the contact's e-mail is that customer's own.
    own_contact boolean not null,
    contact     jsonb not null,
    -- Whether the token's holder gave the contact or may know it.
    reveals     boolean not null,
    created_at  timestamptz not null,
    constraint checkouts_pkey primary key (realm_id, token_hash)
);
-- Old checkouts are dropped across all stores.
create index checkouts_created_at on checkouts (created_at);

create table orders (
    realm_id          uuid not null,
    id                uuid not null,
    store_id          uuid not null,
    cart_id           uuid not null,
    customer_id       uuid not null,
    number            text collate "C" not null,
    status            text not null
        constraint orders_status check (status in ('pending', 'placed', 'completed', 'cancelled')),
    payment_status    text not null constraint orders_payment_status
        check (payment_status in ('pending', 'paid', 'partially_refunded', 'refunded', 'failed')),
    fulfilment_status text not null constraint orders_fulfilment_status
        check (fulfilment_status in ('unfulfilled', 'partial', 'fulfilled')),
    currency          text not null,
    subtotal          bigint not null,
    discount          bigint not null,
    shipping          bigint not null,
    tax               bigint not null,
    total             bigint not null,
    contact           jsonb not null,
    ip                text not null,
    user_agent        text not null,
    gateway           text not null,
    version           bigint not null,
    placed_at         timestamptz,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    constraint orders_pkey primary key (realm_id, id),
    -- One cart, one order (OR-1).
    constraint orders_cart unique (realm_id, cart_id),
    -- Unique in its store; in this order it also serves the search by number.
    constraint orders_number unique (realm_id, number, store_id),
    constraint orders_total check (total = subtotal - discount + shipping + tax and total >= 0),
    constraint orders_placed check ((status = 'pending') = (placed_at is null))
);
-- For services, which know an order by its id alone.
create unique index orders_id on orders (id);
create index orders_by_realm on orders (realm_id, placed_at desc, id desc) where placed_at is not null;
create index orders_by_store on orders (store_id, placed_at desc, id desc) where placed_at is not null;
create index orders_by_customer on orders (realm_id, customer_id, placed_at desc, id desc) where placed_at is not null;
create index orders_by_status on orders (realm_id, status, placed_at desc, id desc) where placed_at is not null;
create index orders_by_payment on orders (realm_id, payment_status, placed_at desc, id desc)
    where placed_at is not null;
create index orders_by_total on orders (realm_id, total) where placed_at is not null;

create table order_lines (
    realm_id   uuid not null,
    order_id   uuid not null,
    id         uuid not null,
    position   integer not null,
    product_id uuid not null,
    sku        text not null,
    name       text not null,
    quantity   integer not null constraint order_lines_quantity check (quantity > 0),
    price      bigint not null,
    subtotal   bigint not null,
    kind       text not null constraint order_lines_kind check (kind in ('physical', 'digital')),
    constraint order_lines_pkey primary key (realm_id, order_id, id),
    constraint order_lines_order foreign key (realm_id, order_id) references orders (realm_id, id),
    constraint order_lines_subtotal check (subtotal = price * quantity)
);

create table order_history (
    realm_id uuid not null,
    order_id uuid not null,
    position integer not null,
    status   text not null,
    -- Kind and id, such as 'customer cus_…'; never a name.
    actor    text not null,
    at       timestamptz not null,
    constraint order_history_pkey primary key (realm_id, order_id, position),
    constraint order_history_order foreign key (realm_id, order_id) references orders (realm_id, id)
);

create table payments (
    realm_id    uuid not null,
    id          uuid not null,
    store_id    uuid not null,
    order_id    uuid not null,
    -- Which attempt at the order this is, 1 first: times may be equal, and clocks of processes differ.
    attempt     integer not null default 1,
    gateway     text not null,
    method      text not null,
    amount      bigint not null,
    currency    text not null,
    state       text not null constraint payments_state
        check (state in ('started', 'redirected', 'accepted', 'captured', 'failed')),
    -- Why it failed: a slug and a sentence for the shopper.
    reason      text,
    message     text,
    -- Who takes it: kind and id.
    actor       text not null,
    ip          text not null,
    -- Until then whoever started it is at work; afterwards the reaper finishes it.
    lease_until timestamptz not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    constraint payments_pkey primary key (realm_id, id),
    constraint payments_attempt unique (realm_id, order_id, attempt),
    constraint payments_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
-- Never two payments of one order at work, nor two that came about.
create unique index payments_one_per_order on payments (realm_id, order_id) where state <> 'failed';
create unique index payments_id on payments (id);
-- The reaper looks across all stores.
create index payments_due on payments (lease_until) where state in ('started', 'redirected');

-- The ledger (OR-4). It holds no personal data: the network address stands in the payment.
create table transactions (
    realm_id    uuid not null,
    id          uuid not null,
    -- The order in which entries were made.
    position    bigint generated always as identity,
    store_id    uuid not null,
    order_id    uuid not null,
    payment_id  uuid,
    type        text not null
        constraint transactions_type check (type in ('authorization', 'capture', 'payment', 'refund', 'void')),
    status      text not null constraint transactions_status check (status in ('succeeded', 'failed')),
    amount      bigint not null,
    currency    text not null,
    gateway     text not null,
    reference   text not null,
    description text not null,
    created_at  timestamptz not null,
    constraint transactions_pkey primary key (realm_id, id),
    constraint transactions_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
create index transactions_by_order on transactions (realm_id, order_id, position);

create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only';
end
$$;
create trigger transactions_append_only before update or delete or truncate on transactions
    for each statement execute function ledger_is_append_only();

-- What the `test` gateway would know on its own side: one row per payment, decided once.
create table test_gateway_charges (
    store_id   uuid not null,
    -- The payment's id, which is what makes charging repeatable.
    payment_id uuid not null,
    state      text not null
        constraint test_gateway_charges_state check (state in ('waiting', 'charged', 'declined', 'voided')),
    amount     bigint not null,
    currency   text not null,
    created_at timestamptz not null default now(),
    constraint test_gateway_charges_pkey primary key (store_id, payment_id)
);
