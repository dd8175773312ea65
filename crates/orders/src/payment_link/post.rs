//! Sends a link to whoever the order is for.
use std::collections::HashMap;

use kit::{Call, ids::MessageId, transport::Transport};
use proto::notifications::v1::{SendMessageRequest, message_service_client::MessageServiceClient};

use super::PaymentLink;
use crate::{error::Error, order::Order};

/// The way that it takes. Clones share it.
#[derive(Clone)]
pub struct Post {
    pub(crate) messages: MessageServiceClient<Transport>,
    /// The address that links name.
    pub(crate) public: String,
}

impl Post {
    /// Where a secret leads.
    #[must_use]
    pub fn address(&self, secret: &str) -> String {
        format!("{}/pay/link/{secret}", self.public)
    }

    /// Has the link to `order` mailed; once, however often it is asked.
    pub async fn send(&self, call: &Call, (link, secret): (&PaymentLink, &str), order: &Order) -> Result<(), Error> {
        if order.contact.email.is_empty() {
            return Err(Error::ContactMissing);
        }
        let message = SendMessageRequest {
            id: MessageId::from_uuid(link.id.uuid()).into(),
            realm: order.realm.into(),
            store: order.store.into(),
            customer: order.customer.into(),
            channel: "email".to_owned(),
            to: order.contact.email.clone(),
            template: "payment_link".to_owned(),
            secrets: HashMap::from([("link".to_owned(), self.address(secret))]),
            ..SendMessageRequest::default()
        };
        self.messages.clone().send_message(call.trace(message)).await?;
        Ok(())
    }
}
