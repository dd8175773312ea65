//! What can go wrong with messages and webhooks.
use kit::failure::{Code, Failure};

use crate::webhook::target::Refusal;

/// What can go wrong with a message or a webhook.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or of another realm or store.
    #[error("there is no such message")]
    MessageNotFound,
    /// Unknown, of another realm, or not known to the store.
    #[error("there is no such customer")]
    CustomerNotFound,
    /// Unknown, or of another realm or store.
    #[error("there is no such campaign")]
    CampaignNotFound,
    /// Unknown, or of another realm or store.
    #[error("there is no such suppression")]
    SuppressionNotFound,
    /// Nobody made it.
    #[error("there is no such link")]
    LinkNotFound,
    /// Marketing goes to those who agreed to it (CU-16).
    #[error("this customer has not agreed to marketing by this channel")]
    NoConsent,
    /// Nothing to send to.
    #[error("this customer has no address or number for this channel")]
    NoAddress,
    /// Every door is closed to them.
    #[error("this customer is inactive")]
    CustomerInactive,
    /// What was sent there came back (NO-4).
    #[error("marketing is not sent to this address any more: what was sent there came back")]
    Suppressed,
    /// It is over.
    #[error("this campaign has ended")]
    CampaignEnded,
    /// What goes to many is not sent without a key to repeat it by.
    #[error("send an Idempotency-Key with this")]
    KeyRequired,
    /// Enough is under way.
    #[error("ten campaigns are under way already")]
    TooManyCampaigns,
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
            Self::MessageNotFound
            | Self::WebhookNotFound
            | Self::DeliveryNotFound
            | Self::CustomerNotFound
            | Self::CampaignNotFound
            | Self::SuppressionNotFound
            | Self::LinkNotFound => Code::NotFound,
            Self::NoConsent | Self::NoAddress | Self::CustomerInactive | Self::Suppressed | Self::CampaignEnded => {
                Code::Conflict
            }
            Self::KeyRequired => Code::Invalid,
            Self::TooManyWebhooks
            | Self::TooManyCampaigns
            | Self::Target(_)
            | Self::UnknownEvent(_)
            | Self::WebhookDisabled => Code::Refused,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::MessageNotFound => "message_not_found",
            Self::CustomerNotFound => "customer_not_found",
            Self::CampaignNotFound => "campaign_not_found",
            Self::SuppressionNotFound => "suppression_not_found",
            Self::LinkNotFound => "link_not_found",
            Self::NoConsent => "no_consent",
            Self::NoAddress => "no_address",
            Self::CustomerInactive => "customer_inactive",
            Self::Suppressed => "suppressed",
            Self::CampaignEnded => "campaign_ended",
            Self::KeyRequired => "idempotency_key_required",
            Self::TooManyCampaigns => "too_many_campaigns",
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
