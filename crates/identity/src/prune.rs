//! Drops what is over: sessions, codes and challenges that nobody can use any longer.
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{Db, clock::Clock};
use tokio_util::sync::CancellationToken;

use crate::Error;

/// How often.
const PAUSE: Duration = Duration::from_mins(10);

/// Prunes until `stop`.
pub async fn run(db: Db, clock: Clock, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        if let Err(error) = prune(&db, clock.now()).await {
            tracing::warn!(error.detail = ?error, "what is over could not be dropped");
        }
    }
}

/// Drops what was over before `now`.
pub async fn prune(db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
    for statement in [
        "delete from sessions where expires_at <= $1",
        "delete from sessions s using session_cutoffs c where s.realm_id = c.realm_id and s.subject_id = c.customer_id
           and s.authenticated_at < c.at and c.at <= $1 - interval '1 day'",
        // As long as a check-out link lasts.
        "delete from session_cutoffs where at <= $1 - interval '31 days'",
        "delete from codes where expires_at <= $1",
        "delete from challenges where expires_at <= $1",
        "delete from blocks where expires_at <= $1",
        "delete from invitations where expires_at <= $1",
        "delete from audit_reads where minute < extract(epoch from $1) / 60 - 8 * 24 * 60",
        "delete from attempts where tried_at <= $1 - interval '1 day'",
        "delete from magic_links where expires_at <= $1",
        "delete from portal_sessions where expires_at <= $1",
        "delete from provider_nonces where expires_at <= $1",
        "delete from rates where full_at <= $1",
    ] {
        sqlx::query(statement).bind(now).execute(db.pool()).await?;
    }
    Ok(())
}
