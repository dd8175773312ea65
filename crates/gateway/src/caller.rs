//! Who sent a request and under which conditions: what goes along with every call to a service.
//!
//! Nothing of it is copied from the client's headers: whatever a service reads as metadata is written here.
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::FromRequestParts;
use http::request::Parts;
use kit::{actor::Actor, call::header};
use tonic::{Request, metadata::MetadataMap};

use crate::{credentials::Admitted, front::arrival::WORK, problem::Problem};

/// What is known of a request before anybody asks who sent it.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its id, the client's own or a fresh one.
    pub request_id: Arc<str>,
    /// The client's address, beyond proxies that are trusted.
    pub ip: Option<IpAddr>,
    /// The client's user agent, at most 400 characters.
    pub agent: Arc<str>,
    /// When the answer has to be there.
    pub deadline: Instant,
}

impl Arrival {
    /// The client's address in text; empty when it is not known.
    pub fn address(&self) -> String {
        self.ip.map(|ip| ip.to_string()).unwrap_or_default()
    }

    /// Writes where a call comes from, and how long it may take.
    pub fn describe(&self, metadata: &mut MetadataMap) {
        put(metadata, header::REQUEST_ID, &self.request_id);
        put(metadata, header::CLIENT_IP, &self.address());
        put(metadata, header::CLIENT_AGENT, &self.agent);
        let left = self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        put(metadata, "grpc-timeout", &format!("{}m", left.as_millis()));
    }
}

/// A key under which the same request has the same answer, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As services know it.
    pub key: String,
    /// Hash of method, address and body.
    pub fingerprint: String,
}

/// A request that was let in.
#[derive(Clone)]
pub struct Caller(Arc<Inner>);

struct Inner {
    arrival: Arrival,
    admitted: Option<Arc<Admitted>>,
    key: Option<Key>,
    expected: Option<i64>,
}

impl Caller {
    /// A caller with these credentials and conditions. `expected` is the version that `If-Match` names.
    pub fn new(arrival: Arrival, admitted: Option<Arc<Admitted>>, key: Option<Key>, expected: Option<i64>) -> Self {
        Self(Arc::new(Inner { arrival, admitted, key, expected }))
    }

    /// The same request by somebody else, without its conditions: the customer who has just signed in.
    pub fn signed_in(&self, admitted: Arc<Admitted>) -> Self {
        Self::new(self.0.arrival.clone(), Some(admitted), None, None)
    }

    /// `message` as a call on the caller's behalf. Where no credentials are needed, as for signing in, it is the
    /// gateway's own.
    pub fn ask<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        self.0.arrival.describe(metadata);
        if let Some(admitted) = &self.0.admitted {
            metadata.insert("authorization", admitted.bearer.clone());
        }
        if let Some(key) = &self.0.key {
            put(metadata, header::IDEMPOTENCY_KEY, &key.key);
            put(metadata, header::FINGERPRINT, &key.fingerprint);
        }
        if let Some(version) = self.0.expected {
            put(metadata, header::IF_MATCH, &version.to_string());
        }
        request
    }

    /// The same for one of many calls that an answer is made of while it is sent: each has its own time.
    pub fn ask_anew<T>(&self, message: T) -> Request<T> {
        let mut request = self.ask(message);
        let arrival = Arrival { deadline: Instant::now() + WORK, ..self.0.arrival.clone() };
        arrival.describe(request.metadata_mut());
        request
    }

    /// Where the request came from.
    pub fn arrival(&self) -> &Arrival {
        &self.0.arrival
    }

    /// What the caller was admitted with.
    pub fn admitted(&self) -> Result<&Admitted, Problem> {
        self.0.admitted.as_deref().ok_or_else(|| Problem::defect("a route without a door asked for credentials"))
    }

    /// Who asks.
    pub fn actor(&self) -> Result<&Actor, Problem> {
        Ok(&self.admitted()?.actor)
    }
}

fn put(metadata: &mut MetadataMap, name: &'static str, value: &str) {
    // What cannot be metadata, such as an agent in another script, is left out.
    if let Ok(value) = value.parse() {
        metadata.insert(name, value);
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::defect("a route has no door"))
    }
}
