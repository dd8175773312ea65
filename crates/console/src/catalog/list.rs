//! `GET /console/products`: what the store sells, with search, filters and pages.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use kit::permission::Permission;
use proto::{
    base::v1::{Condition, Filter, FilterList, PageRequest, filter::Node},
    catalog::v1::{ListProductsRequest, ListProductsResponse, Product},
};
use serde::Deserialize;

use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{label, price, url},
    visit::SignedIn,
};

const PATH: &str = "/console/products";

/// What the list was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ProductQuery {
    q: String,
    kind: String,
    /// `true`, `false`, or nothing for both.
    active: String,
    /// `true` for what can be subscribed to.
    plans: String,
    sort: String,
    after: String,
    before: String,
}

struct Row {
    product: Product,
    price: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "catalog/list.html")]
struct Page {
    frame: Frame,
    query: ProductQuery,
    rows: Vec<Row>,
    summary: String,
    previous: String,
    next: String,
    problem: Option<Problem>,
    writes: bool,
    failure: String,
}

impl ProductQuery {
    fn request(&self) -> ListProductsRequest {
        let tests = [("kind", "eq", &self.kind), ("active", "eq", &self.active), ("plans", "exists", &self.plans)];
        let tests = tests.into_iter().filter(|(.., value)| !value.is_empty());
        let filters: Vec<Filter> = tests
            .map(|(field, op, value)| {
                let (field, op, values) = (field.to_owned(), op.to_owned(), vec![value.clone()]);
                Filter { node: Some(Node::Condition(Condition { field, op, values })) }
            })
            .collect();
        let (after, before) = (self.after.clone(), self.before.clone());
        ListProductsRequest {
            query: self.q.trim().to_owned(),
            sort: Some(self.sort.clone()).filter(|sort| !sort.is_empty()).into_iter().collect(),
            page: Some(PageRequest { limit: 25, after, before, total: true }),
            filter: (!filters.is_empty()).then_some(Filter { node: Some(Node::And(FilterList { filters })) }),
        }
    }

    fn page(&self, after: &str, before: &str) -> String {
        let kept = [
            ("q", &self.q),
            ("kind", &self.kind),
            ("active", &self.active),
            ("plans", &self.plans),
            ("sort", &self.sort),
        ];
        let kept = kept.map(|(name, value)| (name, value.as_str())).into_iter();
        url(PATH, &kept.chain([("after", after), ("before", before)]).collect::<Vec<_>>())
    }

    fn is_narrowed(&self) -> bool {
        *self != Self::default()
    }
}

/// Its price once, or from its cheapest plan on.
fn shown(product: &Product) -> String {
    let once = product.price.as_ref().map(|once| price(Some(once)));
    let active = product.plans.iter().filter(|plan| plan.active).filter_map(|plan| plan.price.as_ref());
    let plan = active.min_by_key(|price| price.amount).map(|cheapest| format!("plan from {}", price(Some(cheapest))));
    [once, plan].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What the service refuses is shown in the rows' place, so that the filters stay at hand.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(query): Query<ProductQuery>,
) -> Result<Response, Problem> {
    let (answer, problem) = match console.products.clone().list_products(desk.ask(query.request())).await {
        Ok(answer) => (answer.into_inner(), None),
        Err(status) => match Problem::from(status) {
            problem if problem.is_signed_out() => return Err(problem),
            problem => (ListProductsResponse::default(), Some(problem)),
        },
    };
    let place = answer.page.unwrap_or_default();
    let noun = if place.total == "1" { "product" } else { "products" };
    let status = problem.as_ref().map(|problem| problem.status).unwrap_or_default();
    let page = Page {
        frame: Frame::of(&desk.visit),
        rows: answer.products.into_iter().map(|product| Row { price: shown(&product), product }).collect(),
        summary: match &problem {
            Some(problem) => problem.title.to_owned(),
            None => format!("{} {noun}", label::count(&place.total)),
        },
        previous: if place.prev.is_empty() { String::new() } else { query.page("", &place.prev) },
        next: if place.next.is_empty() { String::new() } else { query.page(&place.next, "") },
        query,
        problem,
        writes: desk.session.may(Permission::CatalogWrite),
        failure: String::new(),
    };
    Ok((status, page).into_response())
}
