-- Open carts by what brought them about, newest first (CA-3). Only carts of which it is known are in them.
create index if not exists carts_by_agent on carts (realm_id, (attribution ->> 'agent'), created_at desc, id desc)
    where (attribution ->> 'agent') is not null;
create index if not exists carts_by_affiliate
    on carts (realm_id, (attribution ->> 'affiliate'), created_at desc, id desc)
    where (attribution ->> 'affiliate') is not null;
create index if not exists carts_by_funnel on carts (realm_id, (attribution ->> 'funnel'), created_at desc, id desc)
    where (attribution ->> 'funnel') is not null;
create index if not exists carts_by_campaign
    on carts (realm_id, (attribution ->> 'utm_campaign'), created_at desc, id desc)
    where (attribution ->> 'utm_campaign') is not null;
create index if not exists carts_by_source
    on carts (realm_id, (attribution ->> 'utm_source'), created_at desc, id desc)
    where (attribution ->> 'utm_source') is not null;
