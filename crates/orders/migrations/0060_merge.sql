-- Orders and checkouts follow customers that were merged (CU-13, OR-10).
create trigger orders_of_new before insert on orders for each row execute function follow_merge();
create trigger orders_of_changed before update of customer_id on orders
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();
create trigger checkouts_of_new before insert on checkouts
    for each row when (new.customer_id is not null) execute function follow_merge();
create index checkouts_customer on checkouts (realm_id, customer_id) where customer_id is not null;
create index orders_drafts_customer on orders (realm_id, customer_id) where placed_at is null;
