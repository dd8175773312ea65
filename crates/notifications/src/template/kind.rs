//! The templates there are.
use chrono::TimeDelta;

use crate::message::Channel;

/// A template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Template {
    /// An order was placed.
    OrderConfirmation,
    /// The code that an account is made with (ID-1).
    RegistrationCode,
    /// Somebody asked for such a code, but has an account (ID-7).
    AlreadyRegistered,
    /// Somebody is invited to work for the store (ID-21).
    StaffInvitation,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::OrderConfirmation, Self::RegistrationCode, Self::AlreadyRegistered, Self::StaffInvitation];

    /// Reads its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.slug() == text)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::OrderConfirmation => "order_confirmation",
            Self::RegistrationCode => "registration_code",
            Self::AlreadyRegistered => "already_registered",
            Self::StaffInvitation => "staff_invitation",
        }
    }

    /// Whether recipient and contents follow from what the message is about. Nobody sends such a one by hand.
    #[must_use]
    pub const fn follows_reference(self) -> bool {
        matches!(self, Self::OrderConfirmation)
    }

    /// Names of the secret values it needs.
    #[must_use]
    pub const fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::RegistrationCode => &["code"],
            Self::StaffInvitation => &["link", "role"],
            Self::OrderConfirmation | Self::AlreadyRegistered => &[],
        }
    }

    /// Whether it is made for `channel`.
    #[must_use]
    pub const fn travels_by(self, channel: Channel) -> bool {
        match self {
            Self::OrderConfirmation | Self::StaffInvitation => matches!(channel, Channel::Email),
            Self::RegistrationCode | Self::AlreadyRegistered => matches!(channel, Channel::Email | Channel::Sms),
        }
    }

    /// How long after it was queued a message is of any use.
    #[must_use]
    pub const fn useful(self) -> TimeDelta {
        match self {
            Self::RegistrationCode => TimeDelta::minutes(10), // the code's own life (ID-6)
            Self::OrderConfirmation | Self::AlreadyRegistered | Self::StaffInvitation => TimeDelta::hours(24),
        }
    }
}
