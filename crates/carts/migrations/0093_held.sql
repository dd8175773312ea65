-- Carts that somebody has, for those who compare what they count.
create index if not exists carts_held on carts (realm_id, id) where status = 'open' and customer_id is not null;
