//! Whether a process is alive and should get requests (PL-5).
use std::{sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, routing::get};
use mesh::listener::Ending;
use tokio::{sync::Mutex, time::Instant};

use crate::db::Db;

/// How long strangers are told what was seen last.
const KEPT: Duration = Duration::from_secs(1);

/// What a probe is told.
pub type Answer = (StatusCode, &'static str);

/// Whether the process should get requests.
pub struct Readiness {
    ending: Ending,
    databases: Vec<Db>,
    seen: Mutex<Option<(Instant, Answer)>>,
}

impl Readiness {
    /// Of a process that ends by `ending` and needs these databases.
    #[must_use]
    pub fn new(ending: Ending, databases: Vec<Db>) -> Arc<Self> {
        Arc::new(Self { ending, databases, seen: Mutex::default() })
    }

    /// Ready while not draining and while every database answers. The broker may be away: events wait in the outbox.
    /// Nor is it a reason to leave that all connections are busy: the others would have even more to do.
    pub async fn look(&self) -> Answer {
        if let Some(leaving) = self.leaving() {
            return leaving;
        }
        for db in &self.databases {
            let answer = sqlx::query("select 1").execute(db.pool()).await;
            if answer.is_err_and(|error| !matches!(error, sqlx::Error::PoolTimedOut)) {
                return (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer");
            }
        }
        (StatusCode::OK, "ready")
    }

    /// The same as it was within the last second, so that whoever asks often costs the databases nothing.
    pub async fn glance(&self, now: Instant) -> Answer {
        if let Some(leaving) = self.leaving() {
            return leaving;
        }
        let mut seen = self.seen.lock().await;
        if let Some((at, answer)) = *seen
            && now.saturating_duration_since(at) < KEPT
        {
            return answer;
        }
        let answer = self.look().await;
        *seen = Some((now, answer));
        answer
    }

    fn leaving(&self) -> Option<Answer> {
        self.ending.announced.is_cancelled().then_some((StatusCode::SERVICE_UNAVAILABLE, "draining"))
    }

    /// Probes for operators.
    pub fn ops(self: &Arc<Self>) -> Router {
        let this = Arc::clone(self);
        probes(Router::new().route("/readyz", get(async move || this.look().await)))
    }

    /// Probes for everybody.
    pub fn public(self: &Arc<Self>) -> Router {
        let this = Arc::clone(self);
        probes(Router::new().route("/readyz", get(async move || this.glance(Instant::now()).await)))
    }
}

fn probes(router: Router) -> Router {
    router.route("/livez", get(async || "ok"))
}
