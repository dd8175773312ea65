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
    let token = secret::token(input.subject.kind().prefix());
    store::insert(tx, &session, &token, input.client).await?;
    let signed_in = SignedIn {
        realm: input.subject.realm().map(String::from).unwrap_or_default(),
        subject: input.subject.text(),
        methods: session.methods.clone(),
        at: Some(timestamp(input.now)),
    };
    outbox::publish(tx, &signed_in);
    Ok((session, token))
}
