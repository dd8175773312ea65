-- What a line's share of the order's discount and tax is, and what it renews or contains. In minor units of the order's
-- currency. Lines of earlier orders keep nothing of them: there the order alone has a discount.
alter table order_lines
    add column discount bigint not null default 0 constraint order_lines_discount check (discount >= 0),
    add column tax      bigint not null default 0 constraint order_lines_tax check (tax >= 0),
    -- {"id", "interval", "count"} of a line that renews.
    add column plan     jsonb,
    -- "file", "bundle" or "combo"; empty for what is no package.
    add column package  text not null default '';
alter table order_lines add constraint order_lines_within check (discount <= subtotal);
