//! What a customer list was asked for, as its address says it (CU-5).
use axum::http::StatusCode;
use proto::{
    base::v1::{Condition, Filter, FilterList, PageRequest, filter::Node},
    customers::v1::ListCustomersRequest,
};
use serde::Deserialize;

use super::row::MORE;
use crate::{problem::Problem, show::url, team::Fields};

/// Address of the list.
pub const PATH: &str = "/console/customers";
/// Rows of a page.
const ROWS: u32 = 25;
/// The longest search text that is passed on, in characters.
const LONGEST: usize = 200;

/// The list's tabs: slug and title.
pub const TABS: [(&str, &str); 3] = [("customers", "Customers"), ("leads", "Leads"), ("all", "Everyone")];
/// Registrations to choose from.
pub const REGISTRATIONS: [&str; 2] = ["guest", "registered"];
/// Statuses to choose from.
pub const STATUSES: [&str; 2] = ["active", "inactive"];
/// Filters that are there without anybody having saved them (CU-17): slug and title.
pub const READY: [(&str, &str); 2] = [("at_risk", "At risk: silent for 90 days"), ("repeat", "Bought at least twice")];
/// Channels that somebody can have agreed to.
pub const CHANNELS: [&str; 5] = ["email", "sms", "push", "phone", "post"];
/// How a subscription can stand.
pub const SUBSCRIPTIONS: [&str; 5] = ["active", "past_due", "paused", "cancelled", "expired"];
/// Days of silence after which somebody is at risk.
const SILENCE: &str = "90";
/// Columns that can be sorted by.
const SORTS: [&str; 7] =
    ["name", "total_spent", "orders_count", "registered_at", "last_order_at", "created_at", "updated_at"];

/// What a list was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    /// Slug of the tab; empty for the first.
    pub tab: String,
    /// Search text.
    pub q: String,
    /// "guest" or "registered"; empty for both.
    pub registration: String,
    /// "active" or "inactive"; empty for both.
    pub status: String,
    /// A segment, `seg_…`, or the slug of a ready one; empty for everybody.
    pub segment: String,
    /// ISO 3166-1 alpha-2 code; empty for all.
    pub country: String,
    /// Part of a town; empty for all.
    pub city: String,
    /// Channel they agreed to; empty for all.
    pub consent: String,
    /// How a subscription of theirs stands; empty for all.
    pub subscription: String,
    /// Further columns, separated by commas.
    pub columns: String,
    /// Column, `-` in front for descending; empty for newest first.
    pub sort: String,
    /// Cursor.
    pub after: String,
    /// Cursor.
    pub before: String,
}

impl ListQuery {
    /// The query, unless it asks for something there is not: that is refused, never ignored.
    pub fn check(mut self) -> Result<Self, Problem> {
        if self.tab.is_empty() {
            TABS[0].0.clone_into(&mut self.tab);
        }
        self.q = self.q.trim().chars().take(LONGEST).collect();
        self.city = self.city.trim().chars().take(LONGEST).collect();
        self.country = self.country.trim().to_ascii_uppercase();
        let column = self.sort.strip_prefix('-').unwrap_or(&self.sort);
        let known = TABS.iter().any(|(tab, _)| *tab == self.tab)
            && (column.is_empty() || SORTS.contains(&column))
            && (self.registration.is_empty() || REGISTRATIONS.contains(&self.registration.as_str()))
            && (self.status.is_empty() || STATUSES.contains(&self.status.as_str()))
            && (self.consent.is_empty() || CHANNELS.contains(&self.consent.as_str()))
            && (self.subscription.is_empty() || SUBSCRIPTIONS.contains(&self.subscription.as_str()))
            && self.chosen().all(|name| MORE.iter().any(|(known, _)| *known == name));
        if known {
            return Ok(self);
        }
        let detail = "This list has no such tab, filter or column. Start again from the whole list.";
        Err(Problem::new(StatusCode::BAD_REQUEST, "Not understood", detail))
    }

    /// What the fields of a form say of it.
    pub fn of(fields: &Fields) -> Self {
        let text = |name| fields.text(name);
        Self {
            tab: text("tab"),
            q: text("q"),
            registration: text("registration"),
            status: text("status"),
            segment: text("segment"),
            country: text("country"),
            city: text("city"),
            consent: text("consent"),
            subscription: text("subscription"),
            columns: text("columns"),
            sort: text("sort"),
            ..Self::default()
        }
    }

    /// The filter of all that are meant, also where that is everybody: nobody is meant by saying nothing.
    pub fn everybody(&self) -> Option<Filter> {
        let values = ["lead", "customer"].map(str::to_owned).to_vec();
        let anybody = Condition { field: "lifecycle".to_owned(), op: "in".to_owned(), values };
        self.request().filter.or(Some(Filter { node: Some(Node::Condition(anybody)) }))
    }

    /// What it is narrowed down by.
    fn conditions(&self) -> Vec<Filter> {
        let lifecycle = match self.tab.as_str() {
            "customers" => "customer",
            "leads" => "lead",
            _ => "",
        };
        let is_ready = READY.iter().any(|(slug, _)| *slug == self.segment);
        let (ready, saved) = if is_ready { (self.segment.as_str(), "") } else { ("", self.segment.as_str()) };
        let wanted = [
            ("lifecycle", "eq", lifecycle),
            ("registration", "eq", &self.registration),
            ("status", "eq", &self.status),
            ("segment", "eq", saved),
            ("repeat", "eq", if ready == "repeat" { "true" } else { "" }),
            ("at_risk", "eq", if ready == "at_risk" { SILENCE } else { "" }),
            ("country", "eq", &self.country),
            ("city", "contains", &self.city),
            ("consent", "eq", &self.consent),
            ("subscription", "eq", &self.subscription),
        ];
        let wanted = wanted.iter().filter(|(.., value)| !value.is_empty());
        wanted.map(|(field, op, value)| compare(field, op, value)).collect()
    }

    /// The same as the customers service takes it.
    pub fn request(&self) -> ListCustomersRequest {
        let conditions = self.conditions();
        ListCustomersRequest {
            query: self.q.clone(),
            filter: (!conditions.is_empty())
                .then_some(Filter { node: Some(Node::And(FilterList { filters: conditions })) }),
            sort: if self.sort.is_empty() { Vec::new() } else { vec![self.sort.clone()] },
            page: Some(PageRequest {
                limit: ROWS,
                after: self.after.clone(),
                before: self.before.clone(),
                total: true,
            }),
        }
    }

    /// Whether anything narrows the list down.
    pub fn is_narrowed(&self) -> bool {
        let texts = [&self.q, &self.country, &self.city];
        let chosen = [&self.registration, &self.status, &self.segment, &self.consent, &self.subscription];
        texts.into_iter().chain(chosen).any(|filter| !filter.is_empty())
    }

    /// Whether a filter that could be saved narrows it down, beside the tab.
    pub fn is_filtered(&self) -> bool {
        Self { q: String::new(), ..self.clone() }.is_narrowed()
    }

    /// The names of the further columns.
    pub fn chosen(&self) -> impl Iterator<Item = &str> {
        self.columns.split(',').filter(|name| !name.is_empty())
    }

    /// Address of the list with the further column `name`, or without it when it is there.
    pub fn toggled(&self, name: &str) -> String {
        let kept = |known: &&str| self.chosen().any(|chosen| chosen == *known) != (*known == name);
        let columns: Vec<&str> = MORE.iter().map(|(known, _)| *known).filter(kept).collect();
        Self { columns: columns.join(","), ..self.clone() }.address(&self.tab, &self.sort, "", "")
    }

    /// Names and values of what it was asked for, but its page: what a form sends along.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let fields = [
            ("tab", &self.tab),
            ("q", &self.q),
            ("registration", &self.registration),
            ("status", &self.status),
            ("segment", &self.segment),
            ("country", &self.country),
            ("city", &self.city),
            ("consent", &self.consent),
            ("subscription", &self.subscription),
            ("columns", &self.columns),
            ("sort", &self.sort),
        ];
        fields.into_iter().map(|(name, value)| (name, value.as_str())).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Whether this is a page further on.
    pub fn is_paged(&self) -> bool {
        !(self.after.is_empty() && self.before.is_empty())
    }

    /// Address of the list with other `after` and `before`.
    pub fn page(&self, after: &str, before: &str) -> String {
        self.address(&self.tab, &self.sort, after, before)
    }

    /// Address of another tab, with the same search and filters. Leads have nothing to sort by that orders give.
    pub fn in_tab(&self, tab: &str) -> String {
        self.address(tab, "", "", "")
    }

    /// Address of the list sorted by `sort`, from its first page.
    pub fn sorted(&self, sort: &str) -> String {
        self.address(&self.tab, sort, "", "")
    }

    /// Address of the tab with nothing narrowed down.
    pub fn cleared(&self) -> String {
        url(PATH, &[("tab", &self.tab)])
    }

    fn address(&self, tab: &str, sort: &str, after: &str, before: &str) -> String {
        let filters = [
            ("registration", self.registration.as_str()),
            ("status", &self.status),
            ("segment", &self.segment),
            ("country", &self.country),
            ("city", &self.city),
            ("consent", &self.consent),
            ("subscription", &self.subscription),
            ("columns", &self.columns),
        ];
        let place = [("sort", sort), ("after", after), ("before", before)];
        url(PATH, &[&[("tab", tab), ("q", &self.q)][..], &filters, &place].concat())
    }
}

fn compare(field: &str, op: &str, value: &str) -> Filter {
    let values = vec![value.to_owned()];
    Filter { node: Some(Node::Condition(Condition { field: field.to_owned(), op: op.to_owned(), values })) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(tab: &str, sort: &str) -> ListQuery {
        ListQuery { tab: tab.to_owned(), sort: sort.to_owned(), ..ListQuery::default() }
    }

    /// CU-5: the first tab is that of the customers.
    #[test]
    fn the_list_starts_with_customers() {
        let query = ListQuery::default().check().unwrap();
        assert_eq!(query.tab, "customers");
        let filter = query.request().filter.unwrap();
        assert_eq!(filter.node, Some(Node::And(FilterList { filters: vec![compare("lifecycle", "eq", "customer")] })));
    }

    /// CU-5: everyone has no filter at all.
    #[test]
    fn everyone_is_unfiltered() {
        assert_eq!(query("all", "").check().unwrap().request().filter, None);
    }

    /// CU-5, CU-6: columns are chosen one by one; a ready filter and a saved one are different things.
    #[test]
    fn columns_and_segments_are_chosen() {
        let chosen = ListQuery { columns: "ip".to_owned(), ..query("all", "") };
        assert_eq!(chosen.toggled("tags"), "/console/customers?tab=all&columns=tags%2Cip");
        assert_eq!(chosen.toggled("ip"), "/console/customers?tab=all");
        assert!(ListQuery { columns: "shoe_size".to_owned(), ..query("all", "") }.check().is_err());
        let by = |segment: &str| ListQuery { segment: segment.to_owned(), ..query("all", "") }.request().filter;
        let only = |filter| Some(Filter { node: Some(Node::And(FilterList { filters: vec![filter] })) });
        assert_eq!(by("at_risk"), only(compare("at_risk", "eq", "90")));
        assert_eq!(by("seg_1"), only(compare("segment", "eq", "seg_1")));
    }

    #[test]
    fn what_there_is_not_is_refused() {
        assert!(query("customers", "-total_spent").check().is_ok());
        assert!(query("customers", "email").check().is_err());
        assert!(query("customers", "--name").check().is_err());
        assert!(query("carts", "").check().is_err());
        assert!(ListQuery { status: "gone".to_owned(), ..ListQuery::default() }.check().is_err());
    }

    #[test]
    fn links_keep_search_and_filters_but_not_the_cursor() {
        let query = ListQuery {
            q: "ann & co".to_owned(),
            status: "active".to_owned(),
            after: "abc".to_owned(),
            ..query("leads", "name")
        };
        assert_eq!(query.sorted("-name"), "/console/customers?tab=leads&q=ann+%26+co&status=active&sort=-name");
        assert_eq!(
            query.page("xyz", ""),
            "/console/customers?tab=leads&q=ann+%26+co&status=active&sort=name&after=xyz"
        );
        assert_eq!(query.in_tab("all"), "/console/customers?tab=all&q=ann+%26+co&status=active");
        assert_eq!(query.cleared(), "/console/customers?tab=leads");
    }
}
