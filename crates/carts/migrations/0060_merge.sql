-- Carts follow customers that were merged (CU-13).
create trigger carts_of_new before insert on carts
    for each row when (new.customer_id is not null) execute function follow_merge();
create trigger carts_of_changed before update of customer_id on carts
    for each row when (new.customer_id is not null and new.customer_id is distinct from old.customer_id)
    execute function follow_merge();
