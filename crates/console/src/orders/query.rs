//! What lists of orders and of the ledger are narrowed down by, as services take it.
use chrono_tz::Tz;
use proto::base::v1::{Condition, Filter, FilterList, filter::Node};

use crate::{problem::Problem, show::span};

/// Conditions, all of which must hold.
#[derive(Default)]
pub struct Query(Vec<Filter>);

impl Query {
    fn test(&mut self, field: &str, op: &str, value: String) {
        let condition = Condition { field: field.to_owned(), op: op.to_owned(), values: vec![value] };
        self.0.push(Filter { node: Some(Node::Condition(condition)) });
    }

    /// That `field` is `value`, if there is one.
    pub fn is(mut self, field: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.test(field, "eq", value.to_owned());
        }
        self
    }

    /// That `field` lies within `days` of `zone`, each of which may be missing.
    pub fn within(mut self, field: &str, days: [&str; 2], zone: Tz) -> Result<Self, Problem> {
        let [start, end] = span(days, zone)?;
        for (op, at) in [("gte", start), ("lt", end)] {
            if let Some(at) = at {
                self.test(field, op, at.to_rfc3339());
            }
        }
        Ok(self)
    }

    /// As a filter; none without conditions.
    pub fn filter(self) -> Option<Filter> {
        (!self.0.is_empty()).then_some(Filter { node: Some(Node::And(FilterList { filters: self.0 })) })
    }
}
