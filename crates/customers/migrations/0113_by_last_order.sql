-- Who ordered last when, the newest first (CU-5). An index is read alone only when it holds what its terms are made of.
create index if not exists customers_by_last_order
    on customers (realm_id, coalesce(last_order_at, '-infinity'), id) include (created_at, last_order_at);
drop index if exists customers_last_order_at;
