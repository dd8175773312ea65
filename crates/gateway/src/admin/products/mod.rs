//! Products (CA-1).
mod draft;
mod files;
mod import;
mod product;

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::catalog::v1::{CreateProductRequest, DeleteProductRequest, GetProductRequest, ListProductsRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::draft::Price;
use self::{
    draft::{NewProduct, ProductChanges},
    product::Product,
};
use super::list_query::{Filters, Pages, ProductSearch, ProductSorts, Totals};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::List,
};

/// The routes about products.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_products, create_product))
        .routes(routes!(import::import_products))
        .routes(routes!(get_product, update_product, delete_product))
        .merge(files::routes())
}

const OFFER: Offer = &[Extra::Search, Extra::Filters, Extra::Sorts, Extra::Total];

/// Products
///
/// Inactive ones, too. `q` is part of a name or SKU; sorts: `name`, `sku`, `price`, `created_at`.
#[utoipa::path(
    get, path = "/admin/v1/products", tag = "Products", params(Pages, Totals, Filters, ProductSearch, ProductSorts),
    responses((status = 200, body = List<Product>)),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn list_products(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Product>>, Problem> {
    let Wanted { search: query, sort, page, filter } = Wanted::read(params, OFFER)?;
    let wanted = ListProductsRequest { query, sort, page: Some(page), filter };
    let found = peers.products().list_products(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.products, found.page)))
}

/// Add a product
#[utoipa::path(
    post, path = "/admin/v1/products", tag = "Products", request_body = NewProduct,
    responses((status = 201, body = Product), (status = 409, description = "`sku_taken`: another product has this SKU."),
        (status = 422, description = "`wrong_currency`: a price is not in the store's currency. | `unsuited`: its parts do not go together, such as contents of a physical product, or neither a price nor a plan. | `contents_circular`: it would be inside itself. | `contents_too_deep`: products are inside one another three levels deep at most.")),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn create_product(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(product): Body<NewProduct>,
) -> Result<Answer<Product>, Problem> {
    let wanted = CreateProductRequest::from(product);
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
///
/// What is given replaces what is there; a product stays physical or digital.
#[utoipa::path(
    patch, path = "/admin/v1/products/{id}", tag = "Products",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    request_body = ProductChanges,
    responses(
        (status = 200, body = Product),
        (status = 404, description = "`product_not_found`: there is no such product."),
        (status = 409, description = "`sku_taken`: another product has this SKU."),
        (status = 412, description = "`stale_version`: the product was changed in the meantime."),
        (status = 422, description = "`wrong_currency`: a price is not in the store's currency. | `unsuited`: its parts do not go together, such as contents of a physical product, or neither a price nor a plan. | `contents_circular`: it would be inside itself. | `contents_too_deep`: products are inside one another three levels deep at most.")
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
    Ok(Answer::<Product>::of(peers.products().update_product(caller.ask(changes.of(id))).await?).tagged())
}

/// Delete a product
///
/// One that was never sold and is inside no other; make others inactive instead.
#[utoipa::path(
    delete, path = "/admin/v1/products/{id}", tag = "Products",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    responses(
        (status = 204, description = "The product is gone."),
        (status = 404, description = "`product_not_found`: there is no such product."),
        (status = 409, description = "`product_sold`: it was sold: make it inactive instead. | `product_contained`: it is inside another."),
        (status = 412, description = "`stale_version`: the product was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn delete_product(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.products().delete_product(caller.ask(DeleteProductRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
