//! What the list of tickets was asked for, as its address says it.
use proto::{
    base::v1::{Condition, Filter, FilterList, PageRequest, filter::Node},
    customers::v1::ListTicketsRequest,
};
use serde::Deserialize;

use crate::show::url;

/// Address of the list.
pub const PATH: &str = "/console/tickets";
/// Rows of a page.
const ROWS: u32 = 25;
/// What waits for somebody of the staff.
const WAITING: [&str; 2] = ["new", "open"];

/// What the list was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TicketQuery {
    pub q: String,
    /// A status, `all`, or nothing for what waits for the staff.
    pub status: String,
    pub priority: String,
    /// `me`, `none`, or nothing for anybody.
    pub assignee: String,
    pub tag: String,
    pub sort: String,
    /// Cursor.
    pub after: String,
    /// Cursor.
    pub before: String,
}

impl TicketQuery {
    /// The same as the service takes it, for the reader `me`.
    pub fn request(&self, me: &str) -> ListTicketsRequest {
        let mut filters = Vec::new();
        let mut test = |field: &str, op: &str, values: &[&str]| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            let condition = Condition { field: field.to_owned(), op: op.to_owned(), values };
            filters.push(Filter { node: Some(Node::Condition(condition)) });
        };
        match self.status.as_str() {
            "" if self.q.is_empty() => test("status", "in", &WAITING),
            // Whoever looks for something finds it wherever it stands.
            "" | "all" => {}
            status => test("status", "eq", &[status]),
        }
        match self.assignee.as_str() {
            "me" => test("assignee", "eq", &[me]),
            "none" => test("assignee", "exists", &["false"]),
            _ => {}
        }
        for (field, value) in [("priority", &self.priority), ("tags", &self.tag)] {
            if !value.is_empty() {
                test(field, "eq", &[value]);
            }
        }
        let page = PageRequest { limit: ROWS, after: self.after.clone(), before: self.before.clone(), total: true };
        ListTicketsRequest {
            query: self.q.trim().to_owned(),
            filter: (!filters.is_empty()).then_some(Filter { node: Some(Node::And(FilterList { filters })) }),
            sort: Some(self.sort.clone()).filter(|sort| !sort.is_empty()).into_iter().collect(),
            page: Some(page),
            ..ListTicketsRequest::default()
        }
    }

    /// Whether anything narrows the list down, or it is a page further on.
    pub fn is_narrowed(&self) -> bool {
        *self != Self::default()
    }

    /// Address of the list with other `after` and `before`.
    pub fn page(&self, after: &str, before: &str) -> String {
        let kept = [
            ("q", &self.q),
            ("status", &self.status),
            ("priority", &self.priority),
            ("assignee", &self.assignee),
            ("tag", &self.tag),
            ("sort", &self.sort),
        ];
        let kept = kept.map(|(name, value)| (name, value.as_str())).into_iter();
        url(PATH, &kept.chain([("after", after), ("before", before)]).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(query: &TicketQuery) -> Vec<String> {
        let Some(Filter { node: Some(Node::And(list)) }) = query.request("stf_1").filter else { return Vec::new() };
        let conditions = list.filters.into_iter().filter_map(|filter| match filter.node {
            Some(Node::Condition(one)) => Some(format!("{} {} {}", one.field, one.op, one.values.join(","))),
            _ => None,
        });
        conditions.collect()
    }

    #[test]
    fn what_waits_is_shown_first() {
        assert_eq!(fields(&TicketQuery::default()), ["status in new,open"]);
        let search = TicketQuery { q: "12".to_owned(), assignee: "me".to_owned(), ..TicketQuery::default() };
        assert_eq!(fields(&search), ["assignee eq stf_1"]);
        assert!(fields(&TicketQuery { status: "all".to_owned(), ..TicketQuery::default() }).is_empty());
        assert_eq!(search.page("c", ""), "/console/tickets?q=12&assignee=me&after=c");
    }
}
