-- How an order is shipped, and what tax its prices hold (CA-11): frozen when it was made. Amounts are in minor units of the
-- order's currency, rates in hundredths of a percent.
alter table orders
    -- {"method", "name", "price", "tax", "included_tax", "rate"}; none where nothing is shipped.
    add column delivery     jsonb,
    add column included_tax bigint not null default 0;
alter table order_lines
    add column included_tax bigint  not null default 0,
    add column tax_rate     integer not null default 0,
    add column tax_included boolean not null default false;
-- By which rate renewals are taxed: that of the line which they began with.
alter table subscriptions
    add column tax_rate     integer not null default 0,
    add column tax_included boolean not null default false;
