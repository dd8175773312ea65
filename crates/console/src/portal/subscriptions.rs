//! A shopper's subscriptions, in every store of theirs (OR-7, PO-1).
use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use chrono_tz::Tz;
use kit::ids::SubscriptionId;
use proto::{
    base::v1::PageRequest,
    catalog::v1::{BatchGetProductsRequest, Product},
    orders::v1::{
        CancelSubscriptionRequest, ListSubscriptionsRequest, PauseSubscriptionRequest, ResumeSubscriptionRequest,
        SetPaymentMethodRequest, SetRenewalTargetRequest, Subscription,
    },
};

use super::{
    guest::Guest,
    tickets::{Away, Place, complaint, guest, named, stores},
};
use crate::{
    console::Console, frame::Frame, problem::Problem, show::url, subscriptions::Record, team::Fields, visit::Visit,
};

/// Subscriptions of a page.
const ROWS: u32 = 25;
/// Where the list is.
const PATH: &str = "/account/subscriptions";
/// Times are shown in UTC: where a shopper is nobody knows.
const ZONE: Tz = Tz::UTC;

/// A subscription, the name of its store, and what it can renew where its product lets customers choose.
struct Row {
    of: Record,
    store: String,
    targets: Vec<(String, String)>,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/subscriptions.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    older: String,
    failure: String,
}

async fn page(
    console: &Console,
    (visit, guest): (&Visit, &Guest),
    after: String,
    failure: String,
) -> Result<Response, Away> {
    let stores = stores(console, visit, guest).await?;
    let page = Some(PageRequest { limit: ROWS, after, ..PageRequest::default() });
    let asked = guest.sign(visit.call(ListSubscriptionsRequest { page, ..ListSubscriptionsRequest::default() }));
    let found = console.subscriptions.clone().list_subscriptions(asked).await?.into_inner();
    let next = found.page.unwrap_or_default().next;
    let older = if next.is_empty() { next } else { url(PATH, &[("after", &next)]) };
    let targets = targets(console, visit, &found.subscriptions).await;
    let row = |one: Subscription| Row {
        store: named(&stores, &one.store),
        targets: if one.ended { Vec::new() } else { targets.get(&one.product).cloned().unwrap_or_default() },
        of: Record::new(one, ZONE),
    };
    let rows = found.subscriptions.into_iter().map(row).collect();
    let status = if failure.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Page { frame: Frame::of(visit), rows, older, failure }).into_response())
}

/// What each product of `all` can renew, by id and name; nothing where its customer has no choice, or nobody can tell just
/// now. What is sold is no secret, so the house asks.
async fn targets(console: &Console, visit: &Visit, all: &[Subscription]) -> HashMap<String, Vec<(String, String)>> {
    let mut ids: Vec<_> = all.iter().filter(|one| !one.ended).map(|one| one.product.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return HashMap::new();
    }
    let asked = visit.call(BatchGetProductsRequest { ids, ..BatchGetProductsRequest::default() });
    let Ok(found) = console.products.clone().batch_get_products(asked).await else { return HashMap::new() };
    let choice = found.into_inner().products.into_iter().filter(|product| product.renewal_target_changeable);
    let known = |product: Product| {
        let targets = product.renewal_targets.into_iter().map(|target| (target.id, target.name));
        (product.id, targets.collect())
    };
    choice.map(known).collect()
}

/// `GET /account/subscriptions`.
pub async fn list(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Query(place): Query<Place>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    page(&console, (&visit, &guest), place.after, String::new()).await
}

/// `POST /account/subscriptions/{id}/{act}`.
pub async fn act(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Path((id, act)): Path<(String, String)>,
    body: String,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    let known: SubscriptionId = id.parse().map_err(|_| Problem::no_page())?;
    let (fields, id) = (Fields::read(&body), known.to_string());
    let mut to = console.subscriptions.clone();
    let done = match act.as_str() {
        "cancel" => {
            let request = CancelSubscriptionRequest { id, when: String::new(), reason: fields.text("reason") };
            to.cancel_subscription(guest.sign(visit.call(request))).await
        }
        "pause" => {
            let request = PauseSubscriptionRequest { id, reason: String::new() };
            to.pause_subscription(guest.sign(visit.call(request))).await
        }
        "resume" => to.resume_subscription(guest.sign(visit.call(ResumeSubscriptionRequest { id }))).await,
        "target" => {
            let request = SetRenewalTargetRequest { id, target: fields.text("target") };
            to.set_renewal_target(guest.sign(visit.call(request))).await
        }
        "method" => {
            let request = SetPaymentMethodRequest { id, payment_method: fields.text("method") };
            to.set_payment_method(guest.sign(visit.call(request))).await
        }
        _ => return Err(Problem::no_page().into()),
    };
    match done {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(status) => page(&console, (&visit, &guest), String::new(), complaint(status)?).await,
    }
}
