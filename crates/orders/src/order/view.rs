//! Orders as callers see them: with their lines, transactions and history, and masked where they must be (ID-23).
use kit::{actor::Actor, clock::timestamp, ids::RealmId, personal::redact};
use proto::orders::v1 as pb;
use sqlx::PgConnection;

use super::{Order, order::Client, parts};
use crate::error::Error;

/// How much of an order somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Personal data, unmasked.
    pub clear: bool,
    /// What staff keep for themselves: their note, tags and reasons, from where they work, and who acted for whom.
    pub staff: bool,
}

impl Sight {
    /// What `actor` sees of `order`.
    #[must_use]
    pub fn of(actor: &Actor, order: &Order) -> Self {
        let clear = actor.sees_pii() || actor.customer() == Some(order.customer);
        Self { clear, staff: actor.is_staff() || actor.is_system() }
    }

    /// `shown` without what is not seen.
    fn dim(self, mut shown: pb::Order) -> pb::Order {
        if !self.staff {
            (shown.note, shown.tags) = (String::new(), Vec::new());
            shown.attribution = None;
            for refund in &mut shown.refunds {
                refund.reason.clear();
                refund.message.clear();
            }
            for entry in &mut shown.transactions {
                entry.reason.clear();
                if !entry.method.is_empty() {
                    entry.ip.clear(); // that of whoever made it by hand
                }
            }
            for line in &mut shown.lines {
                line.recipient.clear(); // or it would say who stands behind an e-mail address that somebody typed
                line.gift.take_if(|_| !self.clear);
            }
            for change in &mut shown.history {
                change.impersonator.clear();
                change.changes.clear();
            }
        }
        if self.clear { shown } else { redact(shown) }
    }
}

/// `orders` of one realm as the API shows them; `sight` says how much of each.
pub async fn show(
    db: &mut PgConnection,
    realm: RealmId,
    orders: Vec<Order>,
    sight: impl Fn(&Order) -> Sight,
) -> Result<Vec<pb::Order>, Error> {
    let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
    let mut parts = parts::of_orders(db, realm, &ids).await?;
    let show = |order: Order| {
        let (id, sight) = (order.id, sight(&order));
        let mut shown = encode(order);
        parts.remove(&id).unwrap_or_default().show(&mut shown)?;
        Ok(sight.dim(shown))
    };
    orders.into_iter().map(show).collect()
}

/// The same for orders of any realms, in the order in which they are given.
pub async fn show_any(
    db: &mut PgConnection,
    orders: Vec<Order>,
    sight: impl Fn(&Order) -> Sight,
) -> Result<Vec<pb::Order>, Error> {
    let ids: Vec<String> = orders.iter().map(|order| order.id.into()).collect();
    let (mut rest, mut shown) = (orders, Vec::new());
    while let Some(realm) = rest.first().map(|order| order.realm) {
        let (these, others) = rest.into_iter().partition(|order| order.realm == realm);
        shown.extend(show(db, realm, these, &sight).await?);
        rest = others;
    }
    shown.sort_by_cached_key(|order: &pb::Order| ids.iter().position(|id| *id == order.id));
    Ok(shown)
}

/// `order` without its lines and whatever else it has many of.
#[must_use]
pub fn show_bare(order: Order, sight: Sight) -> pb::Order {
    sight.dim(encode(order))
}

/// `order` as the API shows it.
pub async fn show_one(db: &mut PgConnection, order: Order, sight: Sight) -> Result<pb::Order, Error> {
    let shown = show(db, order.realm, vec![order], |_| sight).await?;
    shown.into_iter().next().ok_or(Error::OrderNotFound)
}

/// Without its parts.
fn encode(order: Order) -> pb::Order {
    let totals = order.totals;
    let cart = order.bought_cart();
    let Client { ip, agent } = order.client;
    pb::Order {
        cart,
        subscription: order.subscription.map(String::from).unwrap_or_default(),
        id: order.id.into(),
        number: order.number,
        realm: order.realm.into(),
        store: order.store.into(),
        customer: order.customer.into(),
        status: order.standing.status.slug().to_owned(),
        payment_status: order.standing.payment.slug().to_owned(),
        fulfilment_status: order.standing.fulfilment.slug().to_owned(),
        subtotal: Some(totals.money(totals.subtotal).into()),
        discounts: order.discounts.into_iter().map(Into::into).collect(),
        discount: Some(totals.money(totals.discount).into()),
        shipping: Some(totals.money(totals.shipping).into()),
        tax: Some(totals.money(totals.tax).into()),
        included_tax: Some(totals.money(totals.included_tax).into()),
        delivery: order.delivery.map(Into::into),
        total: Some(totals.due().into()),
        name: order.contact.name,
        email: order.contact.email,
        phone: order.contact.phone,
        billing: order.contact.billing.map(Into::into),
        shipping_address: order.contact.shipping.map(Into::into),
        ip,
        user_agent: agent,
        attribution: order.attribution.told(),
        gateway: order.gateway.slug().to_owned(),
        note: order.note,
        tags: order.tags,
        version: order.version,
        placed_at: order.placed_at.map(timestamp),
        created_at: Some(timestamp(order.created_at)),
        updated_at: Some(timestamp(order.updated_at)),
        ..pb::Order::default()
    }
}
