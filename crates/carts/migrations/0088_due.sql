-- Carts that the sweeper looks at next.
create index carts_due on carts ((coalesce(look_at, created_at))) where status = 'open';
