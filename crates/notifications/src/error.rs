//! What can go wrong with a message or a webhook.
use kit::failure::{Code, Failure};

use crate::webhook::target::Refusal;

/// What can go wrong with a message or a webhook.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or of another realm or store.
    #[error("there is no such message")]
    MessageNotFound,
    /// Unknown, or of another store or network.
    #[error("there is no such webhook")]
    WebhookNotFound,
    /// Unknown, or of another webhook.
    #[error("there is no such delivery")]
    DeliveryNotFound,
    /// A store or network has as many as it may.
    #[error("there are 20 webhooks already")]
    TooManyWebhooks,
    /// It may not lead there.
    #[error(transparent)]
    Target(#[from] Refusal),
    /// Nobody tells of such an event.
    #[error("there is no event {0}")]
    UnknownEvent(String),
    /// Nothing is sent to it.
    #[error("the webhook is switched off")]
    WebhookDisabled,
    /// What any service can have.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::MessageNotFound | Self::WebhookNotFound | Self::DeliveryNotFound => Code::NotFound,
            Self::TooManyWebhooks | Self::Target(_) | Self::UnknownEvent(_) | Self::WebhookDisabled => Code::Refused,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::MessageNotFound => "message_not_found",
            Self::WebhookNotFound => "webhook_not_found",
            Self::DeliveryNotFound => "delivery_not_found",
            Self::TooManyWebhooks => "too_many_webhooks",
            Self::Target(_) => "target_refused",
            Self::UnknownEvent(_) => "unknown_event",
            Self::WebhookDisabled => "webhook_disabled",
            Self::Kit(error) => error.reason(),
        }
    }
}
