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
-- Drafts of a person; their placed orders have an index of their own.
create index orders_drafts_by_customer on orders (realm_id, customer_id) where placed_at is null;
