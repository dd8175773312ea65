//! Placed orders, captured payments and subscriptions, told as the events that once told of them.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    failure::Violation,
    ids::{CartId, CustomerId, OrderId, ProductId, RealmId, StoreId, SubscriptionId, TransactionId},
    reconcile::{self, Place},
};
use proto::{
    base::v1::{ListFactsResponse, Money},
    orders::v1::{OrderPlaced, PaymentCaptured, PlacedLine, SubscriptionStarted},
};
use sqlx::{PgConnection, types::Json};

use super::grpc::Wanted;
use crate::{
    error::Error,
    order::{Delivery, Discount, Line},
    subscription::State,
};

#[derive(sqlx::FromRow)]
struct Sale {
    realm_id: RealmId,
    id: OrderId,
    store_id: StoreId,
    customer_id: CustomerId,
    cart_id: CartId,
    number: String,
    currency: String,
    total: i64,
    placed_at: DateTime<Utc>,
    discounts: Json<Vec<Discount>>,
    delivery: Option<Json<Delivery>>,
    subscription_id: Option<SubscriptionId>,
}

impl Sale {
    fn event(self, lines: Vec<PlacedLine>) -> OrderPlaced {
        OrderPlaced {
            realm: self.realm_id.into(),
            store: self.store_id.into(),
            order: self.id.into(),
            customer: self.customer_id.into(),
            // A renewal came of none.
            cart: if self.subscription_id.is_some() { String::new() } else { self.cart_id.into() },
            total: Some(Money { amount: self.total, currency: self.currency }),
            lines,
            at: Some(timestamp(self.placed_at)),
            number: self.number,
            discounts: self.discounts.0.into_iter().map(Into::into).collect(),
            subscription: self.subscription_id.map(String::from).unwrap_or_default(),
            delivery: self.delivery.map(|delivery| delivery.0.into()),
        }
    }
}

/// A page of placed orders.
pub async fn placed(db: &mut PgConnection, wanted: Wanted<'_>) -> Result<ListFactsResponse, Error> {
    let after: Place = wanted.after.parse()?;
    let orders: Vec<Sale> = sqlx::query_as(
        "select realm_id, id, store_id, customer_id, cart_id, number, currency, total, placed_at, discounts,
           delivery, subscription_id
         from orders
         where (realm_id, id) > ($1, $2) and placed_at <= $3 order by realm_id, id limit $4",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(wanted.until)
    .bind(wanted.limit)
    .fetch_all(&mut *db)
    .await?;
    let last = orders.last().map(|order| Place { realm_id: order.realm_id.uuid(), id: order.id.uuid() });
    let next = reconcile::next(orders.len(), wanted.limit, last);
    let mut lines = lines(db, &orders).await?;
    let events = orders.into_iter().map(|order| {
        let lines = lines.remove(&order.id).unwrap_or_default();
        reconcile::fact(&order.event(lines))
    });
    Ok(ListFactsResponse { facts: events.collect(), next })
}

async fn lines(db: &mut PgConnection, orders: &[Sale]) -> Result<HashMap<OrderId, Vec<PlacedLine>>, Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        order_id: OrderId,
        #[sqlx(flatten)]
        line: Line,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "select l.* from unnest($1::uuid[], $2::uuid[]) as o (realm_id, id)
         join order_lines l on l.realm_id = o.realm_id and l.order_id = o.id order by l.order_id, l.position",
    )
    .bind(orders.iter().map(|order| order.realm_id.uuid()).collect::<Vec<_>>())
    .bind(orders.iter().map(|order| order.id.uuid()).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let mut all = HashMap::<_, Vec<_>>::new();
    for Row { order_id, line } in rows {
        all.entry(order_id).or_default().push(line.placed());
    }
    Ok(all)
}

/// A page of the orders that events of the last days have told of. Places are those of the outbox.
pub async fn announced(db: &mut PgConnection, wanted: Wanted<'_>, event: &str) -> Result<ListFactsResponse, Error> {
    let after: i64 = match wanted.after {
        "" => 0,
        place => place.parse().map_err(|_| Violation::new("/after", "malformed", "no answer named this place"))?,
    };
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "select id, payload from outbox where id > $1 and subject = $2 and created_at <= $3 order by id limit $4",
    )
    .bind(after)
    .bind(event)
    .bind(wanted.until)
    .bind(wanted.limit)
    .fetch_all(db)
    .await?;
    let next = reconcile::next(rows.len(), wanted.limit, rows.last().map(|(id, _)| *id));
    Ok(ListFactsResponse { facts: rows.into_iter().map(|(_, event)| event.into()).collect(), next })
}

#[derive(sqlx::FromRow)]
struct Captured {
    realm_id: RealmId,
    id: TransactionId,
    store_id: StoreId,
    order_id: OrderId,
    customer_id: CustomerId,
    amount: i64,
    currency: String,
    created_at: DateTime<Utc>,
}

impl Captured {
    fn event(self) -> PaymentCaptured {
        PaymentCaptured {
            realm: self.realm_id.into(),
            store: self.store_id.into(),
            order: self.order_id.into(),
            customer: self.customer_id.into(),
            transaction: self.id.into(),
            amount: Some(Money { amount: self.amount, currency: self.currency }),
            at: Some(timestamp(self.created_at)),
        }
    }
}

/// A page of the money that came in and, as less than nothing, of what went back.
pub async fn captured(db: &mut PgConnection, wanted: Wanted<'_>) -> Result<ListFactsResponse, Error> {
    let after: Place = wanted.after.parse()?;
    let payments: Vec<Captured> = sqlx::query_as(
        "select t.realm_id, t.id, t.store_id, t.order_id, o.customer_id,
           case when t.type = 'refund' then -t.amount else t.amount end as amount, t.currency, t.created_at
         from transactions t join orders o on o.realm_id = t.realm_id and o.id = t.order_id
         where (t.realm_id, t.id) > ($1, $2) and t.type in ('payment', 'capture', 'refund')
           and t.status = 'succeeded' and t.created_at <= $3
         order by t.realm_id, t.id limit $4",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(wanted.until)
    .bind(wanted.limit)
    .fetch_all(db)
    .await?;
    let last = payments.last().map(|payment| Place { realm_id: payment.realm_id.uuid(), id: payment.id.uuid() });
    let next = reconcile::next(payments.len(), wanted.limit, last);
    let facts = payments.into_iter().map(|payment| reconcile::fact(&payment.event())).collect();
    Ok(ListFactsResponse { facts, next })
}

#[derive(sqlx::FromRow)]
struct Subscribed {
    realm_id: RealmId,
    id: SubscriptionId,
    store_id: StoreId,
    customer_id: CustomerId,
    product_id: ProductId,
    order_id: OrderId,
    state: State,
    version: i64,
    renews_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Subscribed {
    /// As if it had begun the way it stands now.
    fn event(self) -> SubscriptionStarted {
        SubscriptionStarted {
            realm: self.realm_id.into(),
            store: self.store_id.into(),
            subscription: self.id.into(),
            customer: self.customer_id.into(),
            product: self.product_id.into(),
            status: self.state.slug().to_owned(),
            version: self.version,
            at: Some(timestamp(self.updated_at)),
            order: self.order_id.into(),
            renews_at: Some(timestamp(self.renews_at)),
        }
    }
}

/// A page of the subscriptions that nobody has touched since, as they stand.
pub async fn subscribed(db: &mut PgConnection, wanted: Wanted<'_>) -> Result<ListFactsResponse, Error> {
    let after: Place = wanted.after.parse()?;
    let found: Vec<Subscribed> = sqlx::query_as(
        "select realm_id, id, store_id, customer_id, product_id, order_id, state, version, renews_at, updated_at
         from subscriptions where (realm_id, id) > ($1, $2) and updated_at <= $3 order by realm_id, id limit $4",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(wanted.until)
    .bind(wanted.limit)
    .fetch_all(db)
    .await?;
    let last = found.last().map(|found| Place { realm_id: found.realm_id.uuid(), id: found.id.uuid() });
    let next = reconcile::next(found.len(), wanted.limit, last);
    Ok(ListFactsResponse { facts: found.into_iter().map(|found| reconcile::fact(&found.event())).collect(), next })
}
