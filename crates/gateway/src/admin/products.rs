//! Products (CA-1).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::catalog::v1::{
    self as pb, CreateProductRequest, GetProductRequest, ListProductsRequest, UpdateProductRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{Array, ArrayBuilder, ObjectBuilder, Type, schema::SchemaType},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Pages, ProductSearch, ProductSorts, Totals};
use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, Money, text, time},
};

/// The routes about products.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_products, create_product)).routes(routes!(get_product, update_product))
}

const OFFER: Offer = &[Extra::Search, Extra::Sorts, Extra::Total];

/// A product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "sku": "MUG-1",
    "name": "Mug", "description": "Holds a pint.", "images": ["https://shop.example.com/mug.jpg"],
    "price": {"amount": 1999, "currency": "EUR"}, "kind": "physical", "package": null, "active": true, "version": 1,
    "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct Product {
    /// `prd_…`.
    pub id: String,
    /// Store that sells it.
    pub store: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Display name.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Addresses of its images, the main one first.
    pub images: Vec<String>,
    /// One-time price.
    pub price: Money,
    /// `physical` or `digital`.
    pub kind: String,
    /// `file`, `bundle` or `combo` for digital products.
    pub package: Option<String>,
    /// Whether it can be bought.
    pub active: bool,
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
        Self {
            id: product.id,
            store: product.store,
            sku: product.sku,
            name: product.name,
            description: product.description,
            images: product.images,
            price: product.price.map(Into::into).unwrap_or_default(),
            kind: product.kind,
            package: text(product.package),
            active: product.active,
            version: product.version,
            created_at: time(product.created_at),
            updated_at: time(product.updated_at),
        }
    }
}

/// A price to ask for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 1999, "currency": "EUR"}))]
pub struct Price {
    /// Minor units: 1999 is 19.99 EUR, 1999 JPY is 1999 yen.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub amount: i64,
    /// ISO 4217 code, the store's.
    #[schema(format = "currency", pattern = "^[A-Z]{3}$")]
    pub currency: String,
}

impl From<Price> for proto::base::v1::Money {
    fn from(price: Price) -> Self {
        Self { amount: price.amount, currency: price.currency }
    }
}

/// Addresses of images.
fn images() -> Array {
    let address = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^https?://[^\s\x00-\x1f\x7f-\x9f]*$"))
        .max_length(Some(2_000));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(address).max_items(Some(20)).build()
}

/// A product to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Mug", "sku": "MUG-1", "description": "Holds a pint.", "price": {"amount": 1999, "currency": "EUR"},
    "kind": "physical", "images": ["https://shop.example.com/mug.jpg"],
}))]
pub struct NewProduct {
    /// Display name, 1 to 200 characters.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// Stock keeping unit, 1 to 64 characters, unique in the store.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub sku: String,
    /// Plain text.
    #[serde(default)]
    #[schema(max_length = 10_000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub description: Option<String>,
    /// One-time price, in the store's currency.
    pub price: Price,
    /// `physical` or `digital`.
    #[schema(pattern = "^(physical|digital)$")]
    pub kind: String,
    /// `file`, `bundle` or `combo` for digital products.
    #[serde(default)]
    #[schema(pattern = "^(file|bundle|combo)?$")]
    pub package: Option<String>,
    /// Addresses of images, the main one first.
    #[serde(default)]
    #[schema(schema_with = images)]
    pub images: Option<Vec<String>>,
}

/// Changes to a product; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"price": {"amount": 2099, "currency": "EUR"}, "active": true}))]
pub struct ProductChanges {
    /// Display name.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    /// Plain text.
    #[serde(default)]
    #[schema(max_length = 10_000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub description: Option<String>,
    /// One-time price.
    #[serde(default)]
    pub price: Option<Price>,
    /// Whether it can be bought.
    #[serde(default)]
    pub active: Option<bool>,
}

/// Products
///
/// Inactive ones, too. `q` is part of a name or SKU; sorts: `name`, `sku`, `price`, `created_at`.
#[utoipa::path(
    get, path = "/admin/v1/products", tag = "Products", params(Pages, Totals, ProductSearch, ProductSorts),
    responses((status = 200, body = List<Product>)),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn list_products(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Product>>, Problem> {
    let Wanted { search: query, sort, page, .. } = Wanted::read(params, OFFER)?;
    let wanted = ListProductsRequest { query, sort, page: Some(page) };
    let found = peers.products().list_products(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.products, found.page)))
}

/// Add a product
#[utoipa::path(
    post, path = "/admin/v1/products", tag = "Products", request_body = NewProduct,
    responses((status = 201, body = Product), (status = 409, description = "`sku_taken`: another product has this SKU."),
        (status = 422, description = "`wrong_currency`: the price is not in the store's currency.")),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn create_product(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(product): Body<NewProduct>,
) -> Result<Answer<Product>, Problem> {
    let wanted = CreateProductRequest {
        sku: product.sku,
        name: product.name,
        description: product.description.unwrap_or_default(),
        images: product.images.unwrap_or_default(),
        price: Some(product.price.into()),
        kind: product.kind,
        package: product.package.unwrap_or_default(),
    };
    let product = Answer::<Product>::of(peers.products().create_product(caller.ask(wanted)).await?).tagged();
    let location = format!("/admin/v1/products/{}", product.body.id);
    Ok(product.created(location))
}

/// A product
#[utoipa::path(
    get, path = "/admin/v1/products/{id}", tag = "Products",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    responses((status = 200, body = Product), (status = 404, description = "`product_not_found`: there is no such product.")),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn get_product(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Product>, Problem> {
    let product = peers.products().get_product(caller.ask(GetProductRequest { id })).await?;
    Ok(Answer::<Product>::of(product).tagged())
}

/// Change a product
#[utoipa::path(
    patch, path = "/admin/v1/products/{id}", tag = "Products",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    request_body = ProductChanges,
    responses(
        (status = 200, body = Product),
        (status = 404, description = "`product_not_found`: there is no such product."),
        (status = 412, description = "`stale_version`: the product was changed in the meantime."),
        (status = 422, description = "`wrong_currency`: the price is not in the store's currency.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn update_product(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(changes): Body<ProductChanges>,
) -> Result<Answer<Product>, Problem> {
    let ProductChanges { name, description, price, active } = changes;
    let wanted = UpdateProductRequest { id, name, description, price: price.map(Into::into), active };
    Ok(Answer::<Product>::of(peers.products().update_product(caller.ask(wanted)).await?).tagged())
}
