-- What staff do with orders (OR-2, OR-5): notes and tags, recorded changes, shipments, refunds, and entries of the ledger
-- made by hand.
alter table orders
    -- Staff's own words about the order; its customer never sees them, nor the tags.
    add column note text   not null default '',
    add column tags text[] not null default '{}';

alter table order_lines
    -- How many have left the house, and how many were taken back or are being so.
    add column fulfilled integer not null default 0,
    add column refunded  integer not null default 0,
    add constraint order_lines_fulfilled check (fulfilled between 0 and quantity),
    add constraint order_lines_refunded check (refunded between 0 and quantity);

alter table order_history
    add column kind text not null default 'status' constraint order_history_kind
        check (kind in ('status', 'edited', 'payment', 'refund', 'shipment', 'cancelled')),
    -- Who really acted, kind and id, where the actor was acted for; empty otherwise.
    add column impersonator text not null default '',
    -- Of an edit: [{"field", "before", "after"}].
    add column changes jsonb;

create table shipments (
    realm_id   uuid not null,
    id         uuid not null,
    order_id   uuid not null,
    -- Which shipment of the order this is, 1 first.
    position   integer not null,
    carrier    text not null,
    number     text not null,
    url        text not null,
    -- [{"line", "quantity"}].
    lines      jsonb not null,
    actor      text not null,
    created_at timestamptz not null,
    constraint shipments_pkey primary key (realm_id, id),
    constraint shipments_position unique (realm_id, order_id, position),
    constraint shipments_order foreign key (realm_id, order_id) references orders (realm_id, id)
);

create table refunds (
    realm_id    uuid not null,
    -- Also the idempotency key of its gateway.
    id          uuid not null,
    store_id    uuid not null,
    order_id    uuid not null,
    -- The payment that is given back; none where the money came outside of any gateway.
    payment_id  uuid,
    gateway     text not null,
    method      text not null,
    amount      bigint not null constraint refunds_amount check (amount >= 0),
    currency    text not null,
    -- How much of it is for shipping.
    shipping    bigint not null constraint refunds_shipping check (shipping >= 0),
    -- [{"line", "product", "quantity", "amount"}].
    lines       jsonb not null,
    state       text not null constraint refunds_state check (state in ('started', 'succeeded', 'failed')),
    -- Why, in the words of whoever did it.
    reason      text not null,
    -- Why it failed: a slug and a sentence for staff.
    failure     text,
    message     text,
    notify      boolean not null,
    actor       text not null,
    impersonator text not null,
    -- Until then whoever started it is at work; afterwards the reaper finishes it.
    lease_until timestamptz not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    constraint refunds_pkey primary key (realm_id, id),
    constraint refunds_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
create index refunds_by_order on refunds (realm_id, order_id, created_at);
-- The reaper looks across all stores.
create index refunds_due on refunds (lease_until) where state = 'started';

-- What staff say of an entry of the ledger that they made. It is kept apart, since the ledger never changes and this goes
-- with an erasure.
create table manual_entries (
    realm_id       uuid not null,
    transaction_id uuid not null,
    order_id       uuid not null,
    method         text not null,
    reason         text not null,
    actor          text not null,
    ip             text not null,
    created_at     timestamptz not null,
    constraint manual_entries_pkey primary key (realm_id, transaction_id),
    constraint manual_entries_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
create index manual_entries_by_order on manual_entries (realm_id, order_id);

-- Whoever runs the service may add to the ledger and read it, and nothing else: not even the owner of the table.
revoke update, delete, truncate on transactions from public, current_user;

-- What the `test` gateway would know on its own side: one row per refund, decided once.
create table test_gateway_refunds (
    store_id   uuid not null,
    refund_id  uuid not null,
    payment_id uuid not null,
    state      text not null constraint test_gateway_refunds_state check (state in ('returned', 'refused')),
    amount     bigint not null,
    currency   text not null,
    created_at timestamptz not null default now(),
    constraint test_gateway_refunds_pkey primary key (store_id, refund_id)
);
