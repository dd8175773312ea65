-- There is one line for each product and plan, and one for each person it is given to: the cart's version sees to the latter.
create unique index if not exists cart_lines_own on cart_lines
    (realm_id, cart_id, product_id, coalesce(plan_id, '00000000-0000-0000-0000-000000000000')) where gift is null;
drop index if exists cart_lines_product;
-- To forget whom it was for.
create index if not exists cart_lines_gift on cart_lines (realm_id, (gift ->> 'canonical')) where gift is not null;
