//! Makes the draft order of a cart and the payment that is to be taken, before any gateway is asked (OR-1).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::Clock,
    ids::{CustomerId, OrderId},
};

use super::{Checkout, Purchase};
use crate::{
    error::Error,
    order::{self, Client, News, Order, Standing},
    payment::{self, Payment, PaymentId, State},
};

/// What a draft is made of.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The checkout, whose price has been checked.
    pub checkout: &'a Checkout,
    /// What the cart holds.
    pub purchase: Purchase,
    /// Who buys.
    pub customer: CustomerId,
    /// The gateway's payment method.
    pub method: &'a str,
    /// Number for the order, if it is to be made.
    pub number: String,
    /// Where the request came from.
    pub client: Client,
    /// Who asks: kind and id.
    pub actor: String,
    /// Time.
    pub clock: &'a Clock,
}

/// Makes or renews the cart's draft and starts a payment of it. `None` when somebody else was quicker: then there is
/// an order or a live payment to look at.
pub async fn draft(tx: &mut Tx, draft: Draft<'_>) -> Result<Option<Payment>, Error> {
    let Draft { checkout, clock, .. } = draft;
    let now = clock.now();
    let order = match order::store::lock_of_cart(tx, checkout.realm, checkout.cart).await? {
        Some(order) if order.is_placed() => return Ok(None),
        Some(order) => {
            let latest = payment::store::latest(&mut **tx, order.realm, order.id).await?;
            if latest.is_some_and(|payment| payment.state != State::Failed) {
                return Ok(None);
            }
            renew(tx, order, &draft, now).await?
        }
        None => match create(tx, &draft, now).await? {
            Some(order) => order,
            None => return Ok(None),
        },
    };
    order::store::freeze_lines(tx, &order, &draft.purchase.lines).await?;
    let payment = Payment {
        id: PaymentId::new(now),
        realm: order.realm,
        store: order.store,
        order: order.id,
        gateway: checkout.gateway,
        method: draft.method.to_owned(),
        amount: order.totals.due(),
        state: State::Started,
        refusal: None,
        actor: draft.actor,
        ip: draft.client.ip,
        created_at: now,
    };
    payment::store::insert(tx, &payment, clock).await?;
    Ok(Some(payment))
}

async fn create(tx: &mut Tx, draft: &Draft<'_>, now: DateTime<Utc>) -> Result<Option<Order>, Error> {
    let checkout = draft.checkout;
    let order = Order {
        id: OrderId::new(now),
        realm: checkout.realm,
        store: checkout.store,
        cart: checkout.cart,
        customer: draft.customer,
        number: draft.number.clone(),
        standing: Standing::DRAFT,
        fulfilment: "unfulfilled".to_owned(),
        totals: draft.purchase.totals,
        contact: checkout.contact.clone(),
        client: draft.client.clone(),
        gateway: checkout.gateway,
        version: 1,
        placed_at: None,
        created_at: now,
        updated_at: now,
    };
    if !order::store::insert(tx, &order).await? {
        return Ok(None);
    }
    order::store::remember(tx, &order, &draft.actor, now).await?;
    Ok(Some(order))
}

/// A draft whose payment failed becomes what is bought now, perhaps by other means and with other lines.
async fn renew(tx: &mut Tx, mut order: Order, draft: &Draft<'_>, now: DateTime<Utc>) -> Result<Order, Error> {
    order.hear(News::Started, now)?;
    order.customer = draft.customer;
    order.totals = draft.purchase.totals;
    order.contact = draft.checkout.contact.clone();
    order.client = draft.client.clone();
    order.gateway = draft.checkout.gateway;
    order::store::save(tx, &order).await?;
    order::store::drop_lines(tx, &order).await?;
    Ok(order)
}
