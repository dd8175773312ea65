-- Carts whose owners are reminded next.
create index carts_recoveries on carts (recover_at) where recover_at is not null;
