-- An accepted invoice stays while a gateway tries to take what it is about; still, never two attempts are at work, nor two
-- that came about, nor two invoices.
create unique index if not exists payments_one_at_work on payments (realm_id, order_id)
    where state in ('started', 'redirected', 'captured');
create unique index if not exists payments_one_invoice on payments (realm_id, order_id) where state = 'accepted';
drop index if exists payments_one_per_order;
