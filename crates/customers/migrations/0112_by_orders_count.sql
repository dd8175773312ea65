-- Who ordered so often, the newest first (CU-5), as in the one before.
create index if not exists customers_by_orders_count on customers (realm_id, orders_count, id) include (created_at);
drop index if exists customers_orders_count;
