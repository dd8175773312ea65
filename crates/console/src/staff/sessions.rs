//! Turns the token of a cookie into a staff member and keeps that for a minute, or until the session is revoked.
use std::{sync::Arc, time::Duration};

use chrono_tz::Tz;
use futures_util::StreamExt;
use kit::{
    actor::Kind, clock::Clock, denied::Denied, failure::Told, ids::StoreId, secret, service::Env, stores::Stores,
    transport::Transport, verifier::Verifier,
};
use moka::future::Cache;
use proto::identity::v1::{
    ExchangeRequest, GetCurrentStaffRequest, Staff, assertion_service_client::AssertionServiceClient,
    staff_service_client::StaffServiceClient,
};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{Session, place};
use crate::{NAME, problem::Problem, visit::Visit};

/// Subject that identity names revoked sessions on.
const REVOKED: &str = "patron.revoked";

/// Who is signed in. Clones share what is known.
#[derive(Clone)]
pub struct Sessions {
    assertions: AssertionServiceClient<Transport>,
    staff: StaffServiceClient<Transport>,
    verifier: Verifier,
    stores: Stores,
    clock: Clock,
    /// By hash of token and store, so that no token lies about in memory.
    known: Cache<[u8; 32], Arc<Session>>,
}

impl Sessions {
    /// Asks the identity service of `env`; `stores` knows their time zones.
    pub fn new(env: &Env, stores: Stores) -> anyhow::Result<Self> {
        let identity = env.peer(NAME, "identity")?;
        Ok(Self {
            assertions: AssertionServiceClient::new(identity.clone()),
            staff: StaffServiceClient::new(identity),
            verifier: env.verifier(NAME)?,
            stores,
            clock: env.clock.clone(),
            known: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_mins(1))
                .support_invalidation_closures()
                .build(),
        })
    }

    /// The session of `token`, working in `store` (`sto_…`, or empty for the only place).
    pub async fn find(&self, visit: &Visit, token: &str, store: &str) -> Result<Arc<Session>, Problem> {
        let key = secret::sha256(format!("{token} {store}").as_bytes());
        if let Some(known) = self.known.get(&key).await {
            if known.actor.is_current(self.clock.now()) {
                return Ok(known);
            }
            self.known.invalidate(&key).await;
        }
        // However many requests come at once, identity is asked once.
        let found = self.known.try_get_with(key, self.load(visit, token, store)).await;
        found.map_err(|status| refusal(Status::clone(&status)))
    }

    /// Forgets a session by its id, `ses_…`.
    pub fn forget(&self, session: String) {
        let forgotten =
            self.known.invalidate_entries_if(move |_, known| known.actor.session.as_deref() == Some(session.as_str()));
        if let Err(error) = forgotten {
            tracing::error!(error.detail = %error, "a revoked session stays known for up to a minute");
        }
    }

    async fn load(&self, visit: &Visit, token: &str, store: &str) -> Result<Arc<Session>, Status> {
        let assertion = match self.exchange(visit, token, store).await {
            // A store that is theirs no longer: whatever is left may be their only place.
            Err(status) if !store.is_empty() && Told::read(&status).code == kit::failure::Code::NotFound => {
                return Box::pin(self.load(visit, token, "")).await;
            }
            assertion => assertion?,
        };
        let actor = self.verifier.assertion(&assertion).await?;
        if actor.kind != Kind::Staff {
            return Err(Denied::Unauthenticated.into());
        }
        let zone = Tz::UTC;
        let nameless = Session { staff: Staff::default(), actor, store: store.to_owned(), zone, assertion };
        let call = nameless.sign(visit.call(GetCurrentStaffRequest {}));
        let staff = self.staff.clone().get_current_staff(call).await?.into_inner();
        let zone = self.zone(&staff, store).await;
        Ok(Arc::new(Session { staff, zone, ..nameless }))
    }

    async fn exchange(&self, visit: &Visit, token: &str, store: &str) -> Result<Arc<str>, Status> {
        let request = ExchangeRequest {
            bearer: token.to_owned(),
            customer_token: String::new(),
            store: store.to_owned(),
            ip: visit.ip().to_owned(),
        };
        Ok(self.assertions.clone().exchange(visit.call(request)).await?.into_inner().assertion.into())
    }

    /// The time zone of the store, or of the first one where all are shown; UTC when it cannot be told.
    async fn zone(&self, staff: &Staff, store: &str) -> Tz {
        let first = || place::memberships(staff, "").flat_map(|m| &m.stores).next().map(|store| store.id.clone());
        let id = Some(store.to_owned()).filter(|id| !id.is_empty()).or_else(first).unwrap_or_default();
        let Ok(id) = id.parse::<StoreId>() else { return Tz::UTC };
        self.stores.get(id).await.ok().and_then(|store| store.timezone.parse().ok()).unwrap_or(Tz::UTC)
    }
}

/// Why nobody is signed in, or why it cannot be told. Whoever has to choose a store first signs in again: the answer
/// to a sign-in names the stores.
fn refusal(status: Status) -> Problem {
    let told = Told::read(&status);
    if told.reason == "store_required" { Problem::signed_out() } else { status.into() }
}

/// Drops sessions as soon as identity says that they are revoked, until told to stop.
pub async fn forget_revoked(sessions: Sessions, nats: async_nats::Client, stop: CancellationToken) {
    let mut revoked = match nats.subscribe(REVOKED).await {
        Ok(revoked) => revoked,
        Err(error) => {
            tracing::warn!(error.detail = %error, "revoked sessions stay known for up to a minute");
            return stop.cancelled().await;
        }
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            message = revoked.next() => match message {
                Some(message) => sessions.forget(String::from_utf8_lossy(&message.payload).into_owned()),
                None => return,
            },
        }
    }
}
