-- Which refund an entry of the ledger belongs to (OR-6): what it was for stays known when it fails afterwards. Entries of
-- before are told by the moment in which they were made.
alter table transactions add column if not exists refund_id uuid;
