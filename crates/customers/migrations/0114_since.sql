-- A record that was merged with an older one is as old as that one, so that nobody bought or registered before there was a
-- record of them: lists of the newest begin where the first of them can be (CU-5).
create or replace function put_customer_search() returns trigger language plpgsql as $$
begin
    insert into customer_search values (new.realm_id, new.id, new.created_at, new.search)
    on conflict (realm_id, id) do update set (created_at, search) = (excluded.created_at, excluded.search);
    return null;
end $$;
drop trigger customers_search_of_changed on customers;
create trigger customers_search_of_changed after update on customers for each row
    when (old.search is distinct from new.search or old.created_at <> new.created_at)
    execute function put_customer_search();
