//! What happened around a customer, in plain sentences (CU-18).
use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use proto::{
    base::v1::PageRequest,
    customers::v1::{ListTimelineRequest, Moment as Happened, MomentActor},
};
use serde::Deserialize;

use super::head::{Head, at, customer};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, label, price, url},
    staff::colleagues,
    visit::SignedIn,
};

/// What is shown at once.
const ROWS: u32 = 50;

struct Row {
    at: Option<Moment>,
    /// What happened.
    sentence: String,
    /// By whom, where that is somebody else than the customer.
    by: String,
    /// Where it leads.
    link: String,
    store: String,
}

impl Row {
    fn new(happened: &Happened, desk: &SignedIn, names: &HashMap<String, String>) -> Self {
        Self {
            at: Moment::new(happened.at.as_ref(), desk.session.zone),
            sentence: sentence(happened),
            by: by(happened, names),
            link: link(&happened.subject),
            store: if happened.store.is_empty() { String::new() } else { desk.session.store_name(&happened.store) },
        }
    }
}

/// The page about an order.
fn link(subject: &str) -> String {
    match subject.split_once('_') {
        Some(("ord", _)) => format!("/console/orders/{subject}"),
        Some(("sub", _)) => format!("/console/subscriptions/{subject}"),
        _ => String::new(),
    }
}

/// What happened, in words.
fn sentence(happened: &Happened) -> String {
    let subject = label::words(&happened.subject).to_lowercase();
    match happened.kind.as_str() {
        "customer.created" => "The record was made".to_owned(),
        "customer.registered" => "Registered an account".to_owned(),
        "customer.imported" => "Taken in from a file".to_owned(),
        "customer.closed" => "Closed the account".to_owned(),
        "customer.signed_in" => format!("Signed in ({})", methods(&happened.subject)),
        "order.placed" => "Placed an order".to_owned(),
        "payment.refunded" => format!("Got {} back", price(happened.amount.as_ref())),
        "payment.captured" => format!("Paid {}", price(happened.amount.as_ref())),
        "payment.failed" => format!("A payment failed ({})", label::words(&happened.state).to_lowercase()),
        "message.sent" => "A message was sent".to_owned(),
        "message.failed" => format!("A message did not arrive ({})", label::words(&happened.state).to_lowercase()),
        "subscription.started" => "Subscribed".to_owned(),
        "subscription.renewed" => "A subscription was renewed".to_owned(),
        "subscription.past_due" => "A subscription could not be renewed".to_owned(),
        "subscription.ended" => format!("A subscription is over ({})", label::words(&happened.state).to_lowercase()),
        "subscription.changed" => format!("Changed a subscription ({})", label::words(&happened.state).to_lowercase()),
        "review.submitted" => "Wrote a review".to_owned(),
        "review.deleted" => "A review was deleted".to_owned(),
        "consent.granted" => format!("Agreed to marketing by {subject}"),
        "consent.withdrawn" => format!("No longer agrees to marketing by {subject}"),
        "note.added" => "A note was added".to_owned(),
        "note.edited" => "A note was changed".to_owned(),
        "customer.tagged" => "Tags were changed".to_owned(),
        "customer.updated" => "The record was changed".to_owned(),
        "customer.inactivated" => "Every door was closed".to_owned(),
        "customer.activated" => "Every door was opened again".to_owned(),
        "customer.merged" => "Another record was merged into this one".to_owned(),
        "customer.exported" => "All that is kept of them was downloaded".to_owned(),
        kind => label::words(kind),
    }
}

fn methods(subject: &str) -> String {
    let methods: Vec<String> = subject.split(' ').map(|method| label::words(method).to_lowercase()).collect();
    methods.join(" and ")
}

fn by(happened: &Happened, names: &HashMap<String, String>) -> String {
    let called = |who: &MomentActor| match (who.kind.as_str(), who.id.as_str()) {
        ("staff", id) => names.get(id).cloned().unwrap_or_else(|| format!("staff {id}")),
        ("api_key", id) => format!("key {id}"),
        _ => String::new(),
    };
    match (&happened.impersonator, &happened.actor) {
        (Some(who), _) => format!("{}, in the customer’s name", called(who)),
        (None, Some(who)) => called(who),
        (None, None) => String::new(),
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/timeline.html")]
struct Page {
    frame: Frame,
    head: Head,
    rows: Vec<Row>,
    newer: String,
    older: String,
}

/// What the staff are called who did something of `moments`, as far as the reader may know.
async fn names(console: &Console, desk: &SignedIn, moments: &[Happened]) -> HashMap<String, String> {
    let me = &desk.session.staff;
    let by_others = |happened: &Happened| {
        let mut who = happened.actor.iter().chain(&happened.impersonator);
        who.any(|who| who.kind == "staff" && who.id != me.id)
    };
    let mut names = HashMap::new();
    if moments.iter().any(by_others) {
        names.extend(colleagues::names(console, desk).await);
    }
    names.insert(me.id.clone(), "you".to_owned());
    names
}

/// Which page.
#[derive(Deserialize)]
pub struct Place {
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

/// `GET /console/customers/{id}/timeline`.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Query(Place { after, before }): Query<Place>,
) -> Result<Response, Problem> {
    let customer = customer(&console, &desk, &id).await?;
    let page = Some(PageRequest { limit: ROWS, after, before, total: false });
    let wanted = ListTimelineRequest { customer: id.clone(), kinds: Vec::new(), page };
    let found = console.timelines.clone().list_timeline(desk.ask(wanted)).await?.into_inner();
    let names = names(&console, &desk, &found.moments).await;
    let (place, path) = (found.page.unwrap_or_default(), at(&id, "/timeline")?);
    let turn = |name, cursor: &str| if cursor.is_empty() { String::new() } else { url(&path, &[(name, cursor)]) };
    let page = Page {
        frame: Frame::of(&desk.visit),
        head: Head::new(&customer, &desk.session, "/timeline"),
        rows: found.moments.iter().map(|happened| Row::new(happened, &desk, &names)).collect(),
        newer: turn("before", &place.prev),
        older: turn("after", &place.next),
    };
    Ok(page.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(kind: &str, subject: &str) -> Happened {
        Happened { kind: kind.to_owned(), subject: subject.to_owned(), ..Happened::default() }
    }

    /// CU-18: what happened is said in a sentence, also what this page does not know yet.
    #[test]
    fn what_happened_is_a_sentence() {
        assert_eq!(sentence(&happened("customer.signed_in", "password otp")), "Signed in (password and otp)");
        assert_eq!(sentence(&happened("consent.withdrawn", "sms")), "No longer agrees to marketing by sms");
        assert_eq!(sentence(&happened("cart.reopened", "")), "Cart reopened");
    }

    /// CU-18, ID-25: staff are named, also when they acted in the customer's name; by their id where no name is known.
    #[test]
    fn who_did_it_is_said() {
        let who = |kind: &str| Some(MomentActor { kind: kind.to_owned(), id: "stf_1".to_owned() });
        let own = Happened { actor: who("customer"), ..happened("order.placed", "ord_1") };
        let nobody = HashMap::new();
        let names = HashMap::from([("stf_1".to_owned(), "Lea".to_owned())]);
        assert_eq!(by(&own, &names), "");
        assert_eq!(by(&Happened { actor: who("staff"), ..own.clone() }, &nobody), "staff stf_1");
        assert_eq!(by(&Happened { actor: who("staff"), ..own.clone() }, &names), "Lea");
        assert_eq!(by(&Happened { impersonator: who("staff"), ..own }, &names), "Lea, in the customer’s name");
    }
}
