-- What every service's schema has beside its own tables: events out, events in, idempotency keys.

create table outbox (
    id           bigint generated always as identity primary key,
    event_id     uuid not null,
    subject      text not null,
    payload      bytea not null,
    headers      jsonb not null default '{}',
    created_at   timestamptz not null default now(),
    published_at timestamptz,
    -- Where the broker put it; compared with the stream to notice a broker that lost its disk.
    stream_seq   bigint
);
create index outbox_waiting on outbox (id) where published_at is null;
create index outbox_stream_seq on outbox (stream_seq) where stream_seq is not null;
create index outbox_published_at on outbox (published_at) where published_at is not null;

create table inbox (
    event_id   uuid primary key,
    applied_at timestamptz not null default now()
);
create index inbox_applied_at on inbox (applied_at);

create table dead_letters (
    event_id  uuid primary key,
    subject   text not null,
    payload   bytea not null,
    headers   jsonb not null default '{}',
    error     text not null,
    failed_at timestamptz not null default now(),
    replay    boolean not null default false
);

create table idempotency_keys (
    caller      text not null,
    key         text not null,
    fingerprint text not null,
    -- The encoded answer, sealed.
    answer      bytea not null,
    created_at  timestamptz not null default now(),
    primary key (caller, key)
);
create index idempotency_keys_created_at on idempotency_keys (created_at);
