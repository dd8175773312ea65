-- What is searched, apart from the record: orders change a record several times and its search never, and an index of
-- three-letter pieces is dear to change.
create table customer_search (
    realm_id   uuid not null,
    id         uuid not null,
    created_at timestamptz not null,
    search     text not null,
    constraint customer_search_pkey primary key (realm_id, id),
    constraint customer_search_customer_fkey foreign key (realm_id, id)
        references customers (realm_id, id) on delete cascade
);
insert into customer_search select realm_id, id, created_at, search from customers;
-- The usual order with what is searched beside it: a look through the first rows reads nothing but this index.
create index customer_search_in_order on customer_search (realm_id, created_at desc, id desc) include (search);
create index customer_search_pieces on customer_search using gin (search gin_trgm_ops);
drop index customers_search;

create function put_customer_search() returns trigger language plpgsql as $$
begin
    insert into customer_search values (new.realm_id, new.id, new.created_at, new.search)
    on conflict (realm_id, id) do update set search = excluded.search;
    return null;
end $$;
create trigger customers_search_of_new after insert on customers
    for each row execute function put_customer_search();
create trigger customers_search_of_changed after update on customers
    for each row when (old.search is distinct from new.search) execute function put_customer_search();
