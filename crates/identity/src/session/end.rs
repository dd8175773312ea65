//! Ending a session, and telling every gateway at once.
use std::{fmt::Display, time::Duration};

use chrono::{DateTime, Utc};
use kit::{Tx, clock::timestamp, ids::SessionId, outbox};
use proto::identity::v1::SessionRevoked;

use super::{
    session::Subject,
    store::{self, Opened},
};
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

/// Ends one of the sessions of the customer `subject`, which is answered. Somebody else's is not to be found.
pub async fn revoke_session(tx: &mut Tx, subject: Subject, id: SessionId, now: DateTime<Utc>) -> Result<Opened, Error> {
    let opened = store::of_subject(&mut **tx, subject, now).await?;
    let opened = opened.into_iter().find(|session| session.id == id).ok_or(Error::SessionNotFound)?;
    end_session(tx, EndSession { id, subject, now }).await?;
    Ok(opened)
}

/// Ends the sessions of `subject`, but for the one to `keep`; answers them (ID-10).
pub async fn end_sessions(
    tx: &mut Tx,
    subject: Subject,
    keep: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Vec<Opened>, Error> {
    let ended = store::delete_all(tx, subject, keep).await?;
    for session in &ended {
        let revoked = SessionRevoked { session: session.id.into(), subject: subject.text(), at: Some(timestamp(now)) };
        outbox::publish(tx, &revoked);
    }
    Ok(ended)
}

/// Tells gateways, after the commit, to forget what they cached of a session, or of a key of an integration.
pub async fn announce(nats: &async_nats::Client, session: impl Display) {
    tell(nats, &[session]).await;
}

/// The same of several sessions.
pub async fn announce_opened(nats: &async_nats::Client, sessions: &[Opened]) {
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    tell(nats, &ids).await;
}

async fn tell(nats: &async_nats::Client, sessions: &[impl Display]) {
    let told = tokio::time::timeout(PATIENCE, async {
        for session in sessions {
            nats.publish(REVOKED, session.to_string().into()).await?;
        }
        Ok::<_, async_nats::Error>(())
    });
    if !matches!(told.await, Ok(Ok(()))) {
        tracing::warn!("gateways could not be told of revoked sessions");
    }
}

/// The same for several sessions.
pub async fn announce_all(nats: &async_nats::Client, sessions: &[SessionId]) {
    tell(nats, sessions).await;
}

/// Ends all sessions of `subject` but `kept`; answers which.
pub async fn end_all(
    tx: &mut Tx,
    subject: Subject,
    kept: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, Error> {
    let ended = end_sessions(tx, subject, kept, now).await?;
    Ok(ended.into_iter().map(|session| session.id).collect())
}
