//! Orders of a list. The id ends every order, so that cursors are stable.
use kit::failure::Violation;

use super::field::Field;
use crate::{Error, customer::Customer};

/// A value of a row that counts as infinitely long ago.
pub const NEVER: &str = "-infinity";

/// An order: at least one term, the last one the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort(Vec<Term>);

/// A field and its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The field.
    pub field: Field,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Sort {
    /// Reads names, `-` in front for descending; newest first without any. Without `pii`, a personal field is refused
    /// (ID-23).
    pub fn parse(names: &[String], pii: bool) -> Result<Self, Error> {
        let mut terms: Vec<Term> = Vec::new();
        for name in names {
            let term = Term::parse(name, pii)?;
            if terms.iter().any(|known| known.field == term.field) {
                return Err(Violation::new("/sort", "repeated", "sort by each field once").into());
            }
            terms.push(term);
        }
        if terms.is_empty() {
            terms.push(Term { field: Field::CreatedAt, descending: true });
        }
        match terms.iter().position(|term| term.field == Field::Id) {
            Some(end) => terms.truncate(end + 1),
            None => terms.push(Term { field: Field::Id, descending: terms[terms.len() - 1].descending }),
        }
        Ok(Self(terms))
    }

    /// Its terms.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.0
    }

    /// Whether all terms go in one direction, which an index can follow.
    #[must_use]
    pub fn is_even(&self) -> bool {
        self.0.iter().all(|term| term.descending == self.0[0].descending)
    }

    /// The place of a row in this order, for cursors. `name` is its name as the database sorts it.
    #[must_use]
    pub fn key(&self, customer: &Customer, name: &str) -> Vec<String> {
        let happened = |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or(NEVER.to_owned(), |at| at.to_rfc3339());
        let value = |term: &Term| match term.field {
            Field::Name => name.to_owned(),
            Field::TotalSpent => customer.spent_base.to_string(),
            Field::OrdersCount => customer.orders_count.to_string(),
            Field::RegisteredAt => happened(customer.registered_at),
            Field::LastOrderAt => happened(customer.last_order_at),
            Field::CreatedAt => happened(Some(customer.created_at)),
            Field::UpdatedAt => happened(Some(customer.updated_at)),
            _ => customer.id.to_string(),
        };
        self.0.iter().map(value).collect()
    }
}

impl Term {
    fn parse(name: &str, pii: bool) -> Result<Self, Error> {
        let (name, descending) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
        let field = Field::parse(name).filter(|field| field.sorts() || field.is_personal());
        match field {
            Some(field) if field.is_personal() && !pii => Err(Error::PiiRequired(field.name())),
            Some(field) if field.sorts() => Ok(Self { field, descending }),
            _ => Err(Violation::new("/sort", "unknown", "customers cannot be sorted by this").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(names: &[&str], pii: bool) -> Result<Sort, Error> {
        Sort::parse(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), pii)
    }

    fn terms(names: &[&str]) -> Vec<(&'static str, bool)> {
        let sort = parse(names, true).expect("an order");
        sort.terms().iter().map(|term| (term.field.name(), term.descending)).collect()
    }

    /// CU-5: every order ends with the id.
    #[test]
    fn the_id_ends_every_order() {
        assert_eq!(terms(&[]), [("created_at", true), ("id", true)]);
        assert_eq!(terms(&["-total_spent", "name"]), [("total_spent", true), ("name", false), ("id", false)]);
        assert_eq!(terms(&["-total_spent", "id", "name"]), [("total_spent", true), ("id", false)]);
    }

    #[test]
    fn unknown_and_repeated_fields_are_refused() {
        for names in [["shoe_size", "id"], ["tags", "id"], ["name", "-name"], ["", "id"]] {
            assert!(matches!(parse(&names, true), Err(Error::Kit(kit::Error::Invalid(_)))), "{names:?}");
        }
    }

    /// ID-23: sorting by name would tell the name.
    #[test]
    fn personal_fields_need_the_permission() {
        assert!(matches!(parse(&["-name"], false), Err(Error::PiiRequired("name"))));
        assert!(matches!(parse(&["email"], false), Err(Error::PiiRequired("email"))));
        assert!(parse(&["-orders_count"], false).is_ok());
    }
}
