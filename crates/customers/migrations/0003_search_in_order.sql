-- The usual order with what is searched beside it: a look through the first rows reads nothing but this index.
create index customers_search_in_order on customers (realm_id, created_at desc, id desc) include (search);
drop index customers_created_at;
-- What was changed lately lies unsorted beside the index of pieces, and every search reads all of it: keep it short.
alter index customers_search set (gin_pending_list_limit = 256);
