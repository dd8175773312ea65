//! Asking for a registration code. Whether an account exists shows neither in the answer nor in the work (ID-7): the
//! person behind it is told in the message.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    ids::{CustomerId, MessageId},
};
use proto::notifications::v1::SendMessageRequest;

use super::{
    desk::{Desk, Visitor},
    identity::Identity,
    store,
};
use crate::{
    Error,
    code::{self, Purpose, Question, code::Issued},
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

/// What is to be sent once the code is committed.
#[derive(Debug)]
pub struct Letter {
    issued: Issued,
    customer: Option<CustomerId>,
    is_registered: bool,
}

/// The person behind an identity, before a code is made for it.
pub async fn look_up(desk: &Desk, call: &Call, input: &RequestCode<'_>) -> Result<(Option<CustomerId>, bool), Error> {
    let realm = input.visitor.realm;
    let person = desk.find(call, realm, input.identity.canonical()).await?;
    let customer = person.map(|person| person.id);
    let is_registered = store::find(desk.db.pool(), realm, customer).await?.is_some();
    Ok((customer, is_registered))
}

/// Makes the code; nobody can use the one of somebody who has an account.
pub async fn request_code(
    tx: &mut Tx,
    desk: &Desk,
    input: &RequestCode<'_>,
    found: (Option<CustomerId>, bool),
) -> Result<Letter, Error> {
    let (customer, is_registered) = found;
    let question =
        Question { realm: input.visitor.realm, purpose: Purpose::Create, identity: input.identity.canonical() };
    let issued = code::store::issue(tx, &question, &desk.secrets, !is_registered, input.now).await?;
    Ok(Letter { issued, customer, is_registered })
}

/// Has the message sent; its id is the code's, so that a repetition sends nothing twice.
pub async fn send(desk: &Desk, call: &Call, input: &RequestCode<'_>, letter: Letter) -> Result<(), Error> {
    let code = HashMap::from([("code".to_owned(), letter.issued.code)]);
    let (template, secrets) =
        if letter.is_registered { ("already_registered", HashMap::new()) } else { ("registration_code", code) };
    let front = &input.visitor.front;
    let request = SendMessageRequest {
        id: MessageId::from_uuid(letter.issued.id).into(),
        realm: input.visitor.realm.into(),
        store: front.store.into(),
        customer: letter.customer.map(String::from).unwrap_or_default(),
        channel: input.identity.channel().to_owned(),
        to: input.identity.entered().to_owned(),
        template: template.to_owned(),
        values: HashMap::from([("store".to_owned(), front.name.clone())]),
        secrets,
    };
    desk.messages.clone().send_message(call.trace(request)).await?;
    Ok(())
}
