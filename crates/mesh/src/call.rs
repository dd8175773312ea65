//! A call as a handler sees it: who asks, under which conditions, from where.
use std::sync::Arc;

use base::{
    actor::{Actor, Kind},
    assertion::Act,
    ids::CustomerId,
    permission::Permissions,
};
use http::HeaderMap;
use tonic::{Extensions, Request, metadata::MetadataValue};

use crate::{denied::Denied, error::Error};

/// Metadata that travels with every call between services.
pub mod header {
    /// The client's idempotency key.
    pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
    /// Hash of the request the key stands for.
    pub const FINGERPRINT: &str = "idempotency-fingerprint";
    /// Version the client expects, a number.
    pub const IF_MATCH: &str = "if-match";
    /// Id of the request from outside.
    pub const REQUEST_ID: &str = "x-request-id";
    /// Network address of the client.
    pub const CLIENT_IP: &str = "client-ip";
    /// The client's user agent.
    pub const CLIENT_AGENT: &str = "client-agent";
}

/// A request's idempotency key, who sent it and what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Whose key it is: kind, id and place of the caller.
    pub caller: String,
    /// As the client chose it.
    pub key: String,
    /// Hash of what is asked for; empty when the client sent none, which no service accepts.
    pub fingerprint: String,
}

/// Everything about a call but its message. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Call(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    actor: Option<Arc<Actor>>,
    bearer: String,
    key: Option<Key>,
    if_match: Option<i64>,
    request_id: String,
    client: Client,
}

/// Where a request came from (ID-28).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Network address; empty when unknown.
    pub ip: String,
    /// User agent, at most 400 characters; empty when unknown.
    pub agent: String,
}

impl Call {
    /// Reads the metadata of a call by `actor`, who presented `bearer`. Only the house itself is believed about where
    /// its caller came from; for anybody else `peer` says it.
    #[must_use]
    pub fn read(headers: &HeaderMap, actor: Option<Arc<Actor>>, bearer: &str, peer: Option<&str>) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let key = text(header::IDEMPOTENCY_KEY);
        let key = actor.as_ref().filter(|_| !key.is_empty()).map(|actor| Key {
            caller: format!("{} {}", actor.label(), actor.store.map(String::from).unwrap_or_default()),
            key,
            fingerprint: text(header::FINGERPRINT),
        });
        let agent = |name: &str| text(name).chars().take(400).collect();
        let client = match peer {
            None => Client { ip: text(header::CLIENT_IP), agent: agent(header::CLIENT_AGENT) },
            Some(peer) => Client { ip: peer.to_owned(), agent: agent("user-agent") },
        };
        Self(Arc::new(Inner {
            actor,
            bearer: bearer.to_owned(),
            key,
            if_match: text(header::IF_MATCH).parse().ok(),
            request_id: text(header::REQUEST_ID),
            client,
        }))
    }

    /// The call that `request` belongs to.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Error> {
        Self::within(request.extensions())
    }

    fn within(extensions: &Extensions) -> Result<Self, Error> {
        extensions.get::<Self>().cloned().ok_or_else(|| Error::Internal("a call came around the guard".to_owned()))
    }

    /// The same in the name of `customer`, by the member of staff who sent it (ID-25, CA-7). Whatever they may do as staff
    /// they may not do as the customer.
    #[must_use]
    pub fn in_name_of(&self, customer: CustomerId) -> Self {
        let inner = &self.0;
        let act = |actor: &Actor| Act {
            kind: actor.kind,
            sub: actor.subject.clone(),
            session: actor.session.clone().unwrap_or_default(),
            reason: String::new(),
        };
        let named = |actor: &Arc<Actor>| {
            Arc::new(Actor {
                kind: Kind::Customer,
                subject: customer.into(),
                permissions: Permissions::default(),
                act: Some(act(actor)),
                ..Actor::clone(actor)
            })
        };
        Self(Arc::new(Inner {
            actor: inner.actor.as_ref().map(named),
            bearer: inner.bearer.clone(),
            key: inner.key.clone(),
            if_match: inner.if_match,
            request_id: inner.request_id.clone(),
            client: inner.client.clone(),
        }))
    }

    /// Who asks; an error when nobody is signed in.
    pub fn actor(&self) -> Result<&Actor, Error> {
        self.0.actor.as_deref().ok_or(Error::Denied(Denied::Unauthenticated))
    }

    /// The idempotency key, if the client sent one.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    /// Passes when the client named no version, or the `current` one.
    pub fn check_version(&self, current: i64) -> Result<(), Error> {
        match self.0.if_match {
            Some(expected) if expected != current => Err(Error::Stale { current }),
            _ => Ok(()),
        }
    }

    /// The version the client named.
    #[must_use]
    pub fn expected_version(&self) -> Option<i64> {
        self.0.if_match
    }

    /// Where the request came from.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// Id of the request from outside that this is part of; empty when there is none.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// `message` as a call to another service on behalf of the same caller. The idempotency key stays behind: it
    /// belongs to the service that decides.
    #[must_use]
    pub fn forward<T>(&self, message: T) -> Request<T> {
        let mut request = self.trace(message);
        if let Ok(bearer) = MetadataValue::try_from(format!("Bearer {}", self.0.bearer)) {
            request.metadata_mut().insert("authorization", bearer);
        }
        request
    }

    /// `message` as a call of the service itself, in the course of this one.
    #[must_use]
    pub fn trace<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let (id, client) = (&self.0.request_id, &self.0.client);
        for (name, value) in
            [(header::REQUEST_ID, id), (header::CLIENT_IP, &client.ip), (header::CLIENT_AGENT, &client.agent)]
        {
            if let Ok(value) = MetadataValue::try_from(value) {
                request.metadata_mut().insert(name, value);
            }
        }
        request
    }
}
