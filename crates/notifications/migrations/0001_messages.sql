-- The log of everything sent to people (NO-1), which is at the same time the queue of what is still to be sent.

create table messages (
    realm_id        uuid not null,
    id              uuid not null,
    store_id        uuid not null,
    customer_id     uuid,
    channel         text not null constraint messages_channel check (channel in ('email', 'sms', 'push')),
    template        text not null,
    -- What the message is about, such as an order; its recipient and contents are fetched when it is sent.
    reference       text,
    -- Address, number or device; unknown until the message is sent when it follows from the reference.
    recipient       text,
    -- As they were sent, with secrets masked; empty until then.
    subject         text not null default '',
    content         text not null default '',
    -- Values for the template.
    data            jsonb not null default '{}',
    -- Codes and links, sealed; dropped as soon as the message is settled (ID-6).
    secrets         bytea,
    status          text not null constraint messages_status
                    check (status in ('queued', 'sent', 'delivered', 'bounced', 'failed')),
    -- Why it was given up, a slug.
    failure         text,
    attempts        integer not null default 0,
    next_attempt_at timestamptz,
    created_at      timestamptz not null,
    constraint messages_pkey primary key (realm_id, id),
    -- One confirmation per order, however often its event comes.
    constraint messages_reference unique (realm_id, template, reference),
    constraint messages_queued check ((status = 'queued') = (next_attempt_at is not null))
);
create index messages_newest on messages (realm_id, created_at desc, id desc);
create index messages_by_customer on messages (realm_id, customer_id, created_at desc, id desc);
create index messages_by_store on messages (realm_id, store_id, created_at desc, id desc);
create index messages_by_status on messages (realm_id, status, created_at desc, id desc);
-- The queue is one for all tenants: whoever has waited longest comes first.
create index messages_due on messages (next_attempt_at) where status = 'queued';

create table message_events (
    realm_id   uuid not null,
    message_id uuid not null,
    id         bigint generated always as identity,
    status     text not null,
    at         timestamptz not null,
    constraint message_events_pkey primary key (realm_id, message_id, id),
    constraint message_events_message foreign key (realm_id, message_id) references messages (realm_id, id) on delete cascade
);
