-- Addresses that are told of what happens (NO-5), and what is on its way to them.
--
-- A webhook is of a store or of a network. A realm has the UUID of its network, or of the store that is in none, so that a
-- place that is a realm hears of the whole of it.

create table webhooks (
    place_id        uuid not null,
    id              uuid not null,
    is_network      boolean not null,
    -- Customer base the place was in when the webhook was last changed.
    realm_id        uuid not null,
    url             text not null,
    description     text not null,
    -- None for all.
    events          text[] not null,
    -- Why nothing is sent; none while it is.
    disabled_reason text constraint webhooks_disabled_reason check (disabled_reason in ('paused', 'gone', 'failing')),
    -- Since when every attempt fails.
    failing_since   timestamptz,
    -- Whether the owners are still to be told that it was switched off.
    tell_owners     boolean not null default false,
    -- Sealed: events are signed with them.
    secret          bytea not null,
    former_secret   bytea,
    former_until    timestamptz,
    created_by      text not null,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    version         bigint not null default 1,
    -- What waits for it is taken away bit by bit.
    deleted_at      timestamptz,
    constraint webhooks_pkey primary key (place_id, id),
    constraint webhooks_id_key unique (id),
    constraint webhooks_former check ((former_secret is null) = (former_until is null))
);
create index webhooks_realm on webhooks (realm_id) where disabled_reason is null and deleted_at is null;
create index webhooks_untold on webhooks (id) where tell_owners;
create index webhooks_idle on webhooks (id) where disabled_reason is not null or deleted_at is not null;

-- What is told, once for all webhooks.
create table hook_events (
    id         uuid not null,
    realm_id   uuid not null,
    name       text not null,
    -- As it is sent: ids, amounts and states, nothing personal.
    body       text not null,
    created_at timestamptz not null,
    constraint hook_events_pkey primary key (id)
);
create index hook_events_old on hook_events (created_at);

create table hook_deliveries (
    webhook_id      uuid not null,
    id              uuid not null,
    event_id        uuid not null constraint hook_deliveries_event references hook_events (id),
    name            text not null,
    state           text not null constraint hook_deliveries_state check (state in ('pending', 'delivered', 'failed')),
    -- Since it was last asked for.
    attempts        integer not null default 0,
    next_attempt_at timestamptz,
    -- Whom the store has to know before it is told, until that is certain.
    unproved        uuid,
    created_at      timestamptz not null,
    settled_at      timestamptz,
    status          integer,
    error           text,
    constraint hook_deliveries_pkey primary key (webhook_id, id),
    constraint hook_deliveries_webhook foreign key (webhook_id) references webhooks (id),
    -- An event is told once to each, however often it comes.
    constraint hook_deliveries_once unique (webhook_id, event_id),
    constraint hook_deliveries_pending check ((state = 'pending') = (next_attempt_at is not null)),
    constraint hook_deliveries_settled check ((state = 'pending') = (settled_at is null))
);
create index hook_deliveries_newest on hook_deliveries (webhook_id, created_at desc, id desc);
create index hook_deliveries_by_state on hook_deliveries (webhook_id, state, created_at desc, id desc);
create index hook_deliveries_by_name on hook_deliveries (webhook_id, name, created_at desc, id desc);
create index hook_deliveries_due on hook_deliveries (webhook_id, next_attempt_at) where state = 'pending';
create index hook_deliveries_of_event on hook_deliveries (event_id);
create index hook_deliveries_old on hook_deliveries (created_at) where state <> 'pending';

create table hook_attempts (
    webhook_id  uuid not null,
    delivery_id uuid not null,
    id          bigint generated always as identity,
    at          timestamptz not null,
    status      integer,
    ms          integer not null,
    error       text,
    constraint hook_attempts_pkey primary key (webhook_id, delivery_id, id),
    constraint hook_attempts_delivery foreign key (webhook_id, delivery_id)
        references hook_deliveries (webhook_id, id) on delete cascade
);
