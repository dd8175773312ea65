//! The keys a provider publishes: found by discovery, kept, and fetched again for a key id that is not among them, at
//! most twice a minute, so that nobody makes us ask for every token they make up.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use kit::clock::Clock;
use serde::Deserialize;
use tonic::Status;

use crate::Error;

/// How long the provider is not asked again, whatever key a token names and whatever came of the last time.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How long keys are kept …
const KEPT: TimeDelta = TimeDelta::hours(12);
/// … and for how long they do while the provider cannot be asked.
const STALE: TimeDelta = TimeDelta::hours(24);

/// The keys of one provider. Clones share them.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    issuer: String,
    http: reqwest::Client,
    clock: Clock,
    known: Mutex<Known>,
    /// Held by the one who asks the provider.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    /// The keys, and when they came.
    keys: Option<(JwkSet, DateTime<Utc>)>,
    /// When the provider was asked last, and whether it answered.
    asked: Option<(DateTime<Utc>, bool)>,
}

impl Known {
    /// The key with this `id` among keys that are younger than `age`. A provider that has but one need not name it.
    fn find(&self, id: Option<&str>, now: DateTime<Utc>, age: TimeDelta) -> Option<Jwk> {
        let (keys, _) = self.keys.as_ref().filter(|(_, at)| now - *at < age)?;
        match (id, &keys.keys[..]) {
            (Some(id), _) => keys.find(id).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        }
    }

    /// What is known of a key without asking; `None` when the provider is to be asked.
    fn answer(&self, id: Option<&str>, now: DateTime<Utc>) -> Option<Result<Jwk, Error>> {
        // One that is not named may be another by the next time.
        if let Some(key) = id.and_then(|_| self.find(id, now, KEPT)) {
            return Some(Ok(key));
        }
        let (_, answered) = self.asked.filter(|(at, _)| now - *at < PAUSE)?;
        let missing = || if answered { Error::BadToken } else { away("it did not answer a moment ago").into() };
        Some(self.find(id, now, STALE).ok_or_else(missing))
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
        let (issuer, known) = (issuer.to_owned(), Mutex::default());
        Self(Arc::new(Inner { issuer, http, clock, known, asking: tokio::sync::Mutex::default() }))
    }

    /// The key with this id, or the only one.
    pub async fn find(&self, id: Option<&str>) -> Result<Jwk, Error> {
        let now = self.0.clock.now();
        if let Some(answer) = self.known().answer(id, now) {
            return answer;
        }
        let _asking = self.0.asking.lock().await; // whoever comes meanwhile waits for the same answer
        if let Some(answer) = self.known().answer(id, now) {
            return answer;
        }
        let fetched = self.0.fetch().await;
        let mut known = self.known();
        known.asked = Some((now, fetched.is_ok()));
        match fetched {
            Ok(keys) => {
                known.keys = Some((keys, now));
                known.find(id, now, KEPT).ok_or(Error::BadToken)
            }
            Err(error) => known.find(id, now, STALE).ok_or(error),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
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
