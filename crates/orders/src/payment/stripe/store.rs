//! All SQL about what Stripe calls things. It is written outside of the orders' transactions, before and after Stripe is
//! asked.
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{Error, Tx, ids::StoreId, pool::Pool};
use sqlx::{FromRow, PgExecutor};

use crate::payment::{Payment, PaymentId};

/// How long a payment is not asked about again because a shopper came back once more.
const GLANCE: TimeDelta = TimeDelta::seconds(2);
/// How long events are known by their ids: much longer than Stripe goes on sending one.
const KEPT: TimeDelta = TimeDelta::days(30);

/// What Stripe calls a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Known {
    /// A page of Stripe's own.
    pub session: Option<String>,
    /// The intent.
    pub intent: Option<String>,
    /// It was given up before it had a name, and gets none any more.
    pub voided: bool,
    /// Where the shopper goes.
    pub page: String,
    /// What Stripe.js goes on with; sealed.
    pub client_secret: Option<Vec<u8>>,
}

/// What is known of `payment`.
pub async fn find(db: impl PgExecutor<'_>, payment: &Payment) -> Result<Option<Known>, Error> {
    let known = sqlx::query_as("select * from stripe_payments where store_id = $1 and payment_id = $2");
    Ok(known.bind(payment.store).bind(payment.id).fetch_optional(db).await?)
}

/// What is known of the payment `id` of a store.
pub async fn intent(pool: &Pool, store: StoreId, id: PaymentId) -> Result<Option<String>, Error> {
    let intent = sqlx::query_scalar("select intent from stripe_payments where store_id = $1 and payment_id = $2");
    Ok(intent.bind(store).bind(id).fetch_optional(pool).await?.flatten())
}

/// Writes down what Stripe calls `payment`: a page, an intent, or both. False when it was voided before.
pub async fn name(
    pool: &Pool,
    payment: &Payment,
    (session, intent): (Option<&str>, Option<&str>),
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let named = sqlx::query(
        "insert into stripe_payments as known (store_id, payment_id, session, intent, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict on constraint stripe_payments_pkey do update
           set session = coalesce(known.session, $3), intent = coalesce(known.intent, $4)
           where not known.voided",
    );
    let named = named.bind(payment.store).bind(payment.id).bind(session).bind(intent).bind(now);
    Ok(named.execute(pool).await?.rows_affected() == 1)
}

/// Sees to it that `payment` gets no name any more, unless it has one. Answers what is known.
pub async fn void(pool: &Pool, payment: &Payment, now: DateTime<Utc>) -> Result<Known, Error> {
    let known = sqlx::query_as(
        "insert into stripe_payments as known (store_id, payment_id, voided, created_at) values ($1, $2, true, $3)
         on conflict on constraint stripe_payments_pkey do update set voided = known.voided returning *",
    );
    Ok(known.bind(payment.store).bind(payment.id).bind(now).fetch_one(pool).await?)
}

/// Keeps where the shopper goes, or what Stripe.js goes on with, unless the payment has come to an end meanwhile.
pub async fn wait(pool: &Pool, payment: &Payment, page: &str, client_secret: Option<&[u8]>) -> Result<(), Error> {
    let wait = sqlx::query(
        "update stripe_payments s set page = $3, client_secret = $4 where s.store_id = $1 and s.payment_id = $2
           and exists (select from payments p where p.realm_id = $5 and p.id = $2 and p.state in ('started', 'redirected')
                       for share)",
    );
    let wait = wait.bind(payment.store).bind(payment.id).bind(page).bind(client_secret).bind(payment.realm);
    wait.execute(pool).await?;
    Ok(())
}

/// Whether Stripe may be asked about `payment` because somebody came back: not twice within two seconds.
pub async fn may_glance(pool: &Pool, payment: &Payment, now: DateTime<Utc>) -> Result<bool, Error> {
    let glance = sqlx::query(
        "update stripe_payments set asked_at = $3
         where store_id = $1 and payment_id = $2 and (asked_at is null or asked_at <= $4)",
    );
    let glance = glance.bind(payment.store).bind(payment.id).bind(now).bind(now - GLANCE);
    Ok(glance.execute(pool).await?.rows_affected() == 1)
}

/// The payment that Stripe calls `intent` or `session`, or whose id an event names.
pub async fn find_payment(
    pool: &Pool,
    store: StoreId,
    (intent, session, id): (&str, &str, Option<PaymentId>),
) -> Result<Option<Payment>, Error> {
    let payment = sqlx::query_as(
        "select p.* from payments p where p.store_id = $1 and p.gateway = 'stripe' and p.id in (
           select payment_id from stripe_payments where store_id = $1 and (intent = $2 or session = $3)
           union all select $4 where $4 is not null)
         limit 1",
    );
    Ok(payment.bind(store).bind(intent).bind(session).bind(id).fetch_optional(pool).await?)
}

/// What of an order matters to how it is paid: its number, and whether it will be paid for again.
pub async fn about(pool: &Pool, payment: &Payment) -> Result<(String, bool), Error> {
    let about = sqlx::query_as(
        "select o.number, o.subscription_id is not null or exists (
           select from order_lines l where l.realm_id = o.realm_id and l.order_id = o.id and l.plan is not null)
         from orders o where o.realm_id = $1 and o.id = $2",
    );
    Ok(about.bind(payment.realm).bind(payment.order).fetch_one(pool).await?)
}

/// Stripe's own customer that `method` belongs to.
pub async fn customer_of(pool: &Pool, store: StoreId, method: &str) -> Result<Option<String>, Error> {
    let customer = sqlx::query_scalar("select stripe_customer from stripe_methods where store_id = $1 and method = $2");
    Ok(customer.bind(store).bind(method).fetch_optional(pool).await?)
}

/// Notes that `method` belongs to Stripe's `customer`; and that `payment`, which was made on a page of Stripe's, was made
/// by it, so that what renews is charged by it.
pub async fn keep(
    pool: &Pool,
    payment: &Payment,
    (method, customer): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let keep = sqlx::query(
        "with kept as (
           insert into stripe_methods (store_id, method, stripe_customer, created_at) values ($1, $2, $3, $4)
           on conflict on constraint stripe_methods_pkey do nothing)
         update payments set method = $2 where realm_id = $5 and id = $6 and method <> $2",
    );
    let keep = keep.bind(payment.store).bind(method).bind(customer).bind(now).bind(payment.realm).bind(payment.id);
    keep.execute(pool).await?;
    Ok(())
}

/// What is underway of `store` at Stripe, where it is to be looked up there: the newest payment or refund, the newest of
/// Stripe's own customers who is to be deleted, and the newest who is charged again and again.
pub async fn underway(pool: &Pool, store: StoreId) -> Result<Vec<String>, Error> {
    let underway = sqlx::query_scalar(
        "(select case when s.intent is null then 'checkout/sessions/' || s.session else 'payment_intents/' || s.intent end
          from stripe_payments s
          where s.store_id = $1 and coalesce(s.intent, s.session) is not null and s.payment_id in (
            select id from payments where store_id = $1 and gateway = 'stripe' and state in ('started', 'redirected')
            union all
            select payment_id from refunds where store_id = $1 and gateway = 'stripe' and state = 'started')
          order by s.created_at desc limit 1)
         union all
         (select 'customers/' || stripe_customer from stripe_departures where store_id = $1
          order by created_at desc limit 1)
         union all
         (select 'customers/' || m.stripe_customer from subscriptions s
          join stripe_methods m on m.store_id = s.store_id and m.method = s.method
          where s.store_id = $1 and s.gateway = 'stripe' and s.state not in ('ended', 'expired')
          order by s.created_at desc, s.id desc limit 1)",
    );
    Ok(underway.bind(store).fetch_all(pool).await?)
}

/// Whether a payment of `store` has begun that Stripe has not named yet.
pub async fn is_beginning(pool: &Pool, store: StoreId) -> Result<bool, Error> {
    let beginning = sqlx::query_scalar(
        "select exists (select from payments p where p.store_id = $1 and p.gateway = 'stripe' and p.state = 'started'
           and not exists (select from stripe_payments s
             where s.store_id = $1 and s.payment_id = p.id and coalesce(s.intent, s.session) is not null))",
    );
    Ok(beginning.bind(store).fetch_one(pool).await?)
}

/// By what all that is known which is underway of `store` at Stripe, or is about to be.
pub async fn unended(db: impl PgExecutor<'_>, store: StoreId) -> Result<BTreeSet<String>, Error> {
    let unended: Vec<String> = sqlx::query_scalar(
        "select id::text from payments where store_id = $1 and gateway = 'stripe' and state in ('started', 'redirected')
         union all
         select id::text from refunds where store_id = $1 and gateway = 'stripe' and state = 'started'
         union all
         select stripe_customer from stripe_departures where store_id = $1
         union all
         select id::text from subscriptions
         where store_id = $1 and gateway = 'stripe' and state not in ('ended', 'expired')",
    )
    .bind(store)
    .fetch_all(db)
    .await?;
    Ok(unended.into_iter().collect())
}

/// Whether the event `id` was taken in before.
pub async fn is_known(pool: &Pool, store: StoreId, id: &str) -> Result<bool, Error> {
    let known = sqlx::query_scalar("select exists (select from stripe_events where store_id = $1 and id = $2)");
    Ok(known.bind(store).bind(id).fetch_one(pool).await?)
}

/// Notes that the event `id` is taken in. False when it was before.
pub async fn note(tx: &mut Tx, (store, id): (StoreId, &str), now: DateTime<Utc>) -> Result<bool, Error> {
    let note = sqlx::query(
        "insert into stripe_events (store_id, id, created_at) values ($1, $2, $3)
         on conflict on constraint stripe_events_pkey do nothing",
    );
    Ok(note.bind(store).bind(id).bind(now).execute(&mut **tx).await?.rows_affected() == 1)
}

/// Drops the ids of old events.
pub async fn forget(pool: &Pool, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query("delete from stripe_events where created_at < $1").bind(now - KEPT).execute(pool).await?;
    Ok(())
}
