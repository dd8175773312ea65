//! Finds out who a caller is: verifies assertions by identity's keys and exchanges credentials from outside.
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base::{
    actor::Actor,
    assertion::{self, PublicKey},
    clock::Clock,
    denied::Denied,
};
use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use proto::identity::v1::{ExchangeRequest, ListKeysRequest, assertion_service_client::AssertionServiceClient};

use crate::{error::Error, transport::Transport};

/// How long credentials from outside are believed without asking identity again.
pub const TRUST: Duration = Duration::from_mins(1);
/// How often keys are asked for at most, however many unknown key ids arrive.
const REFRESH: TimeDelta = TimeDelta::seconds(1);
/// How long keys are believed in before it is looked whether they were retired. While identity is away they hold on.
const STALE: TimeDelta = TimeDelta::minutes(1);

/// Verifies callers. Clones share the keys and the cache.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    clock: Clock,
    identity: AssertionServiceClient<Transport>,
    keys: RwLock<HashMap<String, PublicKey>>,
    /// How it went when keys were asked for.
    asked: tokio::sync::Mutex<Option<Asked>>,
    /// When they were answered.
    read_at: RwLock<Option<DateTime<Utc>>>,
    /// By hash of the token, so that no token lies about in memory.
    verified: Cache<[u8; 32], Arc<Actor>>,
    exchanged: Cache<[u8; 32], (Arc<Actor>, Arc<str>)>,
}

/// Keys were asked for.
#[derive(Clone, Copy)]
struct Asked {
    at: DateTime<Utc>,
    /// Whether identity answered.
    answered: bool,
}

/// A caller who is known.
pub struct Verified {
    /// Who it is.
    pub actor: Arc<Actor>,
    /// The assertion that says so.
    pub assertion: Arc<str>,
    /// Whether the caller presented the assertion itself, as only the house does.
    pub trusted: bool,
}

impl Verifier {
    /// A verifier that knows the keys of the `system` and asks `identity` for the others.
    #[must_use]
    pub fn new(clock: &Clock, system: Vec<PublicKey>, identity: Transport) -> Self {
        Self(Arc::new(Inner {
            clock: clock.clone(),
            identity: AssertionServiceClient::new(identity),
            keys: RwLock::new(system.into_iter().map(|key| (key.id.clone(), key)).collect()),
            asked: tokio::sync::Mutex::default(),
            read_at: RwLock::default(),
            verified: Cache::builder().max_capacity(50_000).time_to_live(Duration::from_mins(5)).build(),
            exchanged: Cache::builder().max_capacity(10_000).time_to_live(TRUST).build(),
        }))
    }

    /// Who presents `bearer`: an assertion, or an API key or a staff session from the network address `peer`.
    pub async fn verify(&self, bearer: &str, peer: &str) -> Result<Verified, Error> {
        if bearer.starts_with("sk_") || bearer.starts_with("staff_") {
            let (actor, assertion) = self.exchange(bearer, peer).await?;
            return Ok(Verified { actor, assertion, trusted: false });
        }
        let actor = self.assertion(bearer).await?;
        Ok(Verified { actor, assertion: bearer.into(), trusted: true })
    }

    /// Who an assertion speaks of.
    pub async fn assertion(&self, token: &str) -> Result<Arc<Actor>, Error> {
        let hash = base::secret::sha256(token.as_bytes());
        if let Some(actor) = self.0.verified.get(&hash) {
            return if actor.is_current(self.0.clock.now()) { Ok(actor) } else { Err(Denied::Unauthenticated.into()) };
        }
        let id = assertion::key_id(token).ok_or(Denied::Unauthenticated)?;
        let key = self.key(&id).await?;
        let actor = Arc::new(Actor::try_from(key.verify(token, &self.0.clock)?)?);
        self.0.verified.insert(hash, Arc::clone(&actor));
        Ok(actor)
    }

    /// Keys may be bound to addresses, which makes theirs part of what is remembered.
    async fn exchange(&self, bearer: &str, peer: &str) -> Result<(Arc<Actor>, Arc<str>), Error> {
        let address = if bearer.starts_with("sk_") { peer } else { "" };
        let hash = base::secret::sha256(format!("{bearer}\n{address}").as_bytes());
        if let Some(known) = self.0.exchanged.get(&hash)
            && known.0.is_current(self.0.clock.now())
        {
            return Ok(known);
        }
        let (bearer, ip) = (bearer.to_owned(), peer.to_owned());
        let request = ExchangeRequest { bearer, ip, ..ExchangeRequest::default() };
        let assertion = self.0.identity.clone().exchange(request).await?.into_inner().assertion;
        let known = (self.assertion(&assertion).await?, Arc::from(assertion));
        self.0.exchanged.insert(hash, known.clone());
        Ok(known)
    }

    async fn key(&self, id: &str) -> Result<PublicKey, Error> {
        if let Some(key) = self.known(id).filter(|key| key.is_system() || !self.is_stale()) {
            return Ok(key);
        }
        let mut asked = self.0.asked.lock().await;
        let now = self.0.clock.now();
        let due = self.known(id).is_none() || self.is_stale();
        if due && asked.is_none_or(|last| now - last.at >= REFRESH) {
            let refreshed = self.refresh(now).await;
            *asked = Some(Asked { at: now, answered: refreshed.is_ok() });
            // What was known stays good while nobody can say otherwise.
            if self.known(id).is_none() {
                refreshed?;
            }
        }
        match self.known(id) {
            Some(key) => Ok(key),
            // Nobody knows that there is no such key.
            None if asked.is_some_and(|last| !last.answered) => Err(Error::Busy),
            None => Err(Denied::Unauthenticated.into()),
        }
    }

    fn is_stale(&self) -> bool {
        let read_at = *self.0.read_at.read().unwrap_or_else(PoisonError::into_inner);
        read_at.is_none_or(|at| self.0.clock.now() - at >= STALE)
    }

    async fn refresh(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let keys = self.0.identity.clone().list_keys(ListKeysRequest {}).await?.into_inner().keys;
        let mut known = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        let former: Vec<String> = known.extract_if(|_, key| !key.is_system()).map(|(id, _)| id).collect();
        for key in keys {
            let Ok(bytes) = <[u8; 32]>::try_from(&key.public_key[..]) else { continue };
            let key = PublicKey { id: key.id, bytes };
            // Nobody but the house's own secrets may introduce a key by the system's name.
            if !key.is_system() {
                known.insert(key.id.clone(), key);
            }
        }
        // What a key signed that is gone is not believed from memory either.
        if former.iter().any(|id| !known.contains_key(id)) {
            self.0.verified.invalidate_all();
            self.0.exchanged.invalidate_all();
        }
        *self.0.read_at.write().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(())
    }

    fn known(&self, id: &str) -> Option<PublicKey> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}
