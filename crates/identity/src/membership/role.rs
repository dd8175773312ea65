//! Roles and the permissions they give (ID-21, ID-22).
use std::str::FromStr;

use kit::permission::{Permission, Permissions};
use proto::identity::v1 as pb;

use super::Place;
use crate::role::role::granted;

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
    /// What a role made of permissions gives.
    Custom,
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
            Self::Custom => "custom",
        }
    }

    /// As people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Administrator => "Administrator",
            Self::CustomerService => "Customer service",
            Self::SalesAgent => "Sales agent",
            Self::Moderator => "Moderator",
            Self::Custom => "Custom role",
        }
    }

    /// What the role gives in `place`; `custom` are the slugs of a role made of permissions.
    #[must_use]
    pub fn permissions(self, custom: Option<&[String]>, place: Place, in_network: bool) -> Permissions {
        let given = custom.filter(|_| self == Self::Custom).map_or_else(|| self.all(), granted);
        place.limit(given, in_network)
    }

    /// As the API tells it, with how many have it.
    #[must_use]
    pub fn told(self, place: Place, in_network: bool, members: i64) -> pb::Role {
        pb::Role {
            id: self.slug().to_owned(),
            name: self.name().to_owned(),
            permissions: self.permissions(None, place, in_network).slugs(),
            built_in: true,
            members: u32::try_from(members).unwrap_or_default(),
            ..pb::Role::default()
        }
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
            Self::Custom => &[],
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
            assert!(!Role::Owner.permissions(None, store, true).contains(permission));
            assert!(Role::Owner.permissions(None, store, false).contains(permission));
            assert!(Role::Owner.permissions(None, network, true).contains(permission));
        }
        assert!(Role::Owner.permissions(None, store, true).contains(Permission::CustomersPii));
    }

    /// ID-21: a role made of permissions gives those, in a store of a network without what is for the network; and
    /// nothing can be taken from an owner.
    #[test]
    fn custom_roles_give_what_they_are_made_of() {
        let store = Place::Store(StoreId::new(DateTime::UNIX_EPOCH));
        let made_of = ["customers.merge".to_owned(), "orders.read".to_owned()];
        assert_eq!(Role::Custom.permissions(Some(&made_of), store, false).slugs(), made_of);
        assert_eq!(Role::Custom.permissions(Some(&made_of), store, true).slugs(), ["orders.read"]);
        assert_eq!(Role::Custom.permissions(None, store, false), Permissions::default());
        assert_eq!(Role::Owner.permissions(Some(&[]), store, false), Permissions::all());
    }

    /// ID-21: every role is known by its slug, and nothing else is one.
    #[test]
    fn slugs_name_roles() {
        assert!(Role::ALL.into_iter().all(|role| role.slug().parse() == Ok(role)));
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }
}
