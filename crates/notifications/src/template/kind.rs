//! The templates there are.
use chrono::TimeDelta;

use crate::message::Channel;

/// A template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Template {
    /// An order was placed.
    OrderConfirmation,
    /// The same, to devices.
    OrderPlaced,
    /// Somebody signed in; to devices.
    NewSignIn,
    /// The code that an account is made with (ID-1).
    RegistrationCode,
    /// Somebody asked for such a code, but has an account (ID-7).
    AlreadyRegistered,
    /// Somebody is invited to work for the store (ID-21).
    StaffInvitation,
    /// The code that an account is entered with (ID-3).
    LoginCode,
    /// Somebody wanted to sign in, but there is no account to sign in to (ID-7).
    NoAccount,
    /// The code that a new password is set with (ID-11).
    PasswordCode,
    /// A password was changed.
    PasswordChanged,
    /// The code that proves an address or number (ID-11).
    VerificationCode,
    /// Somebody wanted to prove what is somebody else's (ID-7).
    ContactTaken,
    /// An address or number was changed.
    ContactChanged,
    /// The code that an account is closed with (ID-13).
    ClosureCode,
    /// An account was closed.
    AccountClosed,
    /// The link into the account portal (ID-14).
    MagicLink,
    /// Somebody asked for such a link, but nobody bought with the address (ID-7).
    NoPurchases,
    /// Staff made one of two records (CU-13).
    RecordsMerged,
    /// The link to check out a cart by (CA-6).
    CheckoutLink,
    /// A webhook was switched off, to its owners (NO-5).
    WebhookDisabled,
    /// Staff wrote to a customer who had not asked (ST-1).
    TicketOpened,
    /// Staff answered a ticket (ST-2).
    TicketReply,
    /// Staff solved a ticket.
    TicketSolved,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::OrderConfirmation,
        Self::OrderPlaced,
        Self::NewSignIn,
        Self::RegistrationCode,
        Self::AlreadyRegistered,
        Self::LoginCode,
        Self::NoAccount,
        Self::PasswordCode,
        Self::PasswordChanged,
        Self::VerificationCode,
        Self::ContactTaken,
        Self::ContactChanged,
        Self::ClosureCode,
        Self::AccountClosed,
        Self::MagicLink,
        Self::NoPurchases,
        Self::RecordsMerged,
        Self::CheckoutLink,
        Self::StaffInvitation,
        Self::WebhookDisabled,
        Self::TicketOpened,
        Self::TicketReply,
        Self::TicketSolved,
    ];

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
            Self::OrderPlaced => "order_placed",
            Self::NewSignIn => "new_sign_in",
            Self::RegistrationCode => "registration_code",
            Self::AlreadyRegistered => "already_registered",
            Self::StaffInvitation => "staff_invitation",
            Self::LoginCode => "login_code",
            Self::NoAccount => "no_account",
            Self::PasswordCode => "password_code",
            Self::PasswordChanged => "password_changed",
            Self::VerificationCode => "verification_code",
            Self::ContactTaken => "contact_taken",
            Self::ContactChanged => "contact_changed",
            Self::ClosureCode => "closure_code",
            Self::AccountClosed => "account_closed",
            Self::MagicLink => "magic_link",
            Self::NoPurchases => "no_purchases",
            Self::RecordsMerged => "records_merged",
            Self::CheckoutLink => "checkout_link",
            Self::WebhookDisabled => "webhook_disabled",
            Self::TicketOpened => "ticket_opened",
            Self::TicketReply => "ticket_reply",
            Self::TicketSolved => "ticket_solved",
        }
    }

    /// Whether recipient and contents follow from what the message is about. Nobody sends such a one by hand.
    #[must_use]
    pub const fn follows_reference(self) -> bool {
        matches!(self, Self::OrderConfirmation | Self::OrderPlaced | Self::RecordsMerged) || self.is_of_ticket()
    }

    /// Whether it is word of a support ticket.
    #[must_use]
    pub const fn is_of_ticket(self) -> bool {
        matches!(self, Self::TicketOpened | Self::TicketReply | Self::TicketSolved)
    }

    /// Names of the secret values it needs.
    #[must_use]
    pub const fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::RegistrationCode
            | Self::LoginCode
            | Self::PasswordCode
            | Self::VerificationCode
            | Self::ClosureCode => &["code"],
            Self::MagicLink | Self::CheckoutLink => &["link"],
            Self::StaffInvitation => &["link", "role"],
            _ => &[],
        }
    }

    /// Whether it has the form of a note.
    #[must_use]
    pub const fn is_note(self) -> bool {
        !self.is_of_ticket()
            && !matches!(
                self,
                Self::OrderConfirmation
                    | Self::OrderPlaced
                    | Self::NewSignIn
                    | Self::RegistrationCode
                    | Self::AlreadyRegistered
                    | Self::StaffInvitation
            )
    }

    /// Whether it is made for `channel`.
    #[must_use]
    pub const fn travels_by(self, channel: Channel) -> bool {
        match self {
            Self::OrderConfirmation
            | Self::MagicLink
            | Self::NoPurchases
            | Self::RecordsMerged
            | Self::WebhookDisabled
            | Self::StaffInvitation
            | Self::TicketOpened
            | Self::TicketReply
            | Self::TicketSolved => matches!(channel, Channel::Email),
            Self::OrderPlaced | Self::NewSignIn => matches!(channel, Channel::Push),
            _ => matches!(channel, Channel::Email | Channel::Sms),
        }
    }

    /// How long after it was queued a message is of any use.
    #[must_use]
    pub const fn useful(self) -> TimeDelta {
        match self {
            // the code's own life (ID-6)
            Self::RegistrationCode
            | Self::LoginCode
            | Self::PasswordCode
            | Self::VerificationCode
            | Self::ClosureCode => TimeDelta::minutes(10),
            Self::MagicLink => TimeDelta::minutes(15), // the link's (ID-14)
            Self::NewSignIn => TimeDelta::hours(1),
            _ => TimeDelta::hours(24),
        }
    }
}
