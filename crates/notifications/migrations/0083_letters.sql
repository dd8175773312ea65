-- What staff write themselves (NO-6): to one customer, or as a campaign to many; and addresses that came back (NO-4).
alter table messages
    add column purpose text not null default 'service'
        constraint messages_purpose check (purpose in ('service', 'marketing')),
    add column campaign_id uuid;

create table campaigns (
    realm_id    uuid not null,
    id          uuid not null,
    store_id    uuid not null,
    name        text not null,
    channel     text not null constraint campaigns_channel check (channel in ('email', 'sms')),
    purpose     text not null constraint campaigns_purpose check (purpose in ('service', 'marketing')),
    subject     text not null,
    text        text not null,
    segment_id  uuid,
    -- To whom, a filter as it was settled; forgotten when the campaign ends.
    filter      bytea,
    state       text not null
                constraint campaigns_state check (state in ('queued', 'sending', 'done', 'cancelled', 'failed')),
    failure     text not null default '',
    -- How many the filter found when it was begun, and how many of them were looked at.
    found       bigint not null,
    looked_at   bigint not null default 0,
    -- How many of those were not to be written to.
    inactive    bigint not null default 0,
    no_address  bigint not null default 0,
    no_consent  bigint not null default 0,
    -- What became of its messages, once it is done: they may be many to count.
    tally       jsonb not null default '[]',
    -- The last who was looked at, and whether nobody is left.
    after_id    uuid,
    is_listed   boolean not null default false,
    send_at     timestamptz not null,
    due_at      timestamptz,
    attempts    integer not null default 0,
    created_by  text not null,
    created_at  timestamptz not null,
    ended_at    timestamptz,
    constraint campaigns_pkey primary key (realm_id, id),
    constraint campaigns_due check ((state in ('queued', 'sending')) = (due_at is not null))
);
create index campaigns_newest on campaigns (realm_id, created_at desc, id desc);
create index campaigns_by_store on campaigns (realm_id, store_id, created_at desc, id desc);
create index campaigns_next on campaigns (due_at) where due_at is not null;

create table suppressions (
    realm_id    uuid not null,
    id          uuid not null,
    channel     text not null constraint suppressions_channel check (channel in ('email', 'sms')),
    -- In lower case.
    recipient   text not null,
    customer_id uuid,
    -- Whose message came back.
    store_id    uuid not null,
    cause       text not null,
    message_id  uuid not null,
    created_at  timestamptz not null,
    constraint suppressions_pkey primary key (realm_id, id),
    constraint suppressions_recipient unique (realm_id, channel, recipient)
);
create index suppressions_newest on suppressions (realm_id, created_at desc, id desc);
create index suppressions_by_customer on suppressions (realm_id, customer_id);
-- They follow customers that were merged (CU-13).
create trigger suppressions_of_new before insert on suppressions
    for each row when (new.customer_id is not null) execute function follow_merge();
