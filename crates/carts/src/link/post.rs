//! Sends a link to the customer whose cart it is for.
use std::collections::HashMap;

use kit::{
    Call,
    failure::Violation,
    ids::{CustomerId, MessageId, StoreId},
    transport::Transport,
};
use proto::{
    customers::v1::{Customer, GetCustomerRequest, customer_service_client::CustomerServiceClient},
    notifications::v1::{SendMessageRequest, message_service_client::MessageServiceClient},
};

use super::Link;
use crate::Error;

/// How a link travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By mail.
    Email,
    /// By text message.
    Sms,
}

impl Channel {
    /// Reads its name; mail is the usual one.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        match text {
            "" | "email" => Ok(Self::Email),
            "sms" => Ok(Self::Sms),
            _ => Err(Violation::new("/channel", "unknown", "a link is sent by email or sms")),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// The ways that it takes. Clones share them.
#[derive(Clone)]
pub struct Post {
    pub(crate) customers: CustomerServiceClient<Transport>,
    pub(crate) messages: MessageServiceClient<Transport>,
    /// The address that links name.
    pub(crate) public: String,
}

impl Post {
    /// Where a token leads.
    #[must_use]
    pub fn address(&self, token: &str) -> String {
        format!("{}/checkout/{token}", self.public)
    }

    /// The customer, as services see them.
    pub async fn customer(&self, call: &Call, id: CustomerId) -> Result<Customer, Error> {
        let request = call.trace(GetCustomerRequest { id: id.into() });
        Ok(self.customers.clone().get_customer(request).await?.into_inner())
    }

    /// Where `customer` is reached by `channel`.
    pub fn recipient(customer: &Customer, channel: Channel) -> Result<String, Error> {
        let to = if channel == Channel::Email { &customer.email } else { &customer.phone };
        if to.is_empty() { Err(Error::Unreachable(channel.slug())) } else { Ok(to.clone()) }
    }

    /// Has the link sent to `to`; once, however often it is asked.
    pub async fn send(
        &self,
        call: &Call,
        (link, token): (&Link, &str),
        (store, customer): (StoreId, CustomerId),
        to: String,
    ) -> Result<(), Error> {
        let message = self.message(link, token, (store, customer), ("checkout_link", to));
        self.messages.clone().send_message(call.trace(message)).await?;
        Ok(())
    }

    /// The message of this template that takes the link to an address.
    #[must_use]
    pub fn message(
        &self,
        link: &Link,
        token: &str,
        (store, customer): (StoreId, CustomerId),
        (template, to): (&str, String),
    ) -> SendMessageRequest {
        SendMessageRequest {
            id: MessageId::from_uuid(link.id.uuid()).into(),
            realm: link.realm.into(),
            store: store.into(),
            customer: customer.into(),
            channel: link.sent_by.clone(),
            to,
            template: template.to_owned(),
            secrets: HashMap::from([("link".to_owned(), self.address(token))]),
            ..SendMessageRequest::default()
        }
    }
}
