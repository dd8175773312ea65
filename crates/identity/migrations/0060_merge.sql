-- What signs somebody in follows customers that were merged (CU-13). Sessions do not: they end.
create trigger customer_credentials_of_new before insert on customer_credentials
    for each row execute function follow_merge();
create trigger shoppers_of_new before insert on shoppers for each row execute function follow_merge();
create trigger shoppers_of_changed before update of customer_id on shoppers
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();
create trigger provider_accounts_of_new before insert on provider_accounts
    for each row execute function follow_merge();
create trigger devices_of_new before insert on devices for each row execute function follow_merge();
create trigger devices_of_changed before update of customer_id on devices
    for each row when (new.customer_id is distinct from old.customer_id) execute function follow_merge();
