-- A line is bought once or subscribed to by a plan; the same product both ways is two lines (CA-4).
alter table cart_lines
    add column plan_id uuid,
    -- As it was shown at the last change, like the columns beside it.
    add column plan jsonb,
    add column package text,
    drop constraint cart_lines_product;
create unique index cart_lines_product on cart_lines
    (realm_id, cart_id, product_id, coalesce(plan_id, '00000000-0000-0000-0000-000000000000'));
