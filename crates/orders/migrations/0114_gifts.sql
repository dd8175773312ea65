-- Lines that were bought for somebody else (OR-1). A row stays, or nobody would know whose the line is; what it says of
-- people goes with the erasure of either.
create table gifts (
    realm_id    uuid not null,
    line_id     uuid not null,
    order_id    uuid not null,
    store_id    uuid not null,
    -- Who has it.
    customer_id uuid not null,
    -- As whoever bought it typed it.
    email       text not null,
    name        text not null,
    message     text not null,
    created_at  timestamptz not null,
    constraint gifts_pkey primary key (realm_id, line_id)
);
create index gifts_by_order on gifts (realm_id, order_id);
create index gifts_by_customer on gifts (realm_id, customer_id, order_id);
create trigger gifts_of_new before insert on gifts for each row execute function follow_merge();
create trigger gifts_of_changed before update of customer_id on gifts
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();

-- Who bought it, of a purchase, its refund or its correction that is a gift.
alter table library_entries add column giver_id uuid;
