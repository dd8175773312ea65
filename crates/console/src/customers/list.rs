//! `GET /console/customers`: tabs, search, filters, sorts, pages (CU-5).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use kit::permission::Permission;
use proto::customers::v1::ListCustomersResponse;

use super::{
    query::{CHANNELS, ListQuery, REGISTRATIONS, STATUSES, SUBSCRIPTIONS, TABS},
    row::{Column, MORE, Row, columns},
    segments::{self, Option as Segment},
};
use crate::{console::Console, frame::Frame, problem::Problem, show::label, visit::SignedIn};

/// Rows with all that stands around them; also what a live search swaps in.
#[derive(Template, WebTemplate)]
#[template(path = "customers/results.html")]
struct Results {
    query: ListQuery,
    tabs: Vec<Tab>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    summary: String,
    previous: String,
    next: String,
    problem: Option<Problem>,
    more: Vec<Tab>,
    /// Whether the reader may save the filter and change many at once, and take the list away.
    saves: bool,
    exports: bool,
    /// Whether the reader may erase customers.
    erases: bool,
    /// What the reader's next export is known by, however often it is asked for.
    key: String,
}

struct Tab {
    title: &'static str,
    link: String,
    current: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/list.html")]
struct Page {
    frame: Frame,
    sees_pii: bool,
    /// Whether the reader may add customers.
    writes: bool,
    /// Whether the reader may make one of two.
    merges: bool,
    /// Where accounts are looked through; nowhere for whoever may not.
    accounts: Option<&'static str>,
    registrations: Vec<Choice>,
    statuses: Vec<Choice>,
    channels: Vec<Choice>,
    subscriptions: Vec<Choice>,
    segments: Vec<Segment>,
    results: Results,
}

struct Choice {
    value: &'static str,
    title: String,
    chosen: bool,
}

/// `GET /console/customers`. A list that a service refuses is shown as a page with the reason in the rows' place, so
/// that the search stays at hand.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let query = query.check()?;
    let answer = console.customers.clone().list_customers(desk.ask(query.request())).await.map_err(Problem::from);
    let key = kit::ids::uuid(console.clock.now()).to_string();
    let sees_pii = desk.session.sees_pii();
    let writes = sees_pii && desk.session.may(Permission::CustomersWrite);
    let mut results = match answer {
        Ok(answer) => Results::of(answer.into_inner(), query, &desk),
        Err(problem) if problem.is_signed_out() => return Err(problem),
        Err(problem) => Results::refused(problem, query, &desk),
    };
    let status = results.problem.as_ref().map(|problem| problem.status).unwrap_or_default();
    results.key = key;
    if desk.visit.partial {
        return Ok((status, results).into_response());
    }
    let registrations = choices(&REGISTRATIONS, &results.query.registration);
    let statuses = choices(&STATUSES, &results.query.status);
    let channels = choices(&CHANNELS, &results.query.consent);
    let subscriptions = choices(&SUBSCRIPTIONS, &results.query.subscription);
    let segments = segments::options(&console, &desk, &results.query.segment).await;
    let merges = desk.session.may(Permission::CustomersMerge);
    let accounts = desk.session.may(Permission::CustomersCleanup).then_some(super::accounts::PATH);
    let frame = Frame::of(&desk.visit);
    let page = Page {
        frame,
        sees_pii,
        writes,
        merges,
        accounts,
        registrations,
        statuses,
        channels,
        subscriptions,
        segments,
        results,
    };
    Ok((status, page).into_response())
}

impl Results {
    fn of(answer: ListCustomersResponse, query: ListQuery, desk: &SignedIn) -> Self {
        let page = answer.page.unwrap_or_default();
        let rows: Vec<Row> =
            answer.customers.into_iter().map(|customer| Row::new(customer, &query, desk.session.zone)).collect();
        let summary = summary(&query, &page.total, rows.len(), &answer.searched);
        Self {
            previous: link(&page.prev, |cursor| query.page("", cursor)),
            next: link(&page.next, |cursor| query.page(cursor, "")),
            rows,
            summary,
            ..Self::empty(query, desk)
        }
    }

    fn refused(problem: Problem, query: ListQuery, desk: &SignedIn) -> Self {
        Self { summary: problem.title.to_owned(), problem: Some(problem), ..Self::empty(query, desk) }
    }

    fn empty(query: ListQuery, desk: &SignedIn) -> Self {
        let tab =
            |(slug, title): &(&str, &'static str)| Tab { title, link: query.in_tab(slug), current: query.tab == *slug };
        let chosen = |name: &str| query.chosen().any(|known| known == name);
        let more =
            |(name, title): &(&str, &'static str)| Tab { title, link: query.toggled(name), current: chosen(name) };
        Self {
            more: MORE.iter().map(more).collect(),
            saves: desk.session.may(Permission::CustomersWrite),
            exports: desk.session.may(Permission::ExportsCreate),
            erases: desk.session.may(Permission::CustomersDelete),
            key: String::new(),
            tabs: TABS.iter().map(tab).collect(),
            columns: columns(&query, desk.session.sees_pii()),
            rows: Vec::new(),
            summary: String::new(),
            previous: String::new(),
            next: String::new(),
            problem: None,
            query,
        }
    }
}

fn link(cursor: &str, address: impl FnOnce(&str) -> String) -> String {
    if cursor.is_empty() { String::new() } else { address(cursor) }
}

/// What the list holds, in words: also what a screen reader says after each search.
fn summary(query: &ListQuery, total: &str, rows: usize, searched: &[String]) -> String {
    let noun = match (query.tab.as_str(), total) {
        ("leads", "1") => "lead",
        ("leads", _) => "leads",
        ("all", "1") => "record",
        ("all", _) => "records",
        (_, "1") => "customer",
        _ => "customers",
    };
    let mut text = match total {
        "" => format!("{rows} {noun} on this page"),
        total => format!("{} {noun}", label::count(total)),
    };
    if !query.q.is_empty() && !searched.is_empty() {
        let fields: Vec<String> = searched.iter().map(|field| label::field(field)).collect();
        text = format!("{text} found by {}", fields.join(", "));
    }
    text
}

fn choices(values: &[&'static str], chosen: &str) -> Vec<Choice> {
    values.iter().map(|value| Choice { value, title: label::words(value), chosen: *value == chosen }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_in_words() {
        let query = ListQuery::default().check().unwrap();
        assert_eq!(summary(&query, "10000+", 25, &[]), "10,000+ customers");
        assert_eq!(summary(&query, "1", 1, &[]), "1 customer");
        let search = ListQuery { q: "1042".to_owned(), tab: "all".to_owned(), ..query };
        let searched = ["id".to_owned(), "order_number".to_owned()];
        assert_eq!(summary(&search, "0", 0, &searched), "0 records found by id, order number");
    }
}
