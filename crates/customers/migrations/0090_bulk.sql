-- Changes to many customers, as jobs (CU-8).
alter table jobs drop constraint jobs_kind_check;
alter table jobs add constraint jobs_kind_check check (kind in ('merge', 'erasure', 'bulk'));
-- How many of what is done could not be done.
alter table jobs add column refused bigint not null default 0;

create table bulk_changes (
    realm_id   uuid not null,
    job_id     uuid not null,
    action     text not null
               constraint bulk_changes_action_check check (action in ('tag', 'activate', 'inactivate', 'delete')),
    -- Tags to add and to take away.
    added      text[] not null,
    removed    text[] not null,
    -- Why, as long as the job lasts.
    reason     text not null,
    -- Who asked for it, with what they might do then, and in which request; as long as the job lasts.
    asker      jsonb,
    -- How often it was taken up since it last got on.
    attempts   integer not null default 0,
    -- When it is to be taken up (again); absent when it has ended.
    due_at     timestamptz,
    -- When it is dropped with its report.
    forget_at  timestamptz,
    constraint bulk_changes_pkey primary key (realm_id, job_id),
    constraint bulk_changes_job_fkey foreign key (realm_id, job_id) references jobs (realm_id, id) on delete cascade
);
create index bulk_changes_due on bulk_changes (due_at) where due_at is not null;
create index bulk_changes_forgotten on bulk_changes (forget_at) where forget_at is not null;
create index bulk_changes_waiting on bulk_changes (realm_id) where due_at is not null;

-- Whom a change concerns, from its beginning on.
create table bulk_targets (
    realm_id    uuid not null,
    job_id      uuid not null,
    customer_id uuid not null,
    -- Why it could not be done, a slug; empty when it was; absent while nobody has tried.
    outcome     text,
    constraint bulk_targets_pkey primary key (realm_id, job_id, customer_id),
    constraint bulk_targets_change_fkey foreign key (realm_id, job_id) references bulk_changes (realm_id, job_id)
        on delete cascade
);
create index bulk_targets_waiting on bulk_targets (realm_id, job_id, customer_id) where outcome is null;
create index bulk_targets_refused on bulk_targets (realm_id, job_id, customer_id) where outcome <> '';
create index bulk_targets_customer on bulk_targets (realm_id, customer_id);
