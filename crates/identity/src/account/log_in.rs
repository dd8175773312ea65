//! Signing in with e-mail or phone and password (ID-2). Whatever is wrong, the answer and the work are the same (ID-7).
use chrono::{DateTime, Utc};
use kit::{Call, Tx, ids::CustomerId};
use proto::identity::v1::LogInRequest;

use super::{
    desk::{Desk, Visitor},
    identity::Identity,
    store,
};
use crate::{
    Error,
    attempt::{self, Tries, attempt::PASSWORD},
    input,
    password::{Password, hasher::Verdict},
    session::{
        Session, Subject,
        open::{OpenSession, open_session},
    },
};

/// Somebody who knows the password.
#[derive(Debug)]
pub struct Proven {
    customer: CustomerId,
    /// Where the tries were counted.
    tries: Tries,
    /// The stored hash and a stronger one of the same password, when it is weak.
    rehash: Option<[String; 2]>,
    /// When they came, before their door was found open.
    came_at: DateTime<Utc>,
}

/// Counts a try, then compares the password. Guests have none (ID-8); the inactive may not come in with theirs (ID-9).
pub async fn prove(
    desk: &Desk,
    call: &Call,
    visitor: &Visitor,
    request: &LogInRequest,
    now: DateTime<Utc>,
) -> Result<Proven, Error> {
    let given = given(request)?;
    let identity = Identity::parse("/identity", given, &visitor.front.country).ok();
    let account = identity.as_ref().map_or(given, Identity::canonical);
    desk.refuse_blocked(call, account, now).await?;
    let tries = desk.limits.password(&desk.secrets, &[&String::from(visitor.realm), account], call.client());
    attempt::store::try_password(desk.db.pool(), &tries, now).await?;
    let proven = judge(desk, call, (visitor, identity.as_ref()), &Password::given(&request.password)).await;
    if proven.as_ref().is_err_and(Error::is_outage) {
        attempt::store::take_back(desk.db.pool(), &tries, now).await?;
    }
    let (customer, rehash) = proven?;
    Ok(Proven { customer, tries, rehash, came_at: now })
}

/// Whose password it is, and its hash with a stronger one when that is weak.
async fn judge(
    desk: &Desk,
    call: &Call,
    (visitor, identity): (&Visitor, Option<&Identity>),
    password: &Password,
) -> Result<(CustomerId, Option<[String; 2]>), Error> {
    let person = match identity {
        Some(identity) => desk.find(call, visitor.realm, identity.canonical()).await?,
        None => None,
    };
    let account = store::find(desk.db.pool(), visitor.realm, person.as_ref().map(|person| person.id)).await?;
    let hash = account.as_ref().and_then(|account| account.password_hash.as_deref());
    let verdict = desk.hasher.verify(hash, password).await?;
    let person = person.filter(|person| person.is_active && verdict != Verdict::Wrong).ok_or(Error::BadCredentials)?;
    let rehash = match hash.filter(|_| verdict == Verdict::RightButWeak) {
        Some(weak) => Some([weak.to_owned(), desk.hasher.hash(password).await?]),
        None => None,
    };
    Ok((person.id, rehash))
}

fn given(request: &LogInRequest) -> Result<&str, Error> {
    let mut faults = input::Faults::default();
    let fields = [("/identity", request.identity.trim()), ("/password", &*request.password)];
    let fields = fields
        .map(|(pointer, text)| faults.take(if text.is_empty() { Err(input::required(pointer)) } else { Ok(text) }));
    match fields {
        [Some(identity), Some(_)] => Ok(identity),
        _ => Err(faults.into()),
    }
}

/// Opens the session.
pub async fn log_in(tx: &mut Tx, call: &Call, visitor: &Visitor, proven: Proven) -> Result<(Session, String), Error> {
    let (realm, customer, now) = (visitor.realm, proven.customer, proven.came_at);
    attempt::store::forget(tx, &PASSWORD, &proven.tries.account).await?;
    if let Some(hash) = &proven.rehash {
        store::rehash(tx, (realm, customer), hash).await?;
    }
    let subject = Subject::Customer(realm, customer);
    open_session(tx, OpenSession { subject, methods: &["password"], client: call.client(), now }).await
}
