-- The e-mail addresses of accounts that a clean-up has removed and that are still to be kept out: sealed, and gone as soon as
-- they are.
alter table account_cleanups add column gone bytea;
