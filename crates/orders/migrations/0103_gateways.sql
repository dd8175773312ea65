-- Payment gateways of a store (OR-3), and what `stripe` knows of the payments it is asked to take.
alter table checkouts
    drop constraint checkouts_gateway,
    add constraint checkouts_gateway check (gateway in ('test', 'manual', 'stripe')) not valid;

-- One row per gateway of a store that somebody has set up; the others are as they are by default.
create table gateway_settings (
    store_id        uuid not null,
    gateway         text not null constraint gateway_settings_gateway check (gateway in ('test', 'manual', 'stripe')),
    enabled         boolean not null,
    -- Whether its keys move real money.
    live            boolean not null default false,
    -- What shop fronts may show to anybody.
    publishable_key text not null,
    -- Sealed, and never told again; of the key its last letters are shown.
    secret_key      bytea,
    key_ending      text not null,
    webhook_secret  bytea,
    version         bigint not null,
    updated_by      text not null,
    updated_at      timestamptz not null,
    constraint gateway_settings_pkey primary key (store_id, gateway)
);

-- What Stripe calls a payment. It is written before any money may move, so that a payment that nothing was heard of can be
-- looked up; one that was voided before that has no name and gets none any more.
create table stripe_payments (
    store_id      uuid not null,
    payment_id    uuid not null,
    -- Stripe's own page, where it is taken there.
    session       text,
    -- The PaymentIntent; of a page it is known once somebody pays there.
    intent        text,
    voided        boolean not null default false,
    -- Where the shopper goes, or what Stripe.js goes on with (sealed); while it waits.
    page          text not null default '',
    client_secret bytea,
    -- When Stripe was asked last because a shopper came back.
    asked_at      timestamptz,
    created_at    timestamptz not null,
    constraint stripe_payments_pkey primary key (store_id, payment_id)
);
create index stripe_payments_by_intent on stripe_payments (store_id, intent) where intent is not null;
create index stripe_payments_by_session on stripe_payments (store_id, session) where session is not null;

-- Which of Stripe's own customers a payment method belongs to, so that it can be charged again. It says nothing of who that
-- is: Stripe is told no name and no address.
create table stripe_methods (
    store_id        uuid not null,
    method          text not null,
    stripe_customer text not null,
    created_at      timestamptz not null,
    constraint stripe_methods_pkey primary key (store_id, method)
);

-- Events that were taken in. One that comes again is known by its id.
create table stripe_events (
    store_id   uuid not null,
    id         text not null,
    created_at timestamptz not null,
    constraint stripe_events_pkey primary key (store_id, id)
);
create index stripe_events_old on stripe_events (created_at);

-- A payment that its owner's bank took back for the time being.
alter table order_history
    drop constraint order_history_kind,
    add constraint order_history_kind
        check (kind in ('status', 'edited', 'payment', 'refund', 'shipment', 'cancelled', 'disputed')) not valid;
