//! Permissions of staff members and API keys (ID-22), as a set of bits.
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($name:ident = $slug:literal,)+) => {
        /// What a staff member or API key may be allowed to do. The order never changes: it numbers the bits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is its own slug")]
        pub enum Permission { $($name,)+ }

        impl Permission {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// As PRODUCT and API write it, such as `customers.read`.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)+ }
            }
        }
    };
}

permissions! {
    CustomersRead = "customers.read", CustomersWrite = "customers.write", CustomersPii = "customers.pii",
    CustomersMerge = "customers.merge", CustomersDelete = "customers.delete",
    CustomersImpersonate = "customers.impersonate", CustomersCleanup = "customers.cleanup",
    CartsRead = "carts.read", CartsWrite = "carts.write", CatalogRead = "catalog.read", CatalogWrite = "catalog.write",
    OrdersRead = "orders.read", OrdersWrite = "orders.write", OrdersRefund = "orders.refund",
    TransactionsWrite = "transactions.write", SubscriptionsWrite = "subscriptions.write",
    LibraryWrite = "library.write", ReviewsRead = "reviews.read", ReviewsModerate = "reviews.moderate",
    TicketsRead = "tickets.read", TicketsWrite = "tickets.write", MessagesRead = "messages.read",
    MessagesWrite = "messages.write", ExportsCreate = "exports.create", WebhooksWrite = "webhooks.write",
    KeysWrite = "keys.write", BlocksWrite = "blocks.write", StaffWrite = "staff.write",
    SettingsWrite = "settings.write", AuditRead = "audit.read",
}

/// There is no permission of this name.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no such permission")]
pub struct UnknownPermission;

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(slug: &str) -> Result<Self, UnknownPermission> {
        Self::ALL.iter().copied().find(|permission| permission.slug() == slug).ok_or(UnknownPermission)
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(u64);

impl Permissions {
    /// Every permission there is.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Whether `permission` is among them.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    /// Those of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The first member that `other` lacks: nobody gives what they do not have (ID-21).
    #[must_use]
    pub fn beyond(self, other: Self) -> Option<Permission> {
        self.iter().find(|permission| !other.contains(*permission))
    }

    /// The members as the API writes them, in order.
    #[must_use]
    pub fn slugs(self) -> Vec<String> {
        self.iter().map(|permission| permission.slug().to_owned()).collect()
    }

    /// The members, in order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | 1 << permission as u64))
    }
}
