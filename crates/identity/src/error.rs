//! What can go wrong in identity.
use std::time::Duration;

use kit::{
    failure::{Code, Failure},
    permission::Permission,
};

/// What can go wrong in identity.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not one the caller may see.
    #[error("there is no such store")]
    StoreNotFound,
    /// A guest has no account to sign in to (ID-8).
    #[error("this customer has no account to sign in to")]
    NotRegistered,
    /// No address or number of theirs signs the customer in, so that none can be trusted with a code.
    #[error("there is no address or number that signs this customer in")]
    NotReachable,
    /// Unknown, or not one the caller may see.
    #[error("there is no such network")]
    NetworkNotFound,
    /// Unknown, revoked, or not one the caller may see.
    #[error("there is no such key")]
    ApiKeyNotFound,
    /// A store or network has enough keys.
    #[error("there are a hundred keys already; revoke one first")]
    TooManyKeys,
    /// The key may not be used from where the caller is (ID-24).
    #[error("this key may not be used from this address")]
    AddressNotAllowed,
    /// Unknown, or not one of the caller's place.
    #[error("there is no such member of the staff here")]
    MemberNotFound,
    /// Unknown, over, or somebody else's.
    #[error("there is no such session")]
    SessionNotFound,
    /// Unknown, or not one of the caller's place.
    #[error("there is no such role")]
    RoleNotFound,
    /// Unknown, taken up, taken back, or not one of the caller's place.
    #[error("there is no such invitation")]
    InvitationNotFound,
    /// A link that is unknown, used, replaced or over.
    #[error("this invitation is no longer valid; please ask for a new one")]
    BadInvitation,
    /// Another role of the place has this name.
    #[error("another role has this name")]
    RoleNameTaken,
    /// Somebody has this role.
    #[error("somebody has this role; give them another one first")]
    RoleInUse,
    /// A store or network has enough roles.
    #[error("there are a hundred roles already; drop one first")]
    TooManyRoles,
    /// A store keeps at least one owner (ID-21).
    #[error("this is the last owner; make somebody else an owner first")]
    LastOwner,
    /// Owners are a matter of owners (ID-21).
    #[error("only an owner can do this")]
    OwnersOnly,
    /// Somebody works there already.
    #[error("this person works here already")]
    AlreadyMember,
    /// Unknown, or not one the caller may see.
    #[error("there is no such customer")]
    CustomerNotFound,
    /// Every door is closed to them (ID-9), this one, too.
    #[error("this customer is inactive")]
    CustomerInactive,
    /// Unknown, or not one of the caller's customer base.
    #[error("there is no such entry")]
    BlockNotFound,
    /// There is such an entry.
    #[error("there is an entry for this already")]
    AlreadyBlocked,
    /// A customer base has enough entries.
    #[error("there are ten thousand entries already; drop some first")]
    TooManyBlocks,
    /// A store is in one network at most.
    #[error("a store is already in a network")]
    StoreInNetwork,
    /// A store joins a network only while it has no customers.
    #[error("a store already has customers")]
    StoreHasCustomers,
    /// Another staff member signs in with this e-mail.
    #[error("another staff member has this e-mail address")]
    StaffEmailTaken,
    /// Whatever was wrong with the credentials, or with the account behind them (ID-7).
    #[error("these credentials are not right")]
    BadCredentials,
    /// A code that is wrong, used, expired, tried too often or for something else (ID-6).
    #[error("this code is not right or no longer valid; please ask for a new one")]
    BadCode,
    /// A second factor's code that is wrong or was used (ID-20).
    #[error("this code is not right or was already used")]
    BadFactor,
    /// A challenge that is unknown, answered, expired or tried too often.
    #[error("this sign-in is no longer valid; please start again")]
    BadChallenge,
    /// Too many tries failed; how long the next one waits (ID-27).
    #[error("too many attempts; please try again later")]
    TooManyTries(Duration),
    /// The person behind this proven identity has an account.
    #[error("there is already an account; please sign in")]
    AlreadyRegistered,
    /// Personal fields do not filter without customers.pii (ID-23).
    #[error("searching by {0} needs the permission customers.pii")]
    PiiRequired(&'static str),
    /// The password so far is another one (ID-11).
    #[error("the current password is not right")]
    BadPassword,
    /// How one signs in is changed shortly after signing in (ID-11).
    #[error("this needs a recent sign-in; please sign in again")]
    SignInAgain,
    /// Unknown, or somebody else's.
    #[error("there is no such device")]
    DeviceNotFound,
    /// A link that is unknown, or whose time is over (ID-14).
    #[error("this link is not right or no longer valid; please ask for a new one")]
    BadLink,
    /// A provider's token that is forged, foreign, expired or used, or whose person may not come in (ID-4).
    #[error("this sign-in is not right or no longer valid; please try again")]
    BadToken,
    /// A provider that the installation is not set up for.
    #[error("signing in with this provider is not possible here")]
    ProviderUnknown,
    /// A provider that tells no e-mail address.
    #[error("the provider tells no e-mail address; please allow it to, or register with one")]
    EmailRequired,
    /// What any service can run into.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Error {
    /// Whether a part of the house was away, and nothing is known of what was asked.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Kit(error) if error.is_transient())
    }
}

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::StoreNotFound
            | Self::NetworkNotFound
            | Self::ApiKeyNotFound
            | Self::MemberNotFound
            | Self::SessionNotFound
            | Self::DeviceNotFound
            | Self::CustomerNotFound
            | Self::BlockNotFound
            | Self::RoleNotFound
            | Self::InvitationNotFound => Code::NotFound,
            Self::StoreInNetwork
            | Self::StoreHasCustomers
            | Self::BadCode
            | Self::BadPassword
            | Self::ProviderUnknown
            | Self::EmailRequired
            | Self::TooManyKeys
            | Self::TooManyRoles
            | Self::TooManyBlocks
            | Self::NotRegistered
            | Self::NotReachable
            | Self::CustomerInactive => Code::Refused,
            Self::StaffEmailTaken
            | Self::AlreadyRegistered
            | Self::AlreadyMember
            | Self::RoleNameTaken
            | Self::RoleInUse
            | Self::AlreadyBlocked
            | Self::LastOwner => Code::Conflict,
            Self::BadCredentials
            | Self::BadFactor
            | Self::BadChallenge
            | Self::BadInvitation
            | Self::BadLink
            | Self::BadToken => Code::Unauthenticated,
            Self::AddressNotAllowed | Self::OwnersOnly | Self::PiiRequired(_) | Self::SignInAgain => Code::Forbidden,
            Self::TooManyTries(_) => Code::Limited,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::StoreNotFound => "store_not_found",
            Self::NetworkNotFound => "network_not_found",
            Self::ApiKeyNotFound => "api_key_not_found",
            Self::CustomerNotFound => "customer_not_found",
            Self::CustomerInactive => "customer_inactive",
            Self::NotRegistered => "not_registered",
            Self::NotReachable => "not_reachable",
            Self::BlockNotFound => "block_not_found",
            Self::AlreadyBlocked => "already_blocked",
            Self::TooManyBlocks => "too_many_blocks",
            Self::MemberNotFound => "member_not_found",
            Self::SessionNotFound => "session_not_found",
            Self::RoleNotFound => "role_not_found",
            Self::InvitationNotFound => "invitation_not_found",
            Self::BadInvitation => "bad_invitation",
            Self::RoleNameTaken => "role_name_taken",
            Self::RoleInUse => "role_in_use",
            Self::TooManyRoles => "too_many_roles",
            Self::LastOwner => "last_owner",
            Self::OwnersOnly => "owners_only",
            Self::AlreadyMember => "already_member",
            Self::TooManyKeys => "too_many_keys",
            Self::AddressNotAllowed => "address_not_allowed",
            Self::StoreInNetwork => "store_in_network",
            Self::StoreHasCustomers => "store_has_customers",
            Self::StaffEmailTaken => "email_taken",
            Self::BadCredentials => "bad_credentials",
            Self::BadCode | Self::BadFactor => "bad_code",
            Self::BadChallenge => "bad_challenge",
            Self::AlreadyRegistered => "already_registered",
            Self::TooManyTries(_) => "too_many_attempts",
            Self::PiiRequired(_) => "pii_required",
            Self::BadPassword => "bad_password",
            Self::SignInAgain => "recent_sign_in_required",
            Self::DeviceNotFound => "device_not_found",
            Self::BadLink => "bad_link",
            Self::BadToken => "bad_token",
            Self::ProviderUnknown => "provider_unknown",
            Self::EmailRequired => "email_required",
            Self::Kit(error) => error.reason(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::PiiRequired(_) => vec![("required_permission", Permission::CustomersPii.slug().to_owned())],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyTries(wait) => Some(*wait),
            Self::Kit(error) => error.retry_after(),
            _ => None,
        }
    }
}
