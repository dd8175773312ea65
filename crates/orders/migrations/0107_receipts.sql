-- Receipts and credit notes (OR-6): each has a number without gaps in its store, kind and year.

-- The last number of each series. A row is held from the moment a number is taken until its receipt is there.
create table receipt_numbers (
    store_id uuid not null,
    kind     text not null,
    year     integer not null,
    last     bigint not null,
    constraint receipt_numbers_pkey primary key (store_id, kind, year)
);

create table receipts (
    realm_id       uuid not null,
    id             uuid not null,
    store_id       uuid not null,
    order_id       uuid not null,
    -- The entry of the ledger that it is for.
    transaction_id uuid not null,
    kind           text not null constraint receipts_kind check (kind in ('receipt', 'credit_note')),
    -- Year of the entry in the store's zone.
    year           integer not null,
    position       bigint not null constraint receipts_position check (position > 0),
    -- As people read it.
    number         text not null,
    -- What it says, frozen; nobody is named in it.
    content        jsonb not null,
    -- Who bought, as entered; an erasure leaves the country.
    contact        jsonb not null,
    -- When the money moved.
    issued_at      timestamptz not null,
    created_at     timestamptz not null,
    constraint receipts_pkey primary key (realm_id, id),
    constraint receipts_series unique (store_id, kind, year, position),
    constraint receipts_transaction unique (realm_id, transaction_id),
    constraint receipts_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
create index receipts_by_order on receipts (realm_id, order_id);
-- An order has one receipt, and as many credit notes as refunds.
create unique index receipts_one_per_order on receipts (realm_id, order_id) where kind = 'receipt';

-- Orders whose money moved, to be looked at in that order. Whoever takes a payment adds a row and waits for nobody; numbers
-- are given afterwards.
create table receipts_due (
    position bigint generated always as identity constraint receipts_due_pkey primary key,
    realm_id uuid not null,
    order_id uuid not null,
    -- Whether nobody is told, since it happened long ago.
    quiet    boolean not null default false,
    -- Not before then: it could not be done and is tried again.
    look_at  timestamptz not null default '-infinity'
);
create index receipts_due_by_order on receipts_due (realm_id, order_id);

-- A trigger, so that no way of booking money forgets it: neither one to come nor a process of an earlier version.
create function receipt_is_due() returns trigger language plpgsql as $$
begin
    insert into receipts_due (realm_id, order_id) values (new.realm_id, new.order_id);
    return null;
end
$$;
create trigger transactions_receipt_is_due after insert on transactions for each row
    when (new.status = 'succeeded' and new.type in ('payment', 'capture', 'refund'))
    execute function receipt_is_due();
