-- The list of orders by whether they were sent (OR-2).
create index if not exists orders_by_fulfilment on orders (realm_id, fulfilment_status, placed_at desc, id desc)
    where placed_at is not null;
