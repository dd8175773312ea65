//! Lists: which page, in which order, of which members.
use kit::failure::Violation;
use proto::base::v1::{Condition, Filter, PageRequest, filter::Node};

use super::{filter, params::Params};
use crate::problem::Problem;

/// How many comparisons a query may have.
pub const CONDITIONS: usize = 40;

/// What a list can be asked for beside its pages.
pub type Offer = &'static [Extra];

/// Something that not every list offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// A default search, `q`.
    Search,
    /// Filters.
    Filters,
    /// An order.
    Sorts,
    /// A count of the members.
    Total,
}

/// What was asked for.
#[derive(Debug, Default, PartialEq)]
pub struct Wanted {
    /// Default search; may be empty.
    pub search: String,
    /// All filters together.
    pub filter: Option<Filter>,
    /// Names of fields, `-` in front for descending.
    pub sort: Vec<String>,
    /// Which page.
    pub page: PageRequest,
}

impl Wanted {
    /// Reads the parameters of a list; others are refused.
    pub fn read(mut params: Params, offer: Offer) -> Result<Self, Problem> {
        let mut text = |extra, name| if offer.contains(&extra) { params.text(name) } else { String::new() };
        let (include, search) = (text(Extra::Total, "include"), text(Extra::Search, "q"));
        let sort = text(Extra::Sorts, "sort");
        let page = PageRequest {
            limit: params.limit()?,
            after: params.text("after"),
            before: params.text("before"),
            total: false,
        };
        let mut filters = Vec::new();
        if offer.contains(&Extra::Filters) {
            for (name, value) in params.take_where(|name| name.starts_with("filter")) {
                filters.push(filter::parameter(&name, &value)?);
            }
            if filters.len() > CONDITIONS {
                let detail = format!("at most {CONDITIONS} comparisons");
                return Err(Violation::new("/filter", "too_many", detail).into());
            }
        }
        params.finish()?;
        Self { search, filter: filter::all(filters), sort: Vec::new(), page }.sorted_by(&sort).including(&include)
    }

    /// The same in the order of these fields, separated by commas.
    pub fn sorted_by(self, fields: &str) -> Self {
        let fields = fields.split(',').map(str::trim).filter(|name| !name.is_empty());
        Self { sort: fields.map(str::to_owned).collect(), ..self }
    }

    /// The same with what `include` names beside the members.
    pub fn including(mut self, include: &str) -> Result<Self, Problem> {
        self.page.total = match include {
            "" => false,
            "total" => true,
            _ => return Err(Violation::new("/include", "unknown_value", "only total can be included").into()),
        };
        Ok(self)
    }

    /// The same with one more filter.
    pub fn and(mut self, other: Filter) -> Self {
        self.filter = filter::all(self.filter.into_iter().chain([other]).collect());
        self
    }

    /// The comparisons that query parameters made.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let filters = match self.filter.as_slice() {
            [Filter { node: Some(Node::And(list)) }] => &list.filters,
            other => other,
        };
        filters.iter().filter_map(|filter| match &filter.node {
            Some(Node::Condition(condition)) => Some(condition),
            _ => None,
        })
    }

    /// Takes out the comparison of `field` by `op`: its value.
    pub fn take(&mut self, field: &str, op: &str) -> Option<String> {
        let found = self.conditions().find(|condition| condition.field == field && condition.op == op)?.clone();
        let others: Vec<Condition> = self.conditions().filter(|condition| **condition != found).cloned().collect();
        let node = |condition| Filter { node: Some(Node::Condition(condition)) };
        self.filter = filter::all(others.into_iter().map(node).collect());
        Some(found.values.concat())
    }

    /// Takes the filters apart for services that know a few fields by name only: `names[n]` by `eq` becomes the n-th
    /// text, empty without it.
    pub fn only<const N: usize>(&self, names: [&'static str; N]) -> Result<[String; N], Problem> {
        let mut texts = [const { String::new() }; N];
        for condition in self.conditions() {
            let pointer = format!("/filter[{}][{}]", condition.field, condition.op);
            let Some(place) = names.iter().position(|name| *name == condition.field) else {
                let detail = format!("{} is none of {}", condition.field, names.join(", "));
                return Err(Violation::new(pointer, "unknown_field", detail).into());
            };
            if condition.op != "eq" {
                let detail = format!("{} can be compared by eq only", condition.field);
                return Err(Violation::new(pointer, "unknown_operator", detail).into());
            }
            texts[place] = condition.values.concat();
            if texts[place].is_empty() {
                return Err(Violation::new(pointer, "malformed", "there is nothing to compare with").into());
            }
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Offer = &[Extra::Search, Extra::Filters, Extra::Sorts, Extra::Total];

    fn read(query: &str, offer: Offer) -> Result<Wanted, Problem> {
        Wanted::read(Params::parse(query), offer)
    }

    #[test]
    fn everything_that_is_offered_can_be_asked_for() -> Result<(), Problem> {
        let query = "limit=10&after=abc&include=total&q=ann&sort=-total_spent,id&filter[status][eq]=active";
        let wanted = read(query, ALL)?;
        assert_eq!(wanted.sort, ["-total_spent", "id"]);
        assert_eq!(wanted.filter, Some(filter::condition("status", "eq", vec!["active".to_owned()])));
        assert_eq!((wanted.page.limit, &*wanted.page.after, wanted.page.total), (10, "abc", true));
        Ok(())
    }

    #[test]
    fn nothing_is_ignored() {
        for query in ["q=a", "sort=name", "filter[a][eq]=b", "include=total", "offset=5"] {
            assert!(read(query, &[]).is_err(), "{query}");
        }
        for query in ["include=all", "limit=ten", "filter[a][is]=b", "filter=b", "page=2"] {
            assert!(read(query, ALL).is_err(), "{query}");
        }
    }

    #[test]
    fn known_fields_are_taken_apart() -> Result<(), Problem> {
        let wanted = read("filter[status][eq]=open&filter[customer][eq]=cus_1", ALL)?;
        assert_eq!(wanted.only(["customer", "status"])?, ["cus_1", "open"]);
        assert!(wanted.only(["status"]).is_err());
        assert!(read("filter[status][ne]=open", ALL)?.only(["status"]).is_err());
        Ok(())
    }
}
