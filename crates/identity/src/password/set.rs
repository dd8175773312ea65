//! Setting one's own password: the first one of an account without, or another one (ID-11).
use kit::{Call, Tx};
use proto::identity::v1::SetPasswordRequest;

use super::{
    hasher::Verdict,
    password::{Password, SHORTEST},
};
use crate::{
    Error,
    account::{self, Desk, Own, Visitor, desk::Person},
    attempt::{self, Tries, attempt::PASSWORD},
    input,
    session::{end::end_sessions, store::Opened},
};

/// A customer who may set their password, and its hash.
#[derive(Debug)]
pub struct Proven {
    /// Who.
    pub person: Person,
    own: Own,
    hash: String,
    tries: Tries,
}

/// Compares the password so far; an account without one needs a recent sign-in instead, so that a stolen token does not
/// become a password.
pub async fn prove(
    desk: &Desk,
    call: &Call,
    (visitor, own): (&Visitor, Own),
    request: &SetPasswordRequest,
) -> Result<Proven, Error> {
    let person = desk.get(call, own.customer).await?;
    let personal = [&*person.email, &*person.phone, &*visitor.front.name];
    let password = Password::choose(&request.password, SHORTEST, &personal)?;
    let account = account::store::find(desk.db.pool(), own.realm, Some(own.customer)).await?;
    let former = account.and_then(|account| account.password_hash);
    let account = [&*String::from(own.realm), &*String::from(own.customer)];
    let tries = desk.limits.password(&desk.secrets, &account, call.client());
    match former {
        Some(hash) => compare(desk, &tries, &hash, &request.current).await?,
        None => own.require_recent(desk.clock.now())?,
    }
    Ok(Proven { person, own, hash: desk.hasher.hash(&password).await?, tries })
}

async fn compare(desk: &Desk, tries: &Tries, hash: &str, current: &str) -> Result<(), Error> {
    if current.is_empty() {
        return Err(input::required("/current_password").into());
    }
    let now = desk.clock.now();
    attempt::store::try_password(desk.db.pool(), tries, now).await?;
    let verdict = desk.hasher.verify(Some(hash), &Password::given(current)).await;
    if verdict.is_err() {
        attempt::store::take_back(desk.db.pool(), tries, now).await?;
    }
    if verdict? == Verdict::Wrong { Err(Error::BadPassword) } else { Ok(()) }
}

/// Sets the password and ends all other sessions, which are answered.
pub async fn set_password(tx: &mut Tx, desk: &Desk, proven: &Proven) -> Result<Vec<Opened>, Error> {
    let own = proven.own;
    account::store::set_password(tx, own.realm, own.customer, &proven.hash).await?;
    attempt::store::forget(tx, &PASSWORD, &proven.tries.account).await?;
    end_sessions(tx, own.subject(), Some(own.session), desk.clock.now()).await
}
