//! `GET /console/tickets`: what waits for somebody, with filters and pages.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use proto::customers::v1::ListTicketsResponse;

use super::{
    query::{PATH, TicketQuery},
    row::Row,
};
use crate::{console::Console, frame::Frame, problem::Problem, show::label, visit::SignedIn};

#[derive(Template, WebTemplate)]
#[template(path = "tickets/list.html")]
struct Page {
    frame: Frame,
    query: TicketQuery,
    rows: Vec<Row>,
    summary: String,
    previous: String,
    next: String,
    problem: Option<Problem>,
    sees_pii: bool,
}

/// `GET /console/tickets`. What the service refuses is shown in the rows' place, so that the filters stay at hand.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(query): Query<TicketQuery>,
) -> Result<Response, Problem> {
    let request = query.request(&desk.session.staff.id);
    let (answer, problem) = match console.tickets.clone().list_tickets(desk.ask(request)).await {
        Ok(answer) => (answer.into_inner(), None),
        Err(status) => match Problem::from(status) {
            problem if problem.is_signed_out() => return Err(problem),
            problem => (ListTicketsResponse::default(), Some(problem)),
        },
    };
    let status = problem.as_ref().map(|problem| problem.status).unwrap_or_default();
    Ok((status, Page::of(answer, query, problem, &desk)).into_response())
}

impl Page {
    fn of(answer: ListTicketsResponse, query: TicketQuery, problem: Option<Problem>, desk: &SignedIn) -> Self {
        let place = answer.page.unwrap_or_default();
        let noun = if place.total == "1" { "ticket" } else { "tickets" };
        Self {
            frame: Frame::of(&desk.visit),
            rows: answer.tickets.into_iter().map(|ticket| Row::new(ticket, desk.session.zone)).collect(),
            summary: match &problem {
                Some(problem) => problem.title.to_owned(),
                None => format!("{} {noun}", label::count(&place.total)),
            },
            previous: if place.prev.is_empty() { String::new() } else { query.page("", &place.prev) },
            next: if place.next.is_empty() { String::new() } else { query.page(&place.next, "") },
            query,
            problem,
            sees_pii: desk.session.sees_pii(),
        }
    }

    /// Address of the list as it is at first.
    #[expect(clippy::unused_self, reason = "templates call methods of what they are given")]
    fn whole(&self) -> &'static str {
        PATH
    }
}
