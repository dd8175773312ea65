-- What an order is paid in, so that orders per currency can be counted again from the orders themselves. Unknown for
-- rows from before: `patron doctor --repair` fills it in.
alter table customer_orders add column currency text;
