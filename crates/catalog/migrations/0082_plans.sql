-- Subscription plans, what they renew, and what is inside bundles and combos (CA-1). A product is read in one row.
alter table products
    alter column price drop not null,
    -- The least that it can be had for: once, or by an active plan. Always the database's own sum: a version of the service
    -- that knows of no plans may write beside one that does.
    add column from_price bigint,
    add column plans jsonb not null default '[]',
    add column renewal_targets jsonb not null default '[]',
    add column renewal_target_changeable boolean not null default false,
    add column contents uuid[] not null default '{}',
    add column tax_class text not null default 'standard',
    -- Whether it is in an order; such a product is never deleted. Of what was there before nobody knows, so it counts as sold.
    add column sold boolean not null default true;
create function least_price() returns trigger language plpgsql as $$
begin
    select min(price) into new.from_price
    from (select new.price
          union all
          select (plan ->> 'price')::bigint from jsonb_array_elements(new.plans) as plan
          where (plan ->> 'active')::boolean) as prices (price);
    return new;
end
$$;
create trigger products_from_price before insert or update of price, plans, from_price on products for each row execute function least_price();
update products set from_price = price;
alter table products
    alter column sold set default false,
    add constraint products_contents check (
        contents = '{}' or (package is not null and package in ('bundle', 'combo') and cardinality(contents) <= 100)
    ),
    add constraint products_tax_class check (tax_class in ('standard', 'reduced', 'zero'));
drop index products_price_id;
create index products_from_price_id on products (store_id, from_price, id);
create index products_contents_of on products using gin (contents) where contents <> '{}';
