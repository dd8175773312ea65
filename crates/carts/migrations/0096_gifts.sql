-- A digital product may be for somebody else (OR-1): {"email", "canonical", "name", "message"}; what an erasure leaves of that is {}.
alter table cart_lines add column gift jsonb;
-- There is one line for each product and plan, and one for each person it is given to: the cart's version sees to the latter.
create unique index cart_lines_own on cart_lines
    (realm_id, cart_id, product_id, coalesce(plan_id, '00000000-0000-0000-0000-000000000000')) where gift is null;
drop index cart_lines_product;
-- To forget whom it was for.
create index cart_lines_gift on cart_lines (realm_id, (gift ->> 'canonical')) where gift is not null;
