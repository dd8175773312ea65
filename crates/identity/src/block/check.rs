//! Whether somebody is kept out. Where there is no list, which the caller's assertion says, nothing is asked.
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use kit::{Call, Db, email::Email, ids::RealmId};
use proto::identity::v1::check_many_blocks_request::Visitor;

use super::{block, store};
use crate::{
    Error,
    lookup::{By, Lookup},
};

/// Whether an entry of `realm` fits somebody from `ip` with this e-mail address, as far as either is known.
pub async fn is_blocked(
    (db, lookup): (&Db, &Lookup),
    realm: RealmId,
    (ip, email): (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    Ok(!blocking((db, lookup), &[realm], (ip, email), now).await?.is_empty())
}

/// Of each of many, whether an entry of `realm` fits them. Where there is no list nothing is compared.
pub async fn are_blocked(
    (db, lookup): (&Db, &Lookup),
    realm: RealmId,
    visitors: &[Visitor],
    now: DateTime<Utc>,
) -> Result<Vec<bool>, Error> {
    if store::of_realm(db.pool(), realm, now).await?.is_empty() {
        return Ok(vec![false; visitors.len()]);
    }
    let mut blocked = Vec::with_capacity(visitors.len());
    for Visitor { ip, email } in visitors {
        blocked.push(is_blocked((db, lookup), realm, (ip, email), now).await?);
    }
    Ok(blocked)
}

/// Those of `realms` that keep somebody from `ip` with this e-mail address out.
pub async fn blocking(
    (db, lookup): (&Db, &Lookup),
    realms: &[RealmId],
    (ip, email): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Vec<RealmId>, Error> {
    let ip = ip.parse::<IpAddr>().ok().map(|ip| ip.to_canonical().to_string());
    let email = Email::parse(email).ok();
    let (hash, domains) = match &email {
        Some(email) => (Some(lookup.hash(By::Block, email.canonical()).await?), block::domains(email)),
        None => (None, Vec::new()),
    };
    store::fitting(db.pool(), realms, (ip, hash, domains), now).await
}

/// Refuses whoever sends `call` when they, or the e-mail address they give, are kept out.
pub async fn refuse_blocked(
    (db, lookup): (&Db, &Lookup),
    call: &Call,
    email: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let actor = call.actor()?;
    if !actor.has_blocks {
        return Ok(());
    }
    let blocked = is_blocked((db, lookup), actor.realm()?, (&call.client().ip, email), now).await?;
    if blocked { Err(kit::denied::Denied::Blocked.into()) } else { Ok(()) }
}
