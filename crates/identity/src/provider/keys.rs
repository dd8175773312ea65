//! The keys a provider publishes: found by discovery, kept, and fetched again for a key id that is not among them, at
//! most twice a minute, so that nobody makes us ask for every token they make up.
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use kit::clock::Clock;
use serde::Deserialize;
use tokio::sync::Mutex;
use tonic::Status;

use crate::Error;

/// How long keys are not asked for again, whatever key a token names.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How long keys are kept.
const KEPT: TimeDelta = TimeDelta::hours(12);

/// The keys of one provider. Clones share them.
#[derive(Clone)]
pub struct Keys {
    issuer: String,
    http: reqwest::Client,
    clock: Clock,
    known: Arc<Mutex<Option<Known>>>,
}

struct Known {
    keys: JwkSet,
    at: DateTime<Utc>,
}

impl Known {
    fn find(&self, id: Option<&str>) -> Option<Jwk> {
        match (id, &self.keys.keys[..]) {
            (Some(id), _) => self.keys.find(id).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        }
    }
}

/// What discovery tells.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Keys {
    /// The keys of `issuer`, which are asked for when the first token comes.
    #[must_use]
    pub fn new(issuer: &str, http: reqwest::Client, clock: Clock) -> Self {
        Self { issuer: issuer.to_owned(), http, clock, known: Arc::default() }
    }

    /// The key with this id. A provider that has but one need not name it; it may be another by the next time.
    pub async fn find(&self, id: Option<&str>) -> Result<Jwk, Error> {
        let now = self.clock.now();
        let mut known = self.known.lock().await; // whoever comes meanwhile waits for the same answer
        if let Some(kept) = known.as_ref().filter(|kept| now - kept.at < KEPT) {
            let (key, is_fresh) = (kept.find(id), now - kept.at < PAUSE);
            if is_fresh || (key.is_some() && id.is_some()) {
                return key.ok_or(Error::BadToken);
            }
        }
        let fresh = Known { keys: self.fetch().await?, at: now };
        let key = fresh.find(id);
        *known = Some(fresh);
        key.ok_or(Error::BadToken)
    }

    async fn fetch(&self) -> Result<JwkSet, Error> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer);
        let told: Discovery = self.get(&address).await?;
        if told.issuer.trim_end_matches('/') != self.issuer {
            return Err(away("a provider calls itself by another name").into());
        }
        self.get(&told.jwks_uri).await
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, address: &str) -> Result<T, Error> {
        let answer = self.http.get(address).send().await.and_then(reqwest::Response::error_for_status);
        let answer = answer.map_err(|error| away(&error.without_url().to_string()))?;
        Ok(answer.json().await.map_err(|error| away(&error.without_url().to_string()))?)
    }
}

/// The provider cannot be asked just now.
pub fn away(why: &str) -> Status {
    tracing::warn!(error.detail = why, "a provider could not be asked");
    Status::unavailable("the provider cannot be asked just now")
}
