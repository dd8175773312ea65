-- What lists are narrowed down by beside the record itself (CU-5).

-- The day of the last sign of life: an index of the moment would have to be changed by every one of them.
alter table customers add column active_on date not null
    generated always as ((last_activity_at at time zone 'UTC')::date) stored;
create index customers_active_on on customers (realm_id, active_on, id);
-- Nothing is kept for whoever agreed to nothing.
create index customers_consents on customers using gin (consents jsonb_path_ops) where consents <> '{}';
create index customers_business on customers using gin ((' ' || lower(business)) gin_trgm_ops) where business <> '';

-- Every address of a customer: the saved ones, and under the customer's own id the one given at the last purchase. Texts
-- are in small letters behind a space, which lets a search for the beginning of a word use the trigram index.
create table customer_places (
    realm_id    uuid not null,
    id          uuid not null,
    customer_id uuid not null,
    country     text not null,
    city        text not null,
    region      text not null,
    postal_code text not null,
    street      text not null,
    constraint customer_places_pkey primary key (realm_id, id),
    constraint customer_places_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_places_customer on customer_places (realm_id, customer_id);
create index customer_places_country on customer_places (realm_id, country, customer_id);
create index customer_places_pieces on customer_places
    using gin (city gin_trgm_ops, region gin_trgm_ops, postal_code gin_trgm_ops, street gin_trgm_ops);

create function put_customer_place(realm uuid, place uuid, customer uuid, address jsonb) returns void language sql as $$
    insert into customer_places values (
        realm, place, customer, coalesce(address ->> 'country', ''), lower(' ' || coalesce(address ->> 'city', '')),
        lower(' ' || coalesce(address ->> 'region', '')), lower(' ' || coalesce(address ->> 'postal_code', '')),
        lower(' ' || coalesce(address ->> 'line1', '') || ' ' || coalesce(address ->> 'line2', '')))
    on conflict (realm_id, id) do update set (customer_id, country, city, region, postal_code, street)
        = (excluded.customer_id, excluded.country, excluded.city, excluded.region, excluded.postal_code, excluded.street)
$$;

create function put_place_of_customer() returns trigger language plpgsql as $$
begin
    if new.address is null or new.address = 'null' then
        delete from customer_places where realm_id = new.realm_id and id = new.id;
    else
        perform put_customer_place(new.realm_id, new.id, new.id, new.address);
    end if;
    return null;
end $$;
create trigger customers_place_of_new after insert on customers
    for each row when (new.address is not null) execute function put_place_of_customer();
create trigger customers_place_of_changed after update on customers
    for each row when (old.address is distinct from new.address) execute function put_place_of_customer();

create function put_place_of_address() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from customer_places where realm_id = old.realm_id and id = old.id;
    else
        perform put_customer_place(new.realm_id, new.id, new.customer_id, new.address);
    end if;
    return null;
end $$;
create trigger customer_addresses_place after insert or update or delete on customer_addresses
    for each row execute function put_place_of_address();

select put_customer_place(realm_id, id, id, address) from customers where address is not null and address <> 'null';
select put_customer_place(realm_id, id, customer_id, address) from customer_addresses;

-- What was bought. Whose it is says the order alone.
create table customer_products (
    realm_id   uuid not null,
    product_id uuid not null,
    order_id   uuid not null,
    constraint customer_products_pkey primary key (realm_id, product_id, order_id),
    constraint customer_products_order_fkey foreign key (realm_id, order_id)
        references customer_orders (realm_id, order_id) on delete cascade
);
create index customer_products_order on customer_products (realm_id, order_id);
