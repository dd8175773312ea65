//! Exchanging credentials for claims: two queries at most, since every token comes by once a minute.
use chrono::{DateTime, Utc};
use kit::{
    Db,
    actor::Kind,
    assertion::Claims,
    denied::Denied,
    ids::{ApiKeyId, NetworkId, StoreId},
};
use proto::identity::v1::ExchangeRequest;

use super::{
    credentials::{self, Bearer},
    scope::{self, Scope},
    store,
};
use crate::{
    Error, api_key, membership,
    session::{self, Session, Subject},
    shopper,
};

/// The claims that `request` comes to. Credentials that are unknown, expired or signed out are an error, never
/// anonymous (ID-5).
pub async fn exchange(db: &Db, request: &ExchangeRequest, now: DateTime<Utc>) -> Result<Claims, Error> {
    let bearer = Bearer::parse(&request.bearer)?;
    let store = credentials::store(request)?;
    let customer = credentials::customer_token(request, bearer)?;
    match bearer {
        Bearer::StaffSession(token) => staff(db, token, store, now).await,
        Bearer::ApiKey(secret) => integration(db, secret, (store, &request.ip), now).await,
        Bearer::PortalSession(token) => shopper(db, token, now).await,
        Bearer::CustomerSession(token) => {
            let store = store.ok_or(Denied::Unauthenticated)?;
            let scope = store::of_store(db.pool(), store).await?.ok_or(Denied::Unauthenticated)?;
            self::customer(db, token, scope, now).await
        }
        Bearer::StoreKey(_) | Bearer::NetworkKey(_) => {
            let (owner, scope) = front(db, bearer, store).await?;
            match customer {
                Some(token) => self::customer(db, token, scope, now).await,
                None => Ok(scope.claim(Claims::new(Kind::Anonymous, owner, now))),
            }
        }
    }
}

/// Whose key it is, and where it opens. A store's key opens that store; a network's the network, or the member named.
async fn front(db: &Db, bearer: Bearer<'_>, asked: Option<StoreId>) -> Result<(String, Scope), Error> {
    let scope = match bearer {
        Bearer::NetworkKey(key) => store::of_network_key(db.pool(), key, asked).await?,
        Bearer::StoreKey(key) => store::of_store_key(db.pool(), key).await?,
        _ => None,
    };
    let scope = scope.ok_or(Denied::Unauthenticated)?;
    if asked.is_some() && scope.store != asked {
        return Err(Error::StoreNotFound);
    }
    let owner = match bearer {
        Bearer::NetworkKey(_) => scope.network.map(NetworkId::into),
        _ => scope.store.map(StoreId::into),
    };
    Ok((owner.unwrap_or_default(), scope))
}

async fn customer(db: &Db, token: &str, scope: Scope, now: DateTime<Utc>) -> Result<Claims, Error> {
    let session = session::store::find_used(db.pool(), session::Kind::Customer, token, now).await?;
    let session = session.ok_or(Denied::Unauthenticated)?;
    if session.subject.realm() != scope.realm() {
        return Err(Denied::Unauthenticated.into());
    }
    Ok(scope.claim(claims(Kind::Customer, session, now)))
}

async fn staff(db: &Db, token: &str, asked: Option<StoreId>, now: DateTime<Utc>) -> Result<Claims, Error> {
    let session = session::store::find_used(db.pool(), session::Kind::Staff, token, now).await?;
    let session = session.ok_or(Denied::Unauthenticated)?;
    let Subject::Staff(staff) = session.subject else { return Err(Denied::Unauthenticated.into()) };
    let memberships = membership::store::reach(db.pool(), staff, asked).await?;
    let (scope, perms) = scope::choose(&memberships, asked.is_some(), session.has_factor())?;
    Ok(scope.claim(Claims { perms, ..claims(Kind::Staff, session, now) }))
}

/// A key of an integration, from an address that it may be used from, where it works. What is known of it ends with it.
async fn integration(
    db: &Db,
    secret: &str,
    (asked, address): (Option<StoreId>, &str),
    now: DateTime<Utc>,
) -> Result<Claims, Error> {
    let used = api_key::store::find_used(db.pool(), secret, asked, now).await?.ok_or(Denied::Unauthenticated)?;
    if !used.key.allows(address) {
        return Err(Error::AddressNotAllowed);
    }
    if asked.is_some() && used.reached.is_none() {
        return Err(Error::StoreNotFound);
    }
    if api_key::store::is_due(&used.key, now) {
        note_use(db.clone(), used.key.id, now);
    }
    let scope = Scope { store: used.reached, network: used.key.network_id.or(used.reached_network), has_blocks: false };
    let place = used.key.place().ok_or(Denied::Unauthenticated)?;
    let claims = Claims {
        perms: place.limit(used.key.permissions(), scope.network.is_some()),
        sid: Some(used.key.id.into()),
        ..Claims::new(Kind::ApiKey, used.key.id, now)
    };
    Ok(scope.claim(until(claims, used.key.expires_at)))
}

/// Aside: who uses a key does not wait for it.
fn note_use(db: Db, id: ApiKeyId, now: DateTime<Utc>) {
    tokio::spawn(async move {
        if let Err(error) = api_key::store::touch(db.pool(), id, now).await {
            tracing::warn!(error.detail = ?error, "the use of a key could not be noted");
        }
    });
}

/// The claims, which end no later than what they rest on.
fn until(claims: Claims, end: Option<DateTime<Utc>>) -> Claims {
    let exp = end.map_or(claims.exp, |end| claims.exp.min(end.timestamp()));
    Claims { exp, ..claims }
}

/// A shopper is of no customer base: they see what is theirs in every one (ID-15).
async fn shopper(db: &Db, token: &str, now: DateTime<Utc>) -> Result<Claims, Error> {
    let session = shopper::store::find_used(db.pool(), token, now).await?.ok_or(Denied::Unauthenticated)?;
    Ok(Claims {
        amr: vec!["link".to_owned()],
        auth_time: Some(session.authenticated_at.timestamp()),
        sid: Some(session.id.into()),
        ..Claims::new(Kind::Shopper, session.shopper_id, now)
    })
}

fn claims(kind: Kind, session: Session, now: DateTime<Utc>) -> Claims {
    let claims = Claims {
        amr: session.methods,
        auth_time: Some(session.authenticated_at.timestamp()),
        sid: Some(session.id.into()),
        act: session.acting.map(Into::into),
        ..Claims::new(kind, session.subject.text(), now)
    };
    until(claims, session.ends_at)
}
