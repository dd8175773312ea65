//! `GET /console/audit`: what was done, with filters and pages.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use proto::identity::v1::ListEntriesResponse;

use super::{
    query::{AuditQuery, PATH},
    row::Row,
};
use crate::{console::Console, frame::Frame, problem::Problem, show::label, visit::SignedIn};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "audit/list.html")]
struct Page {
    frame: Frame,
    sees_pii: bool,
    query: AuditQuery,
    rows: Vec<Row>,
    summary: String,
    previous: String,
    next: String,
    problem: Option<Problem>,
}

/// `GET /console/audit`. What a service refuses is shown in the rows' place, so that the filters stay at hand.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let query = query.trimmed();
    let answer = match query.request(desk.session.zone) {
        Ok(request) => console.audit.clone().list_entries(desk.ask(request)).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    let (answer, problem) = match answer {
        Ok(answer) => (answer.into_inner(), None),
        Err(problem) if problem.is_signed_out() => return Err(problem),
        Err(problem) => (ListEntriesResponse::default(), Some(problem)),
    };
    let status = problem.as_ref().map(|problem| problem.status).unwrap_or_default();
    Ok((status, Page::of(answer, query, problem, &desk)).into_response())
}

impl Page {
    fn of(answer: ListEntriesResponse, query: AuditQuery, problem: Option<Problem>, desk: &SignedIn) -> Self {
        let place = answer.page.unwrap_or_default();
        let rows = answer.entries.into_iter().map(|entry| Row::new(entry, &query, desk.session.zone));
        let noun = if place.total == "1" { "entry" } else { "entries" };
        Self {
            frame: Frame::of(&desk.visit),
            sees_pii: desk.session.sees_pii(),
            rows: rows.collect(),
            summary: match &problem {
                Some(problem) => problem.title.to_owned(),
                None => format!("{} {noun}", label::count(&place.total)),
            },
            previous: if place.prev.is_empty() { String::new() } else { query.page("", &place.prev) },
            next: if place.next.is_empty() { String::new() } else { query.page(&place.next, "") },
            query,
            problem,
        }
    }

    /// Address of the whole list.
    #[expect(clippy::unused_self, reason = "templates call methods of what they are given")]
    fn whole(&self) -> &'static str {
        PATH
    }
}
