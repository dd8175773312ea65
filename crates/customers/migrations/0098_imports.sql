-- Customers out of files.
create table imports (
    realm_id   uuid not null,
    id         uuid not null,
    -- The store of a network it was uploaded in; absent for the whole customer base.
    store_id   uuid,
    state      text not null
               constraint imports_state_check check (state in ('uploaded', 'checking', 'checked', 'running', 'succeeded',
                                                               'failed', 'cancelled')),
    -- Headings, and what each column is; empty where it is left out.
    columns    text[] not null,
    fields     text[] not null,
    empty      text not null constraint imports_empty_check check (empty in ('leave', 'clear')),
    country    text not null,
    tags       text[] not null,
    encoding   text not null,
    delimiter  text not null,
    rows       bigint not null,
    done       bigint not null default 0,
    created    bigint not null default 0,
    changed    bigint not null default 0,
    unchanged  bigint not null default 0,
    refused    bigint not null default 0,
    superseded bigint not null default 0,
    warnings   bigint not null default 0,
    -- Where the first row begins, and the next one that nobody has seen to: byte and line.
    first_byte bigint not null,
    first_line bigint not null,
    next_byte  bigint not null,
    next_line  bigint not null,
    failure    text not null default '',
    -- Who started it, while it runs.
    started_by text not null default '',
    -- How often it was taken up since it last got on.
    attempts   integer not null default 0,
    -- When it is to be taken up (again); absent while nothing is to be done.
    due_at     timestamptz,
    -- Where the file lies; empty without one.
    file       text not null,
    size       bigint not null,
    version    bigint not null default 1,
    created_by text not null,
    created_at timestamptz not null,
    ended_at   timestamptz,
    expires_at timestamptz not null,
    -- When it is dropped with its report.
    forget_at  timestamptz,
    constraint imports_pkey primary key (realm_id, id),
    constraint imports_due_check check ((due_at is not null) = (state in ('checking', 'running'))),
    constraint imports_ended_check check ((ended_at is not null) = (state in ('succeeded', 'failed', 'cancelled')))
);
create index imports_due on imports (due_at) where due_at is not null;
create index imports_files on imports (expires_at) where file <> '';
create index imports_forgotten on imports (forget_at) where forget_at is not null;

-- What is wrong with cells. Never what they hold.
create table import_faults (
    realm_id  uuid not null,
    import_id uuid not null,
    line      bigint not null,
    -- Number of the column, the first is 1; 0 for the whole line.
    place     integer not null,
    code      text not null,
    refuses   boolean not null,
    constraint import_faults_pkey primary key (realm_id, import_id, line, place, code),
    constraint import_faults_import_fkey foreign key (realm_id, import_id) references imports (realm_id, id)
        on delete cascade
);

-- What became of each line.
create table import_lines (
    realm_id    uuid not null,
    import_id   uuid not null,
    line        bigint not null,
    customer_id uuid,
    outcome     text not null
                constraint import_lines_outcome_check
                check (outcome in ('created', 'changed', 'unchanged', 'refused', 'superseded')),
    -- Why it was refused, a slug.
    reason      text not null,
    constraint import_lines_pkey primary key (realm_id, import_id, line),
    constraint import_lines_import_fkey foreign key (realm_id, import_id) references imports (realm_id, id)
        on delete cascade
);
create index import_lines_customer on import_lines (realm_id, customer_id) where customer_id is not null;
