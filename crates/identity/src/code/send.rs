//! Sending a code. Whether it can be used shows neither in the answer nor in the work (ID-7): the person who reads the
//! message is told.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    Call,
    actor::Actor,
    ids::{CustomerId, MessageId},
};
use proto::notifications::v1::SendMessageRequest;

use super::{
    code::{Issued, Question},
    store,
};
use crate::{
    Error,
    account::{Desk, Identity, Visitor},
    attempt,
};

/// A code on its way.
#[derive(Debug)]
pub struct CodeLetter<'a> {
    /// Who asks for it.
    pub visitor: &'a Visitor,
    /// What it answers.
    pub question: Question<'a>,
    /// Where it goes.
    pub to: &'a Identity,
    /// Whose record the message belongs to, when there is one.
    pub customer: Option<CustomerId>,
    /// What the message says, and what it says instead when the code could not be used.
    pub templates: [&'static str; 2],
    /// Whether the code can be used.
    pub usable: bool,
}

/// Counts a message to `to`, or says how long to wait: for this recipient, for the network address that asks, and for
/// the customer who is signed in, wherever they ask from (ID-27).
pub async fn allow(desk: &Desk, call: &Call, to: &Identity, now: DateTime<Utc>) -> Result<(), Error> {
    let (db, ip) = (desk.db.pool(), &call.client().ip);
    if let Some(customer) = call.actor().ok().and_then(Actor::customer) {
        let key = attempt::attempt::key(&desk.secrets, &["sender", &String::from(customer)], "");
        attempt::store::take(db, &desk.limits.sender, Some(key), now).await?;
    }
    attempt::store::take(db, &desk.limits.sender, attempt::attempt::network(&desk.secrets, ip), now).await?;
    let key = attempt::attempt::key(&desk.secrets, &["message", to.canonical()], ip);
    attempt::store::take(db, &desk.limits.message, Some(key), now).await
}

/// Makes the code and has it sent. The message has the code's id, so that a repetition sends nothing twice.
pub async fn send(desk: &Desk, call: &Call, letter: &CodeLetter<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = desk.db.begin_own().await?;
    let issued = store::issue(&mut tx, &letter.question, &desk.secrets, letter.usable, now).await?;
    tx.commit().await?;
    desk.messages.clone().send_message(call.trace(letter.message(issued))).await?;
    Ok(())
}

impl CodeLetter<'_> {
    fn message(&self, issued: Issued) -> SendMessageRequest {
        let [with_code, without] = self.templates;
        let code = HashMap::from([("code".to_owned(), issued.code)]);
        let (template, secrets) = if self.usable { (with_code, code) } else { (without, HashMap::new()) };
        let front = &self.visitor.front;
        SendMessageRequest {
            id: MessageId::from_uuid(issued.id).into(),
            realm: self.visitor.realm.into(),
            store: front.store.into(),
            customer: self.customer.map(String::from).unwrap_or_default(),
            channel: self.to.channel().to_owned(),
            to: self.to.entered().to_owned(),
            template: template.to_owned(),
            values: HashMap::from([("store".to_owned(), front.name.clone())]),
            secrets,
        }
    }
}
