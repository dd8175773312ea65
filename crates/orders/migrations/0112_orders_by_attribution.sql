-- Placed orders by what brought them about, newest first; and those of which anything is known, for reports. Only such
-- orders are in them.
create index if not exists orders_by_agent on orders (realm_id, (attribution ->> 'agent'), placed_at desc, id desc)
    where (attribution ->> 'agent') is not null and placed_at is not null;
create index if not exists orders_by_affiliate
    on orders (realm_id, (attribution ->> 'affiliate'), placed_at desc, id desc)
    where (attribution ->> 'affiliate') is not null and placed_at is not null;
create index if not exists orders_by_funnel on orders (realm_id, (attribution ->> 'funnel'), placed_at desc, id desc)
    where (attribution ->> 'funnel') is not null and placed_at is not null;
create index if not exists orders_by_campaign
    on orders (realm_id, (attribution ->> 'utm_campaign'), placed_at desc, id desc)
    where (attribution ->> 'utm_campaign') is not null and placed_at is not null;
create index if not exists orders_by_source
    on orders (realm_id, (attribution ->> 'utm_source'), placed_at desc, id desc)
    where (attribution ->> 'utm_source') is not null and placed_at is not null;
create index if not exists orders_attributed on orders (realm_id, placed_at desc)
    where attribution <> '{}' and placed_at is not null;
