//! Orders as callers see them: with their lines, transactions and history, and masked where they must be (ID-23).
use kit::{actor::Actor, clock::timestamp, ids::RealmId, redact};
use proto::orders::v1 as pb;
use sqlx::PgConnection;

use super::{Order, order::Client, parts};
use crate::error::Error;

/// Names of the fields that are masked together, as the contract calls them.
const PERSONAL: [&str; 8] =
    ["name", "email", "phone", "billing", "shipping_address", "ip", "user_agent", "transactions.ip"];

/// Whether `actor` sees personal data of `order` in the clear.
#[must_use]
pub fn is_clear_for(actor: &Actor, order: &Order) -> bool {
    actor.sees_pii() || actor.customer() == Some(order.customer)
}

/// `orders` of one realm as the API shows them; `clear` says of which personal data is not masked.
pub async fn show(
    db: &mut PgConnection,
    realm: RealmId,
    orders: Vec<Order>,
    clear: impl Fn(&Order) -> bool,
) -> Result<Vec<pb::Order>, Error> {
    let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
    let mut parts = parts::of_orders(db, realm, &ids).await?;
    let show = |order: Order| {
        let (id, is_clear) = (order.id, clear(&order));
        let mut shown = encode(order);
        parts.remove(&id).unwrap_or_default().show(&mut shown)?;
        Ok(if is_clear { shown } else { mask(shown) })
    };
    orders.into_iter().map(show).collect()
}

/// `order` as the API shows it.
pub async fn show_one(db: &mut PgConnection, order: Order, clear: bool) -> Result<pb::Order, Error> {
    let shown = show(db, order.realm, vec![order], |_| clear).await?;
    shown.into_iter().next().ok_or(Error::OrderNotFound)
}

/// Without its parts.
fn encode(order: Order) -> pb::Order {
    let totals = order.totals;
    let Client { ip, agent } = order.client;
    pb::Order {
        id: order.id.into(),
        number: order.number,
        realm: order.realm.into(),
        store: order.store.into(),
        customer: order.customer.into(),
        cart: order.cart.into(),
        status: order.standing.status.slug().to_owned(),
        payment_status: order.standing.payment.slug().to_owned(),
        fulfilment_status: order.fulfilment,
        subtotal: Some(totals.money(totals.subtotal).into()),
        discount: Some(totals.money(totals.discount).into()),
        shipping: Some(totals.money(totals.shipping).into()),
        tax: Some(totals.money(totals.tax).into()),
        total: Some(totals.due().into()),
        name: order.contact.name,
        email: order.contact.email,
        phone: order.contact.phone,
        billing: order.contact.billing.map(Into::into),
        shipping_address: order.contact.shipping.map(Into::into),
        ip,
        user_agent: agent,
        gateway: order.gateway.slug().to_owned(),
        version: order.version,
        placed_at: order.placed_at.map(timestamp),
        created_at: Some(timestamp(order.created_at)),
        updated_at: Some(timestamp(order.updated_at)),
        ..pb::Order::default()
    }
}

/// Masks the person, keeps the order.
fn mask(mut order: pb::Order) -> pb::Order {
    order.name = redact::name(&order.name);
    order.email = redact::email(&order.email);
    order.phone = redact::phone(&order.phone);
    order.billing = order.billing.map(redact::address);
    order.shipping_address = order.shipping_address.map(redact::address);
    order.ip = redact::text(&order.ip);
    order.user_agent = redact::text(&order.user_agent);
    for transaction in &mut order.transactions {
        transaction.ip = redact::text(&transaction.ip);
    }
    order.redacted = PERSONAL.map(str::to_owned).to_vec();
    order
}

#[cfg(test)]
mod tests {
    use proto::base::v1::Address;

    use super::*;

    /// ID-23: nothing personal is left in a masked order, and the rest is untouched.
    #[test]
    fn masking_leaves_no_trace_of_the_person() {
        let address = Address {
            name: "Ann Secret".to_owned(),
            line1: "Secret street 1".to_owned(),
            line2: "Secret".to_owned(),
            business: "Secret Ltd".to_owned(),
            phone: "+49301234567".to_owned(),
            city: "Berlin".to_owned(),
            ..Address::default()
        };
        let order = pb::Order {
            number: "1001".to_owned(),
            name: "Ann Secret".to_owned(),
            email: "secret@example.com".to_owned(),
            phone: "+49301234567".to_owned(),
            billing: Some(address.clone()),
            shipping_address: Some(address),
            ip: "203.0.113.9".to_owned(),
            user_agent: "Secret/1".to_owned(),
            transactions: vec![pb::Transaction { ip: "203.0.113.9".to_owned(), ..Default::default() }],
            ..Default::default()
        };
        let masked = mask(order);
        let text = format!("{masked:?}");
        for personal in ["Secret", "secret", "1234567", "203.0"] {
            assert!(!text.contains(personal), "{personal} shows in {text}");
        }
        assert_eq!((&*masked.number, &*masked.email), ("1001", "s***@example.com"));
    }
}
