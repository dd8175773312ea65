//! Telling a customer's devices that somebody signed in, so that they hear of it who did not.
use std::collections::HashMap;

use kit::{
    Call,
    ids::{CustomerId, MessageId},
};
use proto::notifications::v1::SendMessageRequest;

use super::store;
use crate::{
    Error,
    account::{Desk, Visitor},
    session::{Session, Subject},
};

/// Tells them aside: whoever signs in does not wait for it, and is signed in whatever comes of it.
pub fn tell_of_sign_in(desk: &Desk, call: &Call, visitor: &Visitor, session: &Session) {
    let Subject::Customer(_, customer) = session.subject else { return };
    let (desk, call, visitor) = (desk.clone(), call.clone(), visitor.clone());
    tokio::spawn(async move {
        if let Err(error) = tell(&desk, &call, &visitor, customer).await {
            tracing::warn!(error.detail = ?error, "devices could not be told of a sign-in");
        }
    });
}

async fn tell(desk: &Desk, call: &Call, visitor: &Visitor, customer: CustomerId) -> Result<(), Error> {
    for device in store::ids(desk.db.pool(), visitor.realm, customer).await? {
        let message = SendMessageRequest {
            id: MessageId::new(desk.clock.now()).into(),
            realm: visitor.realm.into(),
            store: visitor.front.store.into(),
            customer: customer.into(),
            channel: "push".to_owned(),
            to: device.into(),
            template: "new_sign_in".to_owned(),
            values: HashMap::new(),
            secrets: HashMap::new(),
        };
        desk.messages.clone().send_message(call.trace(message)).await?;
    }
    Ok(())
}
