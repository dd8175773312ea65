//! Asking for a registration code. Whether an account exists shows neither in the answer nor in the work (ID-7): the
//! person behind it is told in the message.
use chrono::{DateTime, Utc};
use kit::Call;

use super::{
    desk::{Desk, Visitor},
    identity::Identity,
    store,
};
use crate::{
    Error,
    code::{self, CodeLetter, Purpose, Question},
};

/// A code to send.
#[derive(Debug)]
pub struct RequestCode<'a> {
    /// Who asks.
    pub visitor: &'a Visitor,
    /// What is to be proven.
    pub identity: &'a Identity,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Sends the code; nobody can use the one of somebody who has an account.
pub async fn request_code(desk: &Desk, call: &Call, input: &RequestCode<'_>) -> Result<(), Error> {
    code::send::allow(desk, call, input.identity, input.now).await?;
    let realm = input.visitor.realm;
    let person = desk.find(call, realm, input.identity.canonical()).await?;
    let customer = person.map(|person| person.id);
    let is_registered = store::find(desk.db.pool(), realm, customer).await?.is_some();
    let letter = CodeLetter {
        visitor: input.visitor,
        question: Question { realm, purpose: Purpose::Create, identity: input.identity.canonical() },
        to: input.identity,
        customer,
        templates: ["registration_code", "already_registered"],
        usable: !is_registered,
    };
    code::send::send(desk, call, &letter, input.now).await
}
