-- Reviews and purchases follow customers that were merged (CU-13).
create function follow_merged_author() returns trigger language plpgsql as $$
declare
    kept uuid;
begin
    perform pg_advisory_xact_lock_shared(
        hashtext('merge ' || tg_table_schema), hashtext(new.author_id::text) % 1024);
    select kept_id into kept from merged_customers where realm_id = new.realm_id and gone_id = new.author_id;
    if found then
        new.author_id := kept;
    end if;
    return new;
end $$;
create trigger reviews_of_new before insert on reviews for each row execute function follow_merged_author();
create trigger purchases_of_new before insert on purchases for each row execute function follow_merge();
