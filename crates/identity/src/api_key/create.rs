//! Making a key of an integration.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    actor::{Actor, Kind},
    denied::Denied,
    ids::ApiKeyId,
    permission::Permissions,
    secret,
};

use super::{
    ApiKey,
    api_key::{self, PREFIX, Plan},
    store,
};
use crate::{Error, membership::Place};

/// Most keys of a store or network.
const MOST: usize = 100;

/// A key to make.
#[derive(Debug)]
pub struct CreateApiKey<'a> {
    /// What it is to be.
    pub plan: Plan,
    /// Where it works.
    pub place: Place,
    /// Who makes it.
    pub actor: &'a Actor,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Makes a key; answers it with its secret, which is shown this once.
pub async fn create_api_key(tx: &mut Tx, input: CreateApiKey<'_>) -> Result<(ApiKey, String), Error> {
    let CreateApiKey { plan, place, actor, now } = input;
    let own = if actor.is_system() { Permissions::all() } else { actor.permissions };
    if let Some(lacking) = plan.permissions.beyond(own) {
        return Err(Denied::Forbidden(lacking.slug()).into());
    }
    let plan = match maker(tx, actor, place).await? {
        Some(maker) => plan.within(&maker)?,
        None => plan,
    };
    if store::of_place(&mut **tx, place).await?.len() >= MOST {
        return Err(Error::TooManyKeys);
    }
    let secret = secret::token(PREFIX);
    let key = ApiKey {
        id: ApiKeyId::new(now),
        store_id: place.store(),
        network_id: place.network(),
        name: plan.name,
        hint: api_key::hint(&secret),
        permissions: plan.permissions.slugs(),
        allowed_ips: plan.allowed.iter().map(ToString::to_string).collect(),
        created_by: actor.subject.clone(),
        created_at: now,
        expires_at: plan.expires_at,
        last_used_at: None,
    };
    store::insert(tx, &key, &secret).await?;
    Ok((key, secret))
}

/// The key that makes another one, if an integration does.
async fn maker(tx: &mut Tx, actor: &Actor, place: Place) -> Result<Option<ApiKey>, Error> {
    if actor.kind != Kind::ApiKey {
        return Ok(None);
    }
    let id = actor.subject.parse().map_err(|_| Denied::Unauthenticated)?;
    let maker = store::find(&mut **tx, id, place).await?;
    Ok(Some(maker.ok_or(Denied::WrongCaller)?))
}
