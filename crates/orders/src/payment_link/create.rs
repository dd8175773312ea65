//! Makes a link by which what is due of an order is paid.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    secret,
};
use proto::orders::v1::CreatePaymentLinkRequest;
use sqlx::PgExecutor;

use super::{
    PaymentLink, PaymentLinkId,
    payment_link::{PREFIX, hash, lifetime},
    store,
};
use crate::{
    error::Error,
    invoice::{Bill, bill::Stand},
    order::{Doer, Order, Status},
};

/// Most open links of an order.
const MOST: i64 = 50;

/// A link for what `bill` says is due, with its secret, which is told this once. It leads nowhere before it is added.
pub async fn draw_up(
    db: impl PgExecutor<'_>,
    actor: &Actor,
    (bill, wanted): (&Bill, &CreatePaymentLinkRequest),
    now: DateTime<Utc>,
) -> Result<(PaymentLink, String), Error> {
    let lifetime = lifetime(wanted.expires_in).map_err(kit::Error::from)?;
    let order = &bill.order;
    if order.standing.status == Status::Cancelled {
        return Err(Error::OrderNotOpen);
    }
    if bill.stand() == Stand::Paid {
        return Err(Error::AlreadyPaid);
    }
    if store::count_open(db, order, now).await? >= MOST {
        return Err(Error::TooManyLinks);
    }
    let secret = secret::token(PREFIX);
    let link = PaymentLink {
        realm: order.realm,
        id: PaymentLinkId::new(now),
        order: order.id,
        token_hash: hash(&secret).to_vec(),
        sent: wanted.send,
        created_by: Doer::of(actor).actor,
        created_at: now,
        expires_at: now + lifetime,
        revoked_at: None,
    };
    Ok((link, secret))
}

/// Adds the `link` to `order`.
pub async fn create_link(
    tx: &mut Tx,
    call: &Call,
    (link, order): (&PaymentLink, &Order),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    store::insert(&mut **tx, link).await?;
    let after = json!({ "link": link.id.to_string(), "sent": link.sent, "expires_at": link.expires_at.to_rfc3339() });
    let entry = Entry::new("payment_link.created", ("order", order.id), now).about(order.customer);
    audit::record(tx, call, entry.created(after))?;
    Ok(())
}
