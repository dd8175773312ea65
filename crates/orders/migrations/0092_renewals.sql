-- One renewal, one order (OR-7).
create unique index if not exists orders_renewal on orders (realm_id, subscription_id, subscription_cycle)
    where subscription_id is not null;
