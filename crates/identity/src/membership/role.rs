//! Roles and the permissions they give (ID-21, ID-22).
use std::str::FromStr;

use kit::permission::{Permission, Permissions};

use super::Place;

/// What somebody is in a store or network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    /// May everything, always.
    Owner,
    /// May everything but what concerns owners.
    Administrator,
    /// Looks after customers.
    CustomerService,
    /// Sells: builds carts for customers.
    SalesAgent,
    /// Reads and judges reviews.
    Moderator,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Owner, Self::Administrator, Self::CustomerService, Self::SalesAgent, Self::Moderator];

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::CustomerService => "customer_service",
            Self::SalesAgent => "sales_agent",
            Self::Moderator => "moderator",
        }
    }

    /// What the role gives in `place`. A store of a network shares its customers: merging and deleting them needs a
    /// membership of the network.
    #[must_use]
    pub fn permissions(self, place: Place, in_network: bool) -> Permissions {
        place.limit(self.all(), in_network)
    }

    fn all(self) -> Permissions {
        use Permission as P;
        let given: &[P] = match self {
            Self::Owner | Self::Administrator => P::ALL,
            Self::CustomerService => &[
                P::CustomersRead,
                P::CustomersWrite,
                P::CustomersPii,
                P::CustomersMerge,
                P::CustomersImpersonate,
                P::CartsRead,
                P::CartsWrite,
                P::OrdersRead,
                P::OrdersWrite,
                P::OrdersRefund,
                P::SubscriptionsWrite,
                P::LibraryWrite,
                P::TicketsRead,
                P::TicketsWrite,
                P::MessagesRead,
                P::MessagesWrite,
                P::ReviewsRead,
                P::CatalogRead,
                P::ExportsCreate,
            ],
            Self::SalesAgent => &[
                P::CustomersRead,
                P::CustomersWrite,
                P::CustomersPii,
                P::CartsRead,
                P::CartsWrite,
                P::CatalogRead,
                P::OrdersRead,
                P::MessagesRead,
            ],
            Self::Moderator => {
                &[P::CustomersRead, P::OrdersRead, P::CatalogRead, P::ReviewsRead, P::ReviewsModerate, P::TicketsRead]
            }
        };
        given.iter().copied().collect()
    }
}

/// A text that is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(slug: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.slug() == slug).ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::ids::{NetworkId, StoreId};

    use super::*;

    fn slugs(role: Role) -> Vec<&'static str> {
        role.all().iter().map(Permission::slug).collect()
    }

    /// ID-21: what each role may by default.
    #[test]
    fn roles_give_what_the_product_says() {
        assert_eq!(Role::Owner.all(), Permissions::all());
        assert_eq!(Role::Administrator.all(), Permissions::all());
        assert_eq!(
            slugs(Role::CustomerService).join(" "),
            "customers.read customers.write customers.pii customers.merge customers.impersonate carts.read carts.write \
             catalog.read orders.read orders.write orders.refund subscriptions.write library.write reviews.read \
             tickets.read tickets.write messages.read messages.write exports.create"
        );
        assert_eq!(
            slugs(Role::SalesAgent).join(" "),
            "customers.read customers.write customers.pii carts.read carts.write catalog.read orders.read messages.read"
        );
        assert_eq!(
            slugs(Role::Moderator).join(" "),
            "customers.read catalog.read orders.read reviews.read reviews.moderate tickets.read"
        );
    }

    /// ID-21: merge and erasure of customers that a network shares need a membership of the network.
    #[test]
    fn a_store_of_a_network_neither_merges_nor_deletes() {
        let store = Place::Store(StoreId::new(DateTime::UNIX_EPOCH));
        let network = Place::Network(NetworkId::new(DateTime::UNIX_EPOCH));
        for permission in [Permission::CustomersMerge, Permission::CustomersDelete] {
            assert!(!Role::Owner.permissions(store, true).contains(permission));
            assert!(Role::Owner.permissions(store, false).contains(permission));
            assert!(Role::Owner.permissions(network, true).contains(permission));
        }
        assert!(Role::Owner.permissions(store, true).contains(Permission::CustomersPii));
    }

    /// ID-21: every role is known by its slug, and nothing else is one.
    #[test]
    fn slugs_name_roles() {
        assert!(Role::ALL.into_iter().all(|role| role.slug().parse() == Ok(role)));
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }
}
