-- The ledger by amount.
create index if not exists transactions_by_amount on transactions (realm_id, amount);
