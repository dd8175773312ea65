-- What a bundle or combo held when it was bought: [{"product", "name", "package"}]; none where nobody wrote it down.
alter table order_lines add column contents jsonb;

-- The ledger that libraries follow from (OR-8). Its entries are added and never changed, but for whose they are: they follow
-- a merge, and go with an erasure.
create table library_entries (
    realm_id        uuid not null,
    -- The order in which entries were made.
    position        bigint generated always as identity,
    store_id        uuid not null,
    customer_id     uuid not null,
    -- Under which id they were known then.
    origin_id       uuid not null,
    product_id      uuid not null,
    -- The product that was bought or given: a bundle, where `product_id` came in one.
    root_id         uuid not null,
    what            text not null constraint library_entries_what check (what in
        ('purchase', 'correction', 'grant', 'gift', 'edit', 'revoke', 'refund')),
    order_id        uuid,
    line_id         uuid,
    refund_id       uuid,
    -- Bought, or given back.
    units           integer not null default 0 constraint library_entries_units check (units >= 0),
    -- Of a correction: how many of those were given back.
    units_back      integer not null default 0 constraint library_entries_units_back check (units_back >= 0),
    -- As it was called then.
    name            text not null,
    -- Of an edit and a grant: downloads of each file, none for as many as the product says, and until when.
    downloads       integer constraint library_entries_downloads check (downloads between 0 and 10000),
    until           timestamptz,
    -- Staff's own words, and why they did it.
    note            text not null default '',
    reason          text not null default '',
    -- Of a revocation: the ids that the customer was known under till then.
    origins         uuid[],
    actor           text not null,
    at              timestamptz not null,
    constraint library_entries_pkey primary key (realm_id, position)
);
create index library_entries_by_customer on library_entries (realm_id, customer_id, product_id);
create index library_entries_by_order on library_entries (realm_id, order_id) where order_id is not null;
-- A line is bought once, and given back by a refund once, whatever is repeated.
create unique index library_entries_purchase on library_entries (realm_id, line_id, product_id) where what = 'purchase';
create unique index library_entries_refund on library_entries (realm_id, refund_id, line_id, product_id)
    where what = 'refund' and refund_id is not null;
create trigger library_entries_of_new before insert on library_entries for each row execute function follow_merge();
create trigger library_entries_of_changed before update of customer_id on library_entries
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();

create function library_is_append_only() returns trigger language plpgsql as $$
begin
    if new is distinct from old then
        raise exception 'the ledger of libraries is append-only';
    end if;
    return new;
end
$$;
create trigger library_entries_append_only before update on library_entries
    for each row when (new.customer_id is not distinct from old.customer_id) execute function library_is_append_only();

-- Libraries of a whole store or customer base that are made anew.
create table library_rebuilds (
    realm_id    uuid not null,
    id          uuid not null,
    -- Only what this store sold; none for all of the customer base.
    store_id    uuid,
    state       text not null constraint library_rebuilds_state check (state in ('queued', 'running', 'succeeded')),
    done        bigint not null,
    total       bigint not null,
    -- How many libraries were put right.
    changed     bigint not null,
    -- The last customer who was seen to.
    last_id     uuid,
    created_by  text not null,
    -- Until then a process is at it; afterwards another goes on.
    lease_until timestamptz not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    ended_at    timestamptz,
    constraint library_rebuilds_pkey primary key (realm_id, id)
);
create index library_rebuilds_due on library_rebuilds (lease_until) where ended_at is null;
