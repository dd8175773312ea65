//! Sending a code to an address or number that is to be an account's. Whether it is somebody else's shows neither in the
//! answer nor in the work (ID-7).
use chrono::{DateTime, Utc};
use kit::{Call, ids::CustomerId};

use crate::{
    Error,
    account::{Desk, Identity, Visitor},
    code::{self, CodeLetter, Purpose, Question},
};

/// A code to send.
#[derive(Debug)]
pub struct RequestContactCode<'a> {
    /// Where it is asked.
    pub visitor: &'a Visitor,
    /// What is to be proven.
    pub identity: &'a Identity,
    /// Who wants to have it.
    pub customer: CustomerId,
    /// The present.
    pub now: DateTime<Utc>,
}

/// What the code proves.
#[must_use]
pub fn purpose(identity: &Identity) -> Purpose {
    match identity {
        Identity::Email(_) => Purpose::VerifyEmail,
        Identity::Phone(_) => Purpose::VerifyPhone,
    }
}

/// Whose code it is: nobody else's who has it may use it.
#[must_use]
pub fn claim(customer: CustomerId, identity: &Identity) -> String {
    format!("{customer} {}", identity.canonical())
}

/// Sends the code; nobody can use the one for what is somebody else's.
pub async fn request_code(desk: &Desk, call: &Call, input: &RequestContactCode<'_>) -> Result<(), Error> {
    code::send::allow(desk, call, input.identity, input.now).await?;
    let realm = input.visitor.realm;
    let owner = desk.find(call, realm, input.identity.canonical()).await?;
    let letter = CodeLetter {
        visitor: input.visitor,
        question: Question {
            realm,
            purpose: purpose(input.identity),
            identity: &claim(input.customer, input.identity),
        },
        to: input.identity,
        customer: Some(input.customer),
        templates: ["verification_code", "contact_taken"],
        usable: owner.is_none_or(|owner| owner.id == input.customer),
    };
    code::send::send(desk, call, &letter, input.now).await
}
