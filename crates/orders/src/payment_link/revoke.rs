//! Makes a link lead nowhere.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
};

use super::{PaymentLink, PaymentLinkId, store};
use crate::{error::Error, order::Order};

/// Revokes the link `id` of `order`, which is held. Repeatable: what is revoked stays revoked since then.
pub async fn revoke_link(
    tx: &mut Tx,
    call: &Call,
    (order, id): (&Order, PaymentLinkId),
    now: DateTime<Utc>,
) -> Result<PaymentLink, Error> {
    let (link, is_news) = store::revoke(tx, (order, id), now).await?.ok_or(Error::LinkNotFound)?;
    if is_news {
        let entry = Entry::new("payment_link.revoked", ("order", order.id), now).about(order.customer);
        audit::record(tx, call, entry.removed(json!({ "link": link.id.to_string() })))?;
    }
    Ok(link)
}
