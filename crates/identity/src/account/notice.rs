//! Telling somebody what has become of their account, where they were reached before it changed.
use std::collections::HashMap;

use kit::{
    Call,
    ids::{CustomerId, MessageId},
};
use proto::notifications::v1::SendMessageRequest;

use super::{
    desk::{Desk, Person, Visitor},
    identity::Identity,
};

/// Has `template` sent to `person` by mail, or by text message where only that is known. What was done stands whatever
/// comes of it.
pub async fn tell(desk: &Desk, call: &Call, visitor: &Visitor, (person, template): (&Person, &'static str)) {
    let known = [&person.email, &person.phone].into_iter().find(|known| !known.is_empty());
    let to = known.and_then(|known| Identity::parse("/identity", known, &visitor.front.country).ok());
    let Some(to) = to else { return };
    let sent = desk.messages.clone().send_message(call.trace(message(desk, visitor, person.id, (&to, template)))).await;
    if let Err(error) = sent {
        tracing::warn!(error.detail = %error.message(), "a customer could not be told of a change");
    }
}

fn message(
    desk: &Desk,
    visitor: &Visitor,
    customer: CustomerId,
    (to, template): (&Identity, &str),
) -> SendMessageRequest {
    SendMessageRequest {
        id: MessageId::new(desk.clock.now()).into(),
        realm: visitor.realm.into(),
        store: visitor.front.store.into(),
        customer: customer.into(),
        channel: to.channel().to_owned(),
        to: to.entered().to_owned(),
        template: template.to_owned(),
        values: HashMap::from([("store".to_owned(), visitor.front.name.clone())]),
        secrets: HashMap::new(),
    }
}
