-- A link signs in whoever the cart belonged to when it was made, and nobody else, whatever becomes of the cart (CA-6).
alter table checkout_links add column customer_id uuid;
update checkout_links l set customer_id = c.customer_id from carts c where c.realm_id = l.realm_id and c.id = l.cart_id;
delete from checkout_links where customer_id is null;
alter table checkout_links alter column customer_id set not null;
create index checkout_links_of_customer on checkout_links (realm_id, customer_id);
create trigger checkout_links_of_new before insert on checkout_links for each row execute function follow_merge();
create trigger checkout_links_of_changed before update of customer_id on checkout_links
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();
