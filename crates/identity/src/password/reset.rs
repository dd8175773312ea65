//! Setting a new password with a code, because the former one was forgotten (ID-11).
use chrono::{DateTime, Utc};
use kit::{Call, Tx, ids::CustomerId};
use proto::identity::v1::ResetPasswordRequest;
use uuid::Uuid;

use super::password::{Password, SHORTEST};
use crate::{
    Error,
    account::{self, Desk, Identity, Visitor, desk::Person},
    attempt::{self, attempt::PASSWORD},
    code::{self, CodeLetter, Purpose, Question},
    input,
    lookup::By,
    session::{shut_out::shut_out, store::Opened},
};

fn question<'a>(visitor: &Visitor, identity: &'a Identity) -> Question<'a> {
    Question { realm: visitor.realm, purpose: Purpose::ResetPassword, identity: identity.canonical() }
}

/// Sends the code. Whether there is an account shows neither in the answer nor in the work (ID-7).
pub async fn request_code(
    desk: &Desk,
    call: &Call,
    (visitor, identity): (&Visitor, &Identity),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    code::send::allow(desk, call, identity, now).await?;
    let person = desk.find(call, visitor.realm, identity.canonical()).await?;
    let account = account::store::find(desk.db.pool(), visitor.realm, person.as_ref().map(|person| person.id)).await?;
    let letter = CodeLetter {
        visitor,
        question: question(visitor, identity),
        to: identity,
        usable: account.is_some() && person.as_ref().is_some_and(|person| person.is_active),
        customer: person.map(|person| person.id),
        templates: ["password_code", "no_account"],
    };
    code::send::send(desk, call, &letter, now).await
}

/// A password to set.
#[derive(Debug)]
pub struct ResetPassword {
    visitor: Visitor,
    identity: Identity,
    code: String,
    password: Password,
}

/// Somebody who has the code.
#[derive(Debug)]
pub struct Proven {
    /// Who.
    pub person: Person,
    code: Uuid,
    hash: String,
}

impl ResetPassword {
    /// Reads a request by `visitor`.
    pub fn parse(request: &ResetPasswordRequest, visitor: Visitor) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let identity = faults.take(Identity::parse("/identity", &request.identity, &visitor.front.country));
        let code = faults.take(input::text("/code", &request.code, 40));
        let personal = [&*request.identity, &*visitor.front.name];
        let password = faults.take(Password::choose(&request.password, SHORTEST, &personal));
        match (identity, code, password) {
            (Some(identity), Some(code), Some(password)) => Ok(Self { visitor, identity, code, password }),
            _ => Err(faults.into()),
        }
    }

    /// In whose shop front it is asked.
    #[must_use]
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// Tries the code, and hashes the password.
    pub async fn prove(&self, desk: &Desk, call: &Call) -> Result<Proven, Error> {
        let realm = self.visitor.realm;
        let code = code::prove(desk, call, &question(&self.visitor, &self.identity), &self.code).await?;
        let person = desk.find(call, realm, self.identity.canonical()).await?;
        let person = person.filter(|person| person.is_active).ok_or(Error::BadCode)?;
        account::store::find(desk.db.pool(), realm, Some(person.id)).await?.ok_or(Error::BadCode)?;
        Ok(Proven { person, code, hash: desk.hasher.hash(&self.password).await? })
    }
}

/// Uses the code up, sets the password and ends all sessions, which are answered; also those of sign-ins under way, which
/// may be with the former password. Tries that failed from here are forgotten.
pub async fn reset_password(
    tx: &mut Tx,
    (desk, call): (&Desk, &Call),
    input: &ResetPassword,
    proven: &Proven,
) -> Result<Vec<Opened>, Error> {
    let (now, realm, customer): (_, _, CustomerId) = (desk.clock.now(), input.visitor.realm, proven.person.id);
    if !code::store::consume(tx, &question(&input.visitor, &input.identity), &desk.secrets, proven.code, now).await? {
        return Err(Error::BadCode);
    }
    account::store::set_password(tx, realm, customer, &proven.hash).await?;
    if let Identity::Email(email) = &input.identity {
        let hash = desk.lookup.hash(By::Shopper, email.canonical()).await?; // the code has proven it
        account::store::index_shopper(tx, hash, realm, customer, now).await?;
    }
    let account = [&*String::from(realm), input.identity.canonical()];
    let tries = desk.limits.password(&desk.secrets, &account, call.client());
    attempt::store::forget(tx, &PASSWORD, &tries.account).await?;
    shut_out(tx, realm, customer, now).await
}
