//! Signing in with a code.
use chrono::{DateTime, Utc};
use kit::{Call, Tx, ids::CustomerId};
use uuid::Uuid;

use crate::{
    Error,
    account::{self, Desk, Identity, Visitor},
    code::{self, Purpose, Question},
    session::{
        Session, Subject,
        open::{OpenSession, open_session},
    },
};

/// Somebody who has the code.
#[derive(Debug)]
pub struct Proven {
    customer: CustomerId,
    code: Uuid,
    /// When they came, before their door was found open.
    came_at: DateTime<Utc>,
}

fn question<'a>(visitor: &Visitor, identity: &'a Identity) -> Question<'a> {
    Question { realm: visitor.realm, purpose: Purpose::Login, identity: identity.canonical() }
}

/// Tries the code. An account that has closed or become
/// inactive since is as good as a wrong code (ID-9).
pub async fn prove(
    desk: &Desk,
    call: &Call,
    visitor: &Visitor,
    (identity, code): (&Identity, &str),
) -> Result<Proven, Error> {
    let now = desk.clock.now();
    let code = code::prove(desk, call, &question(visitor, identity), code).await?;
    let person = desk.find(call, visitor.realm, identity.canonical()).await?;
    let person = person.filter(|person| person.is_active).ok_or(Error::BadCode)?;
    let account = account::store::find(desk.db.pool(), visitor.realm, Some(person.id)).await?;
    account.ok_or(Error::BadCode)?;
    Ok(Proven { customer: person.id, code, came_at: now })
}

/// Uses the code up and opens the session; of two who race, one gets it.
pub async fn sign_in(
    tx: &mut Tx,
    (desk, call): (&Desk, &Call),
    (visitor, identity): (&Visitor, &Identity),
    proven: Proven,
) -> Result<(Session, String), Error> {
    let now = desk.clock.now();
    if !code::store::consume(tx, &question(visitor, identity), &desk.secrets, proven.code, now).await? {
        return Err(Error::BadCode);
    }
    let subject = Subject::Customer(visitor.realm, proven.customer);
    open_session(tx, OpenSession { subject, methods: &["code"], client: call.client(), now: proven.came_at }).await
}
