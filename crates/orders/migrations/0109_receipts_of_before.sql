-- What was paid before there were receipts gets its number in the year it was paid.
insert into receipts_due (realm_id, order_id, quiet)
select realm_id, order_id, true from transactions
where status = 'succeeded' and type in ('payment', 'capture', 'refund')
group by realm_id, order_id order by min(position);
