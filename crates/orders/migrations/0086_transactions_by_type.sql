-- The same of one type, of which there may be few.
create index if not exists transactions_by_type on transactions (realm_id, type, created_at desc, position desc);
