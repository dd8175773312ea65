-- What happens at Stripe afterwards (OR-3): refunds that fail, and customers of Stripe's who are erased here.

-- Customers of Stripe's that are to be deleted there. It says nothing of who they were.
create table stripe_departures (
    store_id        uuid not null,
    stripe_customer text not null,
    -- How often Stripe was asked, and when it is asked next.
    looks           integer not null default 0,
    look_at         timestamptz not null,
    created_at      timestamptz not null,
    constraint stripe_departures_pkey primary key (store_id, stripe_customer)
);
create index stripe_departures_due on stripe_departures (look_at);

-- A refund that failed after all.
alter table order_history
    drop constraint order_history_kind,
    add constraint order_history_kind check (kind in
        ('status', 'edited', 'payment', 'refund', 'refund_failed', 'shipment', 'cancelled', 'disputed')) not valid;

-- What Stripe.js went on with is of no use to anybody once a payment has come to an end.
update stripe_payments s set client_secret = null
from payments p
where s.client_secret is not null and p.store_id = s.store_id and p.id = s.payment_id
  and p.state not in ('started', 'redirected');
