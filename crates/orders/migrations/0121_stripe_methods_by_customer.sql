-- Cards are forgotten with Stripe's own customer whom they belong to (CU-15).
create index if not exists stripe_methods_by_customer on stripe_methods (store_id, stripe_customer);
