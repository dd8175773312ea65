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
    /// The link to pay an invoice by (OR-2).
    PaymentLink,
    /// A reminder of a cart that was left, to those who agreed to marketing (CA-2).
    CartAbandoned,
    /// A webhook was switched off, to its owners (NO-5).
    WebhookDisabled,
    /// Staff wrote to a customer who had not asked (ST-1).
    TicketOpened,
    /// Staff answered a ticket (ST-2).
    TicketReply,
    /// Staff solved a ticket.
    TicketSolved,
    /// Something of an order left the house (OR-2).
    OrderSent,
    /// An order was called off (OR-2).
    OrderCancelled,
    /// Money for an order went back (OR-5).
    OrderRefunded,
    /// Somebody else bought something for them (OR-1).
    GiftReceived,
    /// A subscription renews soon (OR-7).
    SubscriptionUpcoming,
    /// A renewal could not be charged (OR-7).
    SubscriptionPastDue,
    /// A subscription rests (OR-7).
    SubscriptionPaused,
    /// It goes on (OR-7).
    SubscriptionResumed,
    /// It was cancelled (OR-7).
    SubscriptionCancelled,
    /// It is over, since it could not be charged (OR-7).
    SubscriptionExpired,
    /// Staff wrote it, to one customer (NO-6).
    Letter,
    /// Staff wrote it, to many (NO-6).
    Campaign,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 37] = [
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
        Self::PaymentLink,
        Self::CartAbandoned,
        Self::StaffInvitation,
        Self::WebhookDisabled,
        Self::TicketOpened,
        Self::TicketReply,
        Self::TicketSolved,
        Self::OrderSent,
        Self::OrderCancelled,
        Self::OrderRefunded,
        Self::GiftReceived,
        Self::SubscriptionUpcoming,
        Self::SubscriptionPastDue,
        Self::SubscriptionPaused,
        Self::SubscriptionResumed,
        Self::SubscriptionCancelled,
        Self::SubscriptionExpired,
        Self::Letter,
        Self::Campaign,
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
            Self::PaymentLink => "payment_link",
            Self::CartAbandoned => "cart_abandoned",
            Self::WebhookDisabled => "webhook_disabled",
            Self::TicketOpened => "ticket_opened",
            Self::TicketReply => "ticket_reply",
            Self::TicketSolved => "ticket_solved",
            Self::OrderSent => "order_sent",
            Self::OrderCancelled => "order_cancelled",
            Self::OrderRefunded => "order_refunded",
            Self::GiftReceived => "gift_received",
            Self::SubscriptionUpcoming => "subscription_upcoming",
            Self::SubscriptionPastDue => "subscription_past_due",
            Self::SubscriptionPaused => "subscription_paused",
            Self::SubscriptionResumed => "subscription_resumed",
            Self::SubscriptionCancelled => "subscription_cancelled",
            Self::SubscriptionExpired => "subscription_expired",
            Self::Letter => "letter",
            Self::Campaign => "campaign",
        }
    }

    /// Whether recipient and contents follow from what the message is about. Nobody sends such a one by hand.
    #[must_use]
    pub const fn follows_reference(self) -> bool {
        matches!(self, Self::OrderConfirmation | Self::OrderPlaced | Self::RecordsMerged | Self::GiftReceived)
            || self.is_of_ticket()
            || self.is_of_order()
            || self.is_of_subscription()
            || self.is_written()
    }

    /// Whether staff wrote it.
    #[must_use]
    pub const fn is_written(self) -> bool {
        matches!(self, Self::Letter | Self::Campaign)
    }

    /// Whether it is word of what became of an order.
    #[must_use]
    pub const fn is_of_order(self) -> bool {
        matches!(self, Self::OrderSent | Self::OrderCancelled | Self::OrderRefunded)
    }

    /// Whether it is word of a subscription.
    #[must_use]
    pub const fn is_of_subscription(self) -> bool {
        matches!(
            self,
            Self::SubscriptionUpcoming
                | Self::SubscriptionPastDue
                | Self::SubscriptionPaused
                | Self::SubscriptionResumed
                | Self::SubscriptionCancelled
                | Self::SubscriptionExpired
        )
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
            Self::MagicLink | Self::CheckoutLink | Self::PaymentLink | Self::CartAbandoned => &["link"],
            Self::StaffInvitation => &["link", "role"],
            _ => &[],
        }
    }

    /// Whether it has the form of a note.
    #[must_use]
    pub const fn is_note(self) -> bool {
        !self.is_of_ticket()
            && !self.is_of_order()
            && !self.is_of_subscription()
            && !self.is_written()
            && !matches!(
                self,
                Self::OrderConfirmation
                    | Self::OrderPlaced
                    | Self::NewSignIn
                    | Self::RegistrationCode
                    | Self::AlreadyRegistered
                    | Self::StaffInvitation
                    | Self::GiftReceived
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
            | Self::CartAbandoned
            | Self::StaffInvitation
            | Self::TicketOpened
            | Self::TicketReply
            | Self::TicketSolved
            | Self::OrderSent
            | Self::OrderCancelled
            | Self::OrderRefunded
            | Self::GiftReceived
            | Self::SubscriptionUpcoming
            | Self::SubscriptionPastDue
            | Self::SubscriptionPaused
            | Self::SubscriptionResumed
            | Self::SubscriptionCancelled
            | Self::SubscriptionExpired => matches!(channel, Channel::Email),
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
