-- Carts that hold a product (CA-3).
create index cart_lines_of_product on cart_lines (realm_id, product_id, cart_id);
