-- What had come back before credit notes were cancelled (OR-6) has its paper now; nobody is told.
insert into receipts_due (realm_id, order_id, quiet)
select realm_id, order_id, true from transactions
where type = 'refund' and status = 'succeeded' and amount < 0
group by realm_id, order_id order by min(position);

-- Which refund an entry of the ledger belongs to: what it was for stays known when it fails afterwards. Entries of before are
-- told by the moment in which they were made. Last, since nobody writes to the ledger while it is locked.
alter table transactions add column if not exists refund_id uuid;
