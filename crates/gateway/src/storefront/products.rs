//! What a shop sells.
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use proto::catalog::v1::{self as pb, BrowseProductsRequest, GetProductRequest};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::params::Params,
    router::Gateway,
    shape::{Plan, RenewalTarget, text, time},
};

/// The routes about products.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_products)).routes(routes!(get_product)).routes(routes!(search))
}

/// A product as shop fronts show it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShopProduct, example = json!({
    "id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "name": "Mug", "description": "Holds a pint.", "sku": "MUG-1",
    "primary_image_url": "https://shop.example.com/mug.jpg", "images": ["https://shop.example.com/mug.jpg"],
    "price": 1999, "currency": "EUR", "is_subscription": false, "plans": [], "kind": "physical", "package": null, "contents": [], "renewal_targets": [], "renewal_target_changeable": false, "is_available": true,
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "version": 1, "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct Product {
    /// `prd_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Its main image.
    pub primary_image_url: Option<String>,
    /// All its images.
    pub images: Vec<String>,
    /// Minor units of `currency`: once, or by its cheapest plan when it is sold by plan only.
    pub price: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Whether it is sold by plan only.
    pub is_subscription: bool,
    /// Plans that it can be subscribed to by.
    pub plans: Vec<Plan>,
    /// `physical` or `digital`.
    pub kind: String,
    /// `file`, `bundle` or `combo` for digital products.
    pub package: Option<String>,
    /// Products inside a bundle or combo, `prd_…`.
    pub contents: Vec<String>,
    /// What a subscription can renew.
    pub renewal_targets: Vec<RenewalTarget>,
    /// Whether customers may change what theirs renews.
    pub renewal_target_changeable: bool,
    /// Whether it can be bought.
    pub is_available: bool,
    /// Store that sells it.
    pub store: String,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Versioned for Product {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Product> for Product {
    fn from(product: pb::Product) -> Self {
        let by_plan = product.plans.iter().filter_map(|plan| Some(plan.price.as_ref()?.amount)).min();
        let price = product.price.as_ref().map(|price| price.amount);
        Self {
            id: product.id,
            name: product.name,
            description: product.description,
            sku: product.sku,
            primary_image_url: product.images.first().cloned(),
            images: product.images,
            price: price.or(by_plan).unwrap_or_default(),
            currency: product.currency,
            is_subscription: price.is_none(),
            plans: product.plans.into_iter().map(Into::into).collect(),
            kind: product.kind,
            package: text(product.package),
            contents: product.contents,
            renewal_targets: product.renewal_targets.into_iter().map(Into::into).collect(),
            renewal_target_changeable: product.renewal_target_changeable,
            is_available: product.active,
            store: product.store,
            version: product.version,
            created_at: time(product.created_at),
            updated_at: time(product.updated_at),
        }
    }
}

/// Which products to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
struct Browse {
    /// Part of a name or SKU.
    #[param(example = "mug", max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    query: Option<String>,
    /// `name`, `sku`, `price` or `created_at`, with `-` in front for descending; newest first without it.
    #[param(example = "-price", pattern = "^(-?(name|sku|price|created_at))?$")]
    sort: Option<String>,
    /// Rows wanted, 1 to 100.
    #[param(example = 25, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Rows to skip, at most 10 000.
    #[param(example = 0, maximum = 10_000)]
    offset: Option<u32>,
}

async fn browse(peers: &Peers, caller: &Caller, mut params: Params) -> Result<Answer<Vec<Product>>, Problem> {
    let wanted = BrowseProductsRequest {
        query: params.text("query"),
        sort: params.text("sort"),
        limit: params.limit()?,
        offset: params.number("offset")?,
    };
    let found = peers.products().browse_products(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| found.products.into_iter().map(Into::into).collect()))
}

/// Products
///
/// Those that can be bought, newest first.
#[utoipa::path(
    get, path = "/storefront/v1/products", tag = "Products", params(Browse),
    responses((status = 200, body = Vec<Product>))
)]
async fn list_products(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<Vec<Product>>, Problem> {
    browse(&peers, &caller, params).await
}

/// Search for products
///
/// By part of a name or SKU.
#[utoipa::path(
    get, path = "/storefront/v1/search", tag = "Products", params(Browse),
    responses((status = 200, body = Vec<Product>))
)]
async fn search(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<Vec<Product>>, Problem> {
    browse(&peers, &caller, params).await
}

/// A product
#[utoipa::path(
    get, path = "/storefront/v1/products/{id}", tag = "Products",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    responses((status = 200, body = Product), (status = 404, description = "`product_not_found`: there is no such product."))
)]
async fn get_product(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Product>, Problem> {
    let product = peers.products().get_product(caller.ask(GetProductRequest { id })).await?;
    Ok(Answer::<Product>::of(product).tagged())
}
