-- Lists as files (EX-1 to EX-3).
create table exports (
    realm_id   uuid not null,
    id         uuid not null,
    -- The store of a network whose customers are meant; absent for the whole customer base.
    store_id   uuid,
    kind       text not null constraint exports_kind_check check (kind in ('customers', 'leads')),
    format     text not null constraint exports_format_check check (format in ('csv', 'xlsx', 'html')),
    search     text not null,
    -- The tree as the contract has it, with what its segments asked for at that time in their place.
    filter     bytea,
    columns    text[] not null,
    -- Whether whoever asked for it sees personal fields.
    pii        boolean not null,
    state      text not null
               constraint exports_state_check check (state in ('queued', 'running', 'succeeded', 'failed')),
    done       bigint not null default 0,
    total      bigint not null default 0,
    failure    text not null default '',
    -- Who has taken it up writes only while nobody else has since.
    attempts   integer not null default 0,
    -- When it is to be taken up (again); absent when it has ended.
    due_at     timestamptz,
    -- Where the file lies; empty without one.
    file       text not null default '',
    size       bigint not null default 0,
    created_by text not null,
    created_at timestamptz not null,
    ended_at   timestamptz,
    expires_at timestamptz,
    constraint exports_pkey primary key (realm_id, id),
    constraint exports_due_check check ((due_at is null) = (state in ('succeeded', 'failed')))
);
create index exports_due on exports (due_at) where due_at is not null;
create index exports_files on exports (expires_at) where file <> '';
create index exports_creator on exports (realm_id, created_by, id desc);
-- Files are withdrawn when somebody in them may have been forgotten since.
create index customer_keys_destroyed on customer_keys (realm_id, destroyed_at) where destroyed_at is not null;
