//! Fields that a list filters and sorts by.
use crate::{activity::subscription::STATUSES, consent::consent::CHANNELS, customer::personal};

/// A field of the list, named as in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own name")]
pub enum Field {
    Id,
    Name,
    Email,
    Phone,
    Username,
    Lifecycle,
    Registration,
    Status,
    Tags,
    OrdersCount,
    TotalSpent,
    CreatedAt,
    UpdatedAt,
    RegisteredAt,
    LastOrderAt,
    LastActivityAt,
    Country,
    City,
    Region,
    PostalCode,
    Street,
    Business,
    Consent,
    Products,
    Subscription,
    Repeat,
    AtRisk,
    Segment,
}

/// What values of a field look like, which decides its operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An id.
    Id,
    /// Free text, compared without regard to case.
    Text,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A set of texts.
    Set,
    /// A whole number; money in minor units of the base currency.
    Number,
    /// A moment.
    Time,
    /// A moment that may not have come yet.
    Happening,
    /// Free text that an index of its own finds by its pieces; it needs a letter or a digit.
    Pieces,
    /// An ISO 3166-1 alpha-2 code.
    Country,
    /// An id of a product.
    Product,
    /// Yes or no.
    Flag,
    /// A number of days back from now.
    Days,
    /// An id of a segment.
    Segment,
}

/// Every field with its name.
const ALL: &[(Field, &str)] = &[
    (Field::Id, "id"),
    (Field::Name, "name"),
    (Field::Email, "email"),
    (Field::Phone, "phone"),
    (Field::Username, "username"),
    (Field::Lifecycle, "lifecycle"),
    (Field::Registration, "registration"),
    (Field::Status, "status"),
    (Field::Tags, "tags"),
    (Field::OrdersCount, "orders_count"),
    (Field::TotalSpent, "total_spent"),
    (Field::CreatedAt, "created_at"),
    (Field::UpdatedAt, "updated_at"),
    (Field::RegisteredAt, "registered_at"),
    (Field::LastOrderAt, "last_order_at"),
    (Field::LastActivityAt, "last_activity_at"),
    (Field::Country, "country"),
    (Field::City, "city"),
    (Field::Region, "region"),
    (Field::PostalCode, "postal_code"),
    (Field::Street, "street"),
    (Field::Business, "business"),
    (Field::Consent, "consent"),
    (Field::Products, "products"),
    (Field::Subscription, "subscription"),
    (Field::Repeat, "repeat"),
    (Field::AtRisk, "at_risk"),
    (Field::Segment, "segment"),
];

impl Field {
    /// The field of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, known)| *known == name).map(|(field, _)| *field)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(field, _)| *field == self).map_or("", |(_, name)| name)
    }

    /// What its values look like.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Id => Kind::Id,
            Self::Name | Self::Email | Self::Phone | Self::Username => Kind::Text,
            Self::Lifecycle => Kind::Choice(&["lead", "customer"]),
            Self::Registration => Kind::Choice(&["guest", "registered"]),
            Self::Status => Kind::Choice(&["active", "inactive"]),
            Self::Tags => Kind::Set,
            Self::OrdersCount | Self::TotalSpent => Kind::Number,
            Self::CreatedAt | Self::UpdatedAt | Self::LastActivityAt => Kind::Time,
            Self::City | Self::Region | Self::PostalCode | Self::Street | Self::Business => Kind::Pieces,
            Self::Country => Kind::Country,
            Self::Consent => Kind::Choice(&CHANNELS),
            Self::Products => Kind::Product,
            Self::Subscription => Kind::Choice(&STATUSES),
            Self::Repeat => Kind::Flag,
            Self::AtRisk => Kind::Days,
            Self::Segment => Kind::Segment,
            Self::RegisteredAt | Self::LastOrderAt => Kind::Happening,
        }
    }

    /// Whether lists can be sorted by it.
    #[must_use]
    pub const fn sorts(self) -> bool {
        matches!(
            self,
            Self::Id
                | Self::Name
                | Self::TotalSpent
                | Self::OrdersCount
                | Self::RegisteredAt
                | Self::LastOrderAt
                | Self::CreatedAt
                | Self::UpdatedAt
        )
    }

    /// Whether it takes customers.pii to ask by it (ID-23).
    #[must_use]
    pub fn is_personal(self) -> bool {
        // Of an address the street is masked, the town is not.
        self == Self::Street || personal::is_personal(self.name())
    }

    /// Whether a store of a network has its own figure of it.
    #[must_use]
    pub const fn is_figure(self) -> bool {
        matches!(self, Self::OrdersCount | Self::TotalSpent | Self::LastOrderAt)
    }

    /// Its value in SQL, as it is compared, sorted and indexed; `figures` is the table that figures come from.
    /// What has not happened yet counts as infinitely long ago, so no value is null. What stands beside the record is in a
    /// table `p`.
    #[must_use]
    pub fn sql(self, figures: &str) -> String {
        match self {
            Self::Id => "c.id".to_owned(),
            Self::Name => "lower(c.name)".to_owned(),
            Self::Email => "lower(c.email)".to_owned(),
            Self::Phone => "c.phone".to_owned(),
            Self::Username => "lower(c.username)".to_owned(),
            Self::Lifecycle => "c.lifecycle".to_owned(),
            Self::Registration => "c.registration".to_owned(),
            Self::Status => "c.status".to_owned(),
            Self::Tags => "c.tags".to_owned(),
            Self::OrdersCount => format!("{figures}.orders_count"),
            Self::TotalSpent => format!("{figures}.spent_base"),
            Self::CreatedAt => "c.created_at".to_owned(),
            Self::UpdatedAt => "c.updated_at".to_owned(),
            Self::RegisteredAt => "coalesce(c.registered_at, '-infinity')".to_owned(),
            Self::LastOrderAt => format!("coalesce({figures}.last_order_at, '-infinity')"),
            Self::LastActivityAt => "c.last_activity_at".to_owned(),
            Self::Business => "' ' || lower(c.business)".to_owned(),
            Self::Consent => "c.consents".to_owned(),
            Self::Country => "p.country".to_owned(),
            Self::City => "p.city".to_owned(),
            Self::Region => "p.region".to_owned(),
            Self::PostalCode => "p.postal_code".to_owned(),
            Self::Street => "p.street".to_owned(),
            Self::Products => "p.product_id".to_owned(),
            Self::Subscription => "u.status".to_owned(),
            // Others stand for these when a filter was read.
            Self::Repeat | Self::AtRisk | Self::Segment => "null".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-23: the fields that a filter needs customers.pii for.
    #[test]
    fn personal_fields_are_known() {
        let personal: Vec<_> = ALL.iter().filter(|(field, _)| field.is_personal()).map(|(_, name)| *name).collect();
        assert_eq!(personal, ["name", "email", "phone", "street", "business"]);
    }

    #[test]
    fn names_are_read_back() {
        for (field, name) in ALL {
            assert_eq!((Field::parse(name), field.name()), (Some(*field), *name));
        }
        assert_eq!(Field::parse("shoe_size"), None);
    }
}
