-- What was taken off an order and why (CA-5), frozen when it was made, and how often vouchers were used.
alter table orders add column discounts jsonb not null default '[]';

-- Orders that a voucher went into, drafts with a payment under way among them.
create table voucher_counts (
    store_id     uuid not null,
    promotion_id uuid not null,
    used         bigint not null constraint voucher_counts_used check (used >= 0),
    constraint voucher_counts_pkey primary key (store_id, promotion_id)
);

create table voucher_uses (
    realm_id     uuid not null,
    order_id     uuid not null,
    store_id     uuid not null,
    promotion_id uuid not null,
    customer_id  uuid not null,
    constraint voucher_uses_pkey primary key (realm_id, order_id, promotion_id),
    constraint voucher_uses_order foreign key (realm_id, order_id) references orders (realm_id, id)
);
create index voucher_uses_customer on voucher_uses (realm_id, customer_id, promotion_id);
-- What was used of a voucher before there was a limit is counted by the first who uses it with one.
create index voucher_uses_promotion on voucher_uses (store_id, promotion_id);
create trigger voucher_uses_of_new before insert on voucher_uses for each row execute function follow_merge();
create trigger voucher_uses_of_changed before update of customer_id on voucher_uses
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();
