-- Work that takes longer than a request.
create table jobs (
    realm_id    uuid not null,
    id          uuid not null,
    kind        text not null constraint jobs_kind_check check (kind in ('merge', 'erasure')),
    state       text not null
                constraint jobs_state_check check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    -- Whom it concerns, when it is about one person.
    customer_id uuid,
    done        bigint not null default 0,
    total       bigint not null default 0,
    -- Services that have to do their part.
    services    text[] not null default '{}',
    failure     text not null default '',
    -- `stf_…`, `akey_…`, `cus_…` or the name of a service.
    created_by  text not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    ended_at    timestamptz,
    constraint jobs_pkey primary key (realm_id, id),
    constraint jobs_ended_check check ((ended_at is not null) = (state in ('succeeded', 'failed', 'cancelled')))
);
create index jobs_customer on jobs (realm_id, customer_id);

-- What each service has done of a job.
create table job_steps (
    realm_id uuid not null,
    job_id   uuid not null,
    service  text not null,
    counts   jsonb not null,
    at       timestamptz not null,
    constraint job_steps_pkey primary key (realm_id, job_id, service),
    constraint job_steps_job_fkey foreign key (realm_id, job_id) references jobs (realm_id, id) on delete cascade
);
