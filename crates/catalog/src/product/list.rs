//! Which products a list shows, and in which order.
use kit::{failure::Violation, ids::StoreId};

use super::{filter::Test, product::Product};

/// Which products.
#[derive(Clone, Debug)]
pub struct Query {
    /// Stores whose products are meant.
    pub stores: Vec<StoreId>,
    /// Part of a name or SKU; empty for all.
    pub text: String,
    /// Comparisons that all hold.
    pub tests: Vec<Test>,
    /// Whether those that cannot be bought are left out.
    pub active_only: bool,
    /// In which order.
    pub order: Order,
}

/// Orders of the list, each with the id as its tie-break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields and direction as in the API")]
pub enum Order {
    CreatedAt { descending: bool },
    Name { descending: bool },
    Sku { descending: bool },
    Price { descending: bool },
}

impl Order {
    /// Reads a sort as the API writes it, `-` in front for descending; empty for newest first.
    pub fn parse(sort: &str) -> Result<Self, Violation> {
        let (name, descending) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
        match name {
            "" => Ok(Self::CreatedAt { descending: true }),
            "created_at" => Ok(Self::CreatedAt { descending }),
            "name" => Ok(Self::Name { descending }),
            "sku" => Ok(Self::Sku { descending }),
            "price" => Ok(Self::Price { descending }),
            _ => Err(Violation::new("/sort", "unknown", "sort by name, sku, price or created_at")),
        }
    }

    /// Whether the greatest comes first.
    #[must_use]
    pub const fn descending(self) -> bool {
        match self {
            Self::CreatedAt { descending }
            | Self::Name { descending }
            | Self::Sku { descending }
            | Self::Price { descending } => descending,
        }
    }

    /// A product's place in this order, as a cursor keeps it.
    #[must_use]
    pub fn key(self, product: &Product) -> Vec<String> {
        let value = match self {
            Self::CreatedAt { .. } => product.created_at.to_rfc3339(),
            Self::Name { .. } => product.details.name.clone(),
            Self::Sku { .. } => product.details.sku.clone(),
            Self::Price { .. } => product.details.from_price().unwrap_or_default().to_string(),
        };
        vec![value, product.id.into()]
    }
}

impl Query {
    /// Reads the search text, at most 100 characters.
    pub fn text(text: &str) -> Result<String, Violation> {
        if text.chars().count() > 100 {
            return Err(Violation::new("/query", "too_long", "search for at most 100 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(Violation::new("/query", "malformed", "no control characters"));
        }
        Ok(text.trim().to_owned())
    }

    /// Everything the list depends on, for its cursors.
    #[must_use]
    pub fn context(&self) -> String {
        format!("products {:?} {} {:?} {} {:?}", self.stores, self.text, self.tests, self.active_only, self.order)
    }
}
