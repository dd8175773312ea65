//! Ending a key of an integration.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    actor::{Actor, Kind},
    clock::timestamp,
    denied::Denied,
    ids::ApiKeyId,
    outbox,
};
use proto::identity::v1::SessionRevoked;

use super::{ApiKey, store};
use crate::{Error, membership::Place};

/// A key to end.
#[derive(Debug)]
pub struct RevokeApiKey<'a> {
    /// Which.
    pub id: ApiKeyId,
    /// Where it works.
    pub place: Place,
    /// Who ends it.
    pub actor: &'a Actor,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Ends a key, which is answered. An integration ends only those it could have made.
pub async fn revoke_api_key(tx: &mut Tx, input: RevokeApiKey<'_>) -> Result<ApiKey, Error> {
    let RevokeApiKey { id, place, actor, now } = input;
    let key = store::find(&mut **tx, id, place).await?.ok_or(Error::ApiKeyNotFound)?;
    if let Some(lacking) = key.permissions().beyond(actor.permissions).filter(|_| actor.kind == Kind::ApiKey) {
        return Err(Denied::Forbidden(lacking.slug()).into());
    }
    if store::revoke(tx, id, now).await? {
        let revoked = SessionRevoked { session: id.into(), subject: id.into(), at: Some(timestamp(now)) };
        outbox::publish(tx, &revoked);
    }
    Ok(key)
}
