-- Messages follow customers that were merged (CU-13).
create trigger messages_of_new before insert on messages
    for each row when (new.customer_id is not null) execute function follow_merge();
