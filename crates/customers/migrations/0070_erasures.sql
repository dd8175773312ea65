-- Erasures of people that the service has heard of (CU-15): when it looks at each next, and that it has.
create table erasures (
    realm_id     uuid not null,
    customer_id  uuid not null,
    -- What the service says it has done its part of.
    job_id       text not null,
    at           timestamptz not null,
    looks        smallint not null default 0,
    -- None when nothing is left to be done.
    next_look_at timestamptz,
    constraint erasures_pkey primary key (realm_id, customer_id)
);
create index erasures_due on erasures (next_look_at) where next_look_at is not null;

-- Who was erased (CU-15): their ids are unknown for ever.
create table erased_customers (
    realm_id   uuid not null,
    id         uuid not null,
    at         timestamptz not null,
    job_id     uuid not null,
    -- Names, e-mail addresses and phone numbers, sealed, for services that still look for what is about nobody's id;
    -- gone with the end of the job.
    whom       bytea,
    constraint erased_customers_pkey primary key (realm_id, id)
);

-- Accounts that were closed (ID-13) and whose people are to be erased as soon as no payment of theirs is open.
create table closures (
    realm_id    uuid not null,
    customer_id uuid not null,
    at          timestamptz not null,
    next_try_at timestamptz not null,
    constraint closures_pkey primary key (realm_id, customer_id)
);
create index closures_due on closures (next_try_at);
