//! Makes a link.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    secret,
};

use super::{
    Link, LinkId,
    link::{PREFIX, hash},
    store,
};
use crate::{
    error::Error,
    order::{Doer, Order},
};

/// Most open links of an order.
const MOST: i64 = 50;

/// Makes a link to `order`, which is held; answers it with its secret, which is told this once.
pub async fn create_link(tx: &mut Tx, call: &Call, order: &Order, now: DateTime<Utc>) -> Result<(Link, String), Error> {
    if store::count_open(&mut **tx, order).await? >= MOST {
        return Err(Error::TooManyLinks);
    }
    let secret = secret::token(PREFIX);
    let link = Link {
        realm: order.realm,
        id: LinkId::new(now),
        order: order.id,
        token_hash: hash(&secret).to_vec(),
        created_by: Doer::of(call.actor()?).actor,
        created_at: now,
        revoked_at: None,
    };
    store::insert(&mut **tx, &link).await?;
    let entry = Entry::new("order_link.created", ("order", order.id), now).about(order.customer);
    audit::record(tx, call, entry.created(json!({ "link": link.id.to_string() })))?;
    Ok((link, secret))
}
