-- How a cart is shipped, as it was chosen (CA-11); and once it is closed, what shipping and tax came to (CA-2).
alter table carts
    add column shipping_method_id uuid,
    add column delivered jsonb;
alter table cart_lines
    add column taxed jsonb;
