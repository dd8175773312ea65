-- Products are looked up by their ids alone, which are unique everywhere.
create index if not exists products_by_id on products (id);
