//! Opening a session: what every way of signing in ends with.
use chrono::{DateTime, Utc};
use kit::{Tx, call::Client, clock::timestamp, outbox, secret};
use proto::identity::v1::SignedIn;

use super::{
    session::{Session, Subject},
    store,
};
use crate::Error;

/// Somebody proved who they are.
#[derive(Debug)]
pub struct OpenSession<'a> {
    /// Who.
    pub subject: Subject,
    /// How: `password`, `code`, `otp`.
    pub methods: &'a [&'a str],
    /// From where.
    pub client: &'a Client,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Opens a session; answers it with its token, which is shown this once.
pub async fn open_session(tx: &mut Tx, input: OpenSession<'_>) -> Result<(Session, String), Error> {
    let session = Session::start(input.subject, input.methods, input.now);
    let token = keep_session(tx, &session, input.client).await?;
    Ok((session, token))
}

/// Keeps a session that was opened from `client`, and tells of it; answers its token, which is shown this once.
pub async fn keep_session(tx: &mut Tx, session: &Session, client: &Client) -> Result<String, Error> {
    let token = secret::token(session.subject.kind().prefix());
    store::insert(tx, session, &token, client).await?;
    let signed_in = SignedIn {
        realm: session.subject.realm().map(String::from).unwrap_or_default(),
        subject: session.subject.text(),
        methods: session.methods.clone(),
        at: Some(timestamp(session.authenticated_at)),
    };
    outbox::publish(tx, &signed_in);
    Ok(token)
}
