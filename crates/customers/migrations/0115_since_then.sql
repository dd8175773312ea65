-- The records that were merged before.
update customers set created_at = least(created_at, registered_at, first_order_at)
where least(registered_at, first_order_at) < created_at;
