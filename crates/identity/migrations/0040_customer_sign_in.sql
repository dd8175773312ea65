-- Whose tries they are wherever they came from, as a keyed hash of the account, so that staff can have them forgotten (CU-8).
alter table attempts add column whose bytea;
create index attempts_whose on attempts (whose) where whose is not null;
alter table customer_credentials add column last_login_at timestamptz;
