-- Who bought for the first time in a month (CU-17).
create index customers_first_order_at on customers (realm_id, first_order_at, id) where first_order_at is not null;
create index customer_stores_first_order_at on customer_stores (realm_id, store_id, first_order_at, customer_id)
    where first_order_at is not null;
