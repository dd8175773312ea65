-- Who spent so much, the newest first (CU-5): found and sorted in the index, whatever part of all customers it is.
create index if not exists customers_by_spent on customers (realm_id, spent_base, id) include (created_at);
drop index if exists customers_spent;
