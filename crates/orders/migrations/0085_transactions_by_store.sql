-- The same of one store.
create index if not exists transactions_by_store on transactions (store_id, created_at desc, position desc);
