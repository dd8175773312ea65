//! Credentials: opaque outside, exchanged for a signed assertion inside, believed for at most a minute.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream::select};
use http::{HeaderMap, header::AUTHORIZATION};
use kit::{
    actor::Actor,
    clock::Clock,
    secret,
    service::Env,
    transport::Transport,
    verifier::{TRUST, Verifier},
};
use moka::sync::Cache;
use prost::{Message, Name};
use proto::identity::v1::{ExchangeRequest, SessionRevoked, assertion_service_client::AssertionServiceClient};
use tokio_util::sync::CancellationToken;
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
};

use crate::{NAME, caller::Arrival, problem::Problem};

/// An assertion is not used in its last seconds, so that it still holds when it arrives.
const MARGIN_SECONDS: i64 = 10;

/// What a client presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// What follows `Bearer`.
    pub bearer: String,
    /// `Customer-Token`; may be empty.
    pub customer: String,
    /// `Patron-Store`; may be empty.
    pub store: String,
}

impl Credentials {
    /// Reads `Authorization`, `Customer-Token` and `Patron-Store`, each of which is there once at most: of two, a proxy
    /// might believe the other one.
    pub fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let text = |name: &str| {
            let mut values = headers.get_all(name).iter();
            let text = values.next().map_or(Some(""), |value| value.to_str().ok().map(str::trim));
            let text = text.filter(|_| values.next().is_none());
            text.ok_or_else(|| Problem::unauthenticated("The credentials cannot be read."))
        };
        let authorization = text(AUTHORIZATION.as_str())?;
        let (scheme, bearer) = authorization.split_once(' ').unwrap_or_default();
        let bearer = bearer.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || bearer.is_empty() {
            return Err(Problem::unauthenticated("Send your key or session as Authorization: Bearer."));
        }
        Ok(Self {
            bearer: bearer.to_owned(),
            customer: text("customer-token")?.to_owned(),
            store: text("patron-store")?.to_owned(),
        })
    }

    /// The same shop front with a customer who has just signed in.
    pub fn signed_in(&self, token: &str) -> Self {
        Self { customer: token.to_owned(), ..self.clone() }
    }

    /// Whether they are a network's key.
    pub fn is_network(&self) -> bool {
        self.bearer.starts_with("network_")
    }

    /// What they are remembered by. Integrations may be bound to addresses, which makes theirs part of it.
    fn hash(&self, address: &str) -> [u8; 32] {
        let address = if self.bearer.starts_with("sk_") { address } else { "" };
        secret::sha256([&self.bearer, &self.customer, &self.store, address].join("\n").as_bytes())
    }
}

/// A caller whom identity vouches for.
#[derive(Debug)]
pub struct Admitted {
    /// Who it is.
    pub actor: Arc<Actor>,
    /// `Bearer` and the assertion that says so.
    pub bearer: MetadataValue<Ascii>,
    /// What they presented.
    pub credentials: Credentials,
    /// When identity was asked.
    asked: Instant,
}

/// Exchanges credentials. Clones share what they remember.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    clock: Clock,
    identity: AssertionServiceClient<Transport>,
    verifier: Verifier,
    /// By hash, so that no token lies about in memory.
    admitted: Cache<[u8; 32], Arc<Admitted>>,
    /// When sessions were revoked, as long as anything older can be remembered.
    revoked: Cache<String, Instant>,
}

impl Desk {
    /// A desk that asks identity.
    pub fn new(env: &Env) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Inner {
            clock: env.clock.clone(),
            identity: AssertionServiceClient::new(env.peer(NAME, "identity")?),
            verifier: env.verifier(NAME)?,
            admitted: Cache::builder().max_capacity(100_000).time_to_live(TRUST).build(),
            revoked: Cache::builder().max_capacity(100_000).time_to_live(TRUST * 2).build(),
        })))
    }

    /// Who presents `credentials`.
    pub async fn admit(&self, credentials: Credentials, arrival: &Arrival) -> Result<Arc<Admitted>, Problem> {
        let address = arrival.address();
        let hash = credentials.hash(&address);
        if let Some(known) = self.0.admitted.get(&hash).filter(|known| self.holds(known)) {
            return Ok(known);
        }
        let asked = Instant::now();
        let mut request = Request::new(ExchangeRequest {
            bearer: credentials.bearer.clone(),
            customer_token: credentials.customer.clone(),
            store: credentials.store.clone(),
            ip: address,
        });
        arrival.describe(request.metadata_mut());
        let assertion = self.0.identity.clone().exchange(request).await?.into_inner().assertion;
        let actor = self.0.verifier.assertion(&assertion).await?;
        let bearer = format!("Bearer {assertion}");
        let bearer = bearer.parse().map_err(|_| Problem::defect("an assertion cannot be sent on"))?;
        let admitted = Arc::new(Admitted { actor, bearer, credentials, asked });
        self.0.admitted.insert(hash, Arc::clone(&admitted));
        Ok(admitted)
    }

    /// Believes nothing about `session`, or a whole customer base, that was learned before now.
    pub fn revoke(&self, session: &str) {
        self.0.revoked.insert(session.to_owned(), Instant::now());
    }

    fn holds(&self, known: &Admitted) -> bool {
        let actor = &known.actor;
        let session = actor.session.as_ref().and_then(|session| self.0.revoked.get(session));
        // A customer base is named when its block list begins, which is said of nobody yet.
        let realm = actor.realm.and_then(|realm| self.0.revoked.get(&realm.to_string()));
        let current = actor.expires_at > self.0.clock.now().timestamp() + MARGIN_SECONDS;
        current && [session, realm].into_iter().flatten().all(|at| known.asked > at)
    }
}

/// Hears of revoked sessions until `stop`, so that they end at once everywhere.
pub async fn hear_revocations(desk: Desk, nats: async_nats::Client, stop: CancellationToken) {
    match (nats.subscribe("patron.revoked").await, nats.subscribe(SessionRevoked::full_name()).await) {
        (Ok(told), Ok(events)) => {
            let told = told.map(|message| String::from_utf8(message.payload.into()).unwrap_or_default());
            // What no request ended is told by its event only.
            let events = events.map(|message| SessionRevoked::decode(message.payload).unwrap_or_default().session);
            let mut revoked = select(told, events);
            while let Some(Some(session)) = stop.run_until_cancelled(revoked.next()).await {
                desk.revoke(&session);
            }
        }
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(error.detail = %error, "revoked sessions cannot be heard of");
        }
    }
    // The task is started again, which had better not be at once.
    stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(1))).await;
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(authorization: &'static str) -> Result<Credentials, Problem> {
        Credentials::read(&HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(authorization))]))
    }

    #[test]
    fn only_bearers_are_read() {
        assert_eq!(read("Bearer store_1").map(|c| c.bearer).ok().as_deref(), Some("store_1"));
        assert_eq!(read("bearer  store_1 ").map(|c| c.bearer).ok().as_deref(), Some("store_1"));
        for malformed in ["", "Bearer", "Bearer ", "Basic c2VjcmV0", "store_1"] {
            assert!(read(malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn credentials_are_sent_once() {
        for name in ["authorization", "customer-token", "patron-store"] {
            let mut headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer store_1"))]);
            headers.insert(name, HeaderValue::from_static("Bearer store_1"));
            assert!(Credentials::read(&headers).is_ok(), "{name}");
            headers.append(name, HeaderValue::from_static("Bearer store_2"));
            assert!(Credentials::read(&headers).is_err(), "{name}");
        }
    }

    /// ID-24: an integration that may come from one address only is not let in from another by memory.
    #[test]
    fn the_address_matters_for_integrations_alone() -> Result<(), Problem> {
        let (shop, key) = (read("Bearer store_1")?, read("Bearer sk_1")?);
        assert_eq!(shop.hash("192.0.2.1"), shop.hash("192.0.2.2"));
        assert_ne!(key.hash("192.0.2.1"), key.hash("192.0.2.2"));
        assert_ne!(shop.hash(""), shop.signed_in("customer_1").hash(""));
        Ok(())
    }
}
