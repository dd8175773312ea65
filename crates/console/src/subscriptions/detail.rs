//! `GET /console/subscriptions/{id}`: one of them, with what may be done with it (OR-7).
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::{
    catalog::v1::{GetProductRequest, Product},
    orders::v1::GetSubscriptionRequest,
};

use super::Record;
use crate::{console::Console, frame::Frame, problem::Problem, show::price, visit::SignedIn};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "subscriptions/detail.html")]
pub struct Page {
    frame: Frame,
    of: Record,
    store: String,
    /// Whether the reader may change it.
    writes: bool,
    /// Plans that can be agreed: id and words.
    plans: Vec<(String, String)>,
    /// What can be renewed: id and name.
    targets: Vec<(String, String)>,
    failure: String,
}

/// `GET /console/subscriptions/{id}`.
pub async fn detail(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Page, Problem> {
    page(&console, &desk, &id, String::new()).await
}

/// The page, with why the last thing was not done.
pub(super) async fn page(console: &Console, desk: &SignedIn, id: &str, failure: String) -> Result<Page, Problem> {
    let asked = desk.ask(GetSubscriptionRequest { id: id.to_owned() });
    let found = console.subscriptions.clone().get_subscription(asked).await?.into_inner();
    let of = Record::new(found, desk.session.zone);
    let product = product(console, desk, &of.product).await;
    Ok(Page {
        frame: Frame::of(&desk.visit),
        store: desk.session.store_name(&of.store),
        writes: desk.session.may(Permission::SubscriptionsWrite),
        plans: product.iter().flat_map(plans).collect(),
        targets: product.iter().flat_map(targets).collect(),
        of,
        failure,
    })
}

/// The product, where the reader may see it; without it there is nothing to choose from, and the rest is there.
async fn product(console: &Console, desk: &SignedIn, id: &str) -> Option<Product> {
    let asked = desk.ask(GetProductRequest { id: id.to_owned() });
    Some(console.products.clone().get_product(asked).await.ok()?.into_inner())
}

fn plans(product: &Product) -> Vec<(String, String)> {
    let sold = product.plans.iter().filter(|plan| plan.active);
    sold.map(|plan| (plan.id.clone(), format!("{} ({})", plan.name, price(plan.price.as_ref())))).collect()
}

fn targets(product: &Product) -> Vec<(String, String)> {
    product.renewal_targets.iter().map(|target| (target.id.clone(), target.name.clone())).collect()
}
