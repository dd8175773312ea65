-- The ledger as a list, newest first; `position` decides between entries of the same moment.
create index if not exists transactions_by_realm on transactions (realm_id, created_at desc, position desc);
