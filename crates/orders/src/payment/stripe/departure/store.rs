//! All SQL of Stripe's customers that are to be deleted there.
use chrono::{DateTime, Utc};
use kit::{
    Error, Tx,
    clock::Clock,
    ids::{CustomerId, RealmId, StoreId},
    pool::Pool,
};
use sqlx::FromRow;

/// Departures that one round takes.
const ROUND: i64 = 10;

/// One that is to be told of.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Departure {
    /// Whose account.
    #[sqlx(rename = "store_id")]
    pub store: StoreId,
    /// `cus_…` of Stripe's.
    #[sqlx(rename = "stripe_customer")]
    pub customer: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// Forgets which cards a customer's orders and subscriptions were paid by, and notes that Stripe is to.
pub async fn depart(
    tx: &mut Tx,
    (realm, customer): (RealmId, CustomerId),
    (clock, now): (&Clock, DateTime<Utc>),
) -> Result<(), Error> {
    let depart = sqlx::query(
        "with theirs as (
           select distinct m.store_id, m.stripe_customer from stripe_methods m
           where (m.store_id, m.method) in (
             select p.store_id, p.method from orders o
             join payments p on p.realm_id = o.realm_id and p.order_id = o.id
             where o.realm_id = $1 and o.customer_id = $2 and p.gateway = 'stripe'
             union
             select s.store_id, s.method from subscriptions s
             where s.realm_id = $1 and s.customer_id = $2 and s.gateway = 'stripe')),
         forgotten as (
           delete from stripe_methods m using theirs t
           where m.store_id = t.store_id and m.stripe_customer = t.stripe_customer)
         insert into stripe_departures (store_id, stripe_customer, look_at, created_at)
         select store_id, stripe_customer, coalesce($3, statement_timestamp()), $4 from theirs
         on conflict on constraint stripe_departures_pkey do nothing",
    );
    depart.bind(realm).bind(customer).bind(clock.shared()).bind(now).execute(&mut **tx).await?;
    Ok(())
}

/// Takes over those whose turn it is. Each turn comes later than the one before, once a day in the end: 2^11 minutes are
/// more than a day, and no interval holds what goes on doubling for weeks.
pub async fn take_over(pool: &Pool, clock: &Clock) -> Result<Vec<Departure>, Error> {
    let due = sqlx::query_as(
        "update stripe_departures d set looks = d.looks + 1,
           look_at = coalesce($1, statement_timestamp())
             + least(interval '1 minute' * 2 ^ least(d.looks, 11), interval '1 day')
         from (select store_id, stripe_customer from stripe_departures
               where look_at <= coalesce($1, statement_timestamp())
               order by look_at limit $2 for update skip locked) as due
         where d.store_id = due.store_id and d.stripe_customer = due.stripe_customer returning d.*",
    );
    Ok(due.bind(clock.shared()).bind(ROUND).fetch_all(pool).await?)
}

/// Has done with one.
pub async fn done(pool: &Pool, one: &Departure) -> Result<(), Error> {
    let done = sqlx::query("delete from stripe_departures where store_id = $1 and stripe_customer = $2");
    done.bind(one.store).bind(&one.customer).execute(pool).await?;
    Ok(())
}
