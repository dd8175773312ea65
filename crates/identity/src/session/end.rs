//! Ending a session, and telling every gateway at once.
use std::{fmt::Display, time::Duration};

use chrono::{DateTime, Utc};
use kit::{Tx, clock::timestamp, ids::SessionId, outbox};
use proto::identity::v1::SessionRevoked;

use super::{session::Subject, store};
use crate::Error;

/// Subject without JetStream that gateways listen to; the payload is the session's id in text.
pub const REVOKED: &str = "patron.revoked";
/// How long the broker may take: gateways forget by themselves within a minute.
const PATIENCE: Duration = Duration::from_secs(1);

/// A session to end.
#[derive(Clone, Copy, Debug)]
pub struct EndSession {
    /// Which.
    pub id: SessionId,
    /// Whose it is.
    pub subject: Subject,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Ends a session (ID-10). One that is gone already stays so.
pub async fn end_session(tx: &mut Tx, input: EndSession) -> Result<(), Error> {
    if store::delete(tx, input.id, input.subject).await? {
        let revoked =
            SessionRevoked { session: input.id.into(), subject: input.subject.text(), at: Some(timestamp(input.now)) };
        outbox::publish(tx, &revoked);
    }
    Ok(())
}

/// Tells gateways, after the commit, to forget what they cached of a session, or of a key of an integration.
pub async fn announce(nats: &async_nats::Client, session: impl Display) {
    let told = tokio::time::timeout(PATIENCE, async {
        nats.publish(REVOKED, session.to_string().into()).await?;
        Ok::<_, async_nats::Error>(())
    });
    if !matches!(told.await, Ok(Ok(()))) {
        tracing::warn!(session.id = %session, "gateways could not be told of a revoked session");
    }
}

/// The same for several sessions.
pub async fn announce_all(nats: &async_nats::Client, sessions: &[SessionId]) {
    for session in sessions {
        announce(nats, session).await;
    }
}

/// Ends all sessions of `subject` but `kept`; answers which.
pub async fn end_all(
    tx: &mut Tx,
    subject: Subject,
    kept: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, Error> {
    let ended = store::delete_all(tx, subject, kept).await?;
    for id in &ended {
        let revoked = SessionRevoked { session: (*id).into(), subject: subject.text(), at: Some(timestamp(now)) };
        outbox::publish(tx, &revoked);
    }
    Ok(ended)
}
