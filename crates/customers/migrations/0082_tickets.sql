-- Support tickets (ST-1 to ST-3). They outlive an erasure as a shell without words, so that nothing of them hangs on the
-- record of the customer.
create table tickets (
    realm_id    uuid not null,
    id          uuid not null,
    store_id    uuid not null,
    number      bigint not null,
    customer_id uuid not null,
    subject     text not null,
    status      text not null
                constraint tickets_status_check check (status in ('new', 'open', 'pending', 'solved', 'closed')),
    priority    text not null constraint tickets_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
    assignee_id uuid,
    channel     text not null constraint tickets_channel_check check (channel in ('portal', 'api', 'staff')),
    order_id    uuid,
    products    uuid[] not null default '{}',
    tags        text[] not null default '{}',
    -- The closed ticket that it goes on from.
    follows_id  uuid,
    version     bigint not null default 1,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    solved_at   timestamptz,
    closes_at   timestamptz,
    constraint tickets_pkey primary key (realm_id, id),
    constraint tickets_number_key unique (realm_id, store_id, number),
    constraint tickets_closes_check check ((closes_at is not null) = (status = 'solved'))
);
-- Lists: by the last change or the age, of a whole customer base or of one store, all or those of one status.
create index tickets_changed on tickets (realm_id, updated_at desc, id desc);
create index tickets_of_status on tickets (realm_id, status, updated_at desc, id desc);
create index tickets_of_store on tickets (realm_id, store_id, updated_at desc, id desc);
create index tickets_of_store_and_status on tickets (realm_id, store_id, status, updated_at desc, id desc);
-- What waits for the staff is little beside what is over.
create index tickets_waiting on tickets (realm_id, updated_at desc, id desc) where status in ('new', 'open');
create index tickets_of_store_by_age on tickets (realm_id, store_id, id desc);
create index tickets_of_assignee on tickets (realm_id, assignee_id, updated_at desc, id desc);
create index tickets_of_customer on tickets (realm_id, customer_id, id desc);
create index tickets_following on tickets (realm_id, follows_id, id desc) where follows_id is not null;
create index tickets_tagged on tickets using gin (tags);
create index tickets_subject on tickets using gin ((' ' || lower(subject)) gin_trgm_ops);
-- What is to be closed.
create index tickets_closing on tickets (closes_at) where closes_at is not null;

-- The last number of each store.
create table ticket_numbers (
    realm_id uuid not null,
    store_id uuid not null,
    last     bigint not null,
    constraint ticket_numbers_pkey primary key (realm_id, store_id)
);

-- What customers and staff say to each other.
create table ticket_comments (
    realm_id    uuid not null,
    id          uuid not null,
    ticket_id   uuid not null,
    by_customer boolean not null,
    -- `cus_…`, `stf_…` or `akey_…`, and the name of a member of the staff at that time.
    author      text not null,
    written_by  text not null,
    text        text not null,
    created_at  timestamptz not null,
    constraint ticket_comments_pkey primary key (realm_id, id),
    constraint ticket_comments_ticket_fkey foreign key (realm_id, ticket_id) references tickets (realm_id, id)
);
create index ticket_comments_ticket on ticket_comments (realm_id, ticket_id, id);
create index ticket_comments_text on ticket_comments using gin ((' ' || lower(text)) gin_trgm_ops);

-- What staff note among themselves: in a table of its own, which nothing reads that a customer asks for.
create table ticket_notes (
    realm_id   uuid not null,
    id         uuid not null,
    ticket_id  uuid not null,
    author     text not null,
    written_by text not null,
    text       text not null,
    created_at timestamptz not null,
    constraint ticket_notes_pkey primary key (realm_id, id),
    constraint ticket_notes_ticket_fkey foreign key (realm_id, ticket_id) references tickets (realm_id, id)
);
create index ticket_notes_ticket on ticket_notes (realm_id, ticket_id, id);
create index ticket_notes_text on ticket_notes using gin ((' ' || lower(text)) gin_trgm_ops);
