//! One cart, opened or changed by staff (CA-4). Prices are the server's.
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::carts::v1::{AddLineRequest, GetCartRequest, OpenCartRequest, RemoveLineRequest, SetLineRequest};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams, patch::as_given},
    router::Gateway,
    shape::{Cart, GivenGift},
};

/// The routes about one cart.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(open_cart))
        .routes(routes!(get_cart))
        .routes(routes!(add_cart_item))
        .routes(routes!(change_cart_item, remove_cart_item))
}

/// A cart to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"}))]
pub struct NewCart {
    /// Whose it is to be, `cus_…`.
    #[schema(max_length = 36)]
    pub customer: Option<String>,
    /// Currency that the store sells in.
    #[schema(max_length = 3)]
    pub currency: Option<String>,
}

/// A product to put into a cart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"product": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "quantity": 2}))]
pub struct NewCartItem {
    /// `prd_…`; this or its SKU.
    #[schema(max_length = 36)]
    pub product: Option<String>,
    /// SKU in the store that the cart buys from.
    #[schema(max_length = 64, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub sku: Option<String>,
    /// Plan to subscribe by, `plan_…`; it is bought once without it.
    #[schema(max_length = 40, pattern = "^(plan_[0-9a-f]{32})?$")]
    pub plan: Option<String>,
    /// How many, 1 to 9 999; they add to those that are there.
    #[schema(minimum = 1, maximum = 9_999)]
    pub quantity: Option<u32>,
    /// Who is to have it instead: of a digital product that is bought once, a single piece for each person.
    pub gift: Option<GivenGift>,
}

/// How many of an item a cart is to hold, and by which plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"quantity": 3}))]
#[expect(clippy::option_option, reason = "a gift is left as it is, taken back, or given")]
pub struct CartItemChange {
    /// 0 to 9 999; 0 removes the item, and as many as there are stay without it.
    #[schema(maximum = 9_999)]
    pub quantity: Option<u32>,
    /// Plan to subscribe by, `plan_…`; an empty one to buy it once, the one it has without it.
    #[schema(max_length = 40, pattern = "^(plan_[0-9a-f]{32})?$")]
    pub plan: Option<String>,
    /// Who is to have it instead; `null` for whoever buys, the one it is for without it.
    #[serde(default, deserialize_with = "as_given")]
    #[schema(value_type = Option<GivenGift>)]
    pub gift: Option<Option<GivenGift>>,
}

/// Open a cart for a customer
///
/// It buys from the store that is worked in: name one by `Patron-Store` in a network.
#[utoipa::path(
    post, path = "/admin/v1/carts", tag = "Carts", request_body = NewCart,
    responses(
        (status = 201, body = Cart),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 422, description = "`other_currency`: the store does not sell in that currency.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn open_cart(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(NewCart { customer, currency }): Body<NewCart>,
) -> Result<Answer<Cart>, Problem> {
    let (customer, currency) = (customer.unwrap_or_default(), currency.unwrap_or_default());
    let wanted = OpenCartRequest { customer, currency, ..OpenCartRequest::default() };
    let cart = peers.carts().open_cart(caller.ask(wanted)).await?;
    Ok(Answer::<Cart>::of(cart).tagged().status(StatusCode::CREATED))
}

/// One cart
#[utoipa::path(
    get, path = "/admin/v1/carts/{id}", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses((status = 200, body = Cart), (status = 404, description = "`cart_not_found`: there is no such cart.")),
    extensions(("x-permission" = json!([Permission::CartsRead.slug()])))
)]
async fn get_cart(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Cart>, Problem> {
    Ok(Answer::<Cart>::of(peers.carts().get_cart(caller.ask(GetCartRequest { id, destinations: None })).await?)
        .tagged())
}

/// Add an item to a cart
#[utoipa::path(
    post, path = "/admin/v1/carts/{id}/items", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = NewCartItem,
    responses(
        (status = 200, body = Cart),
        (status = 404, description = "`cart_not_found`, `product_not_found`, `plan_not_found`: there is no such cart, product or plan."),
        (status = 409, description = "`cart_closed`, `cart_expired`, `other_store`: this cart cannot take it."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`too_many_lines`, `quantity_too_large`, `total_too_large`: more than a cart holds. | `plan_needed`: it is sold by plan only. | `product_or_sku`: name one of the two. | `gift_not_digital`, `gift_renews`, `gift_single`: that cannot be given to somebody else.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn add_cart_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(cart): Path<String>,
    Body(item): Body<NewCartItem>,
) -> Result<Answer<Cart>, Problem> {
    let NewCartItem { product, sku, plan, quantity, gift } = item;
    if product.is_some() == sku.is_some() {
        let detail = "Name the product, or its SKU.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "product_or_sku", detail));
    }
    let (product, sku, plan) = (product.unwrap_or_default(), sku.unwrap_or_default(), plan.unwrap_or_default());
    let gift = gift.map(Into::into);
    let wanted = AddLineRequest { cart, product, quantity: quantity.unwrap_or(1), plan, sku, gift };
    Ok(Answer::<Cart>::of(peers.carts().add_line(caller.ask(wanted)).await?).tagged())
}

/// Change the quantity or plan of an item
#[utoipa::path(
    patch, path = "/admin/v1/carts/{id}/items/{item}", tag = "Carts",
    params(
        ("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("item" = String, Path, description = "`line_…`, or the `prd_…` in it", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")
    ),
    request_body = CartItemChange,
    responses(
        (status = 200, body = Cart),
        (status = 404, description = "`cart_not_found`, `line_not_found`, `product_not_found`, `plan_not_found`: there is no such cart, item or plan."),
        (status = 409, description = "`cart_closed`, `cart_expired`: this cart does not change any more."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`quantity_too_large`, `total_too_large`: more than a cart holds. | `plan_needed`: it is sold by plan only. | `gift_not_digital`, `gift_renews`, `gift_single`: that cannot be given to somebody else.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn change_cart_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((cart, line)): Path<(String, String)>,
    Body(CartItemChange { quantity, plan, gift }): Body<CartItemChange>,
) -> Result<Answer<Cart>, Problem> {
    let no_gift = matches!(gift, Some(None));
    let wanted = SetLineRequest { cart, line, quantity, plan, gift: gift.flatten().map(Into::into), no_gift };
    Ok(Answer::<Cart>::of(peers.carts().set_line(caller.ask(wanted)).await?).tagged())
}

/// Remove an item
#[utoipa::path(
    delete, path = "/admin/v1/carts/{id}/items/{item}", tag = "Carts",
    params(
        ("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("item" = String, Path, description = "`line_…`, or the `prd_…` in it", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")
    ),
    responses(
        (status = 200, body = Cart),
        (status = 404, description = "`cart_not_found`, `line_not_found`: there is no such cart or item."),
        (status = 409, description = "`cart_closed`, `cart_expired`: this cart does not change any more."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn remove_cart_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((cart, line)): Path<(String, String)>,
) -> Result<Answer<Cart>, Problem> {
    Ok(Answer::<Cart>::of(peers.carts().remove_line(caller.ask(RemoveLineRequest { cart, line })).await?).tagged())
}
