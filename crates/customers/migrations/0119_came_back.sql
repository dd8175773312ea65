-- Who bought more than once, the newest first (CU-5): too many to be sorted, and rarely among the newest.
create index if not exists customers_came_back on customers (realm_id, created_at desc, id desc) where orders_count >= 2;
