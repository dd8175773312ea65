-- The same index twice.
drop index orders_drafts_customer;
