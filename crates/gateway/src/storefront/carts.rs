//! Carts. Prices come from the server, whatever a client sends.
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::carts::v1::{
    AddLineRequest, DeleteCartRequest, EmptyCartRequest, GetCartRequest, OpenCartRequest, RemoveLineRequest,
    SetContactRequest, SetLineRequest,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use crate::{
    answer::{Answer, only_by},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::Params, patch::as_given},
    router::Gateway,
    shape::{Cart, GivenAttribution, GivenContact, GivenGift},
};

type Carted = Result<Answer<Cart>, Problem>;

/// The routes about carts.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(open_cart).map(|routes| routes.head(async || only_by("GET"))))
        .routes(routes!(get_cart, delete_cart).map(|routes| routes.head(async || only_by("GET,DELETE"))))
        .routes(routes!(empty_cart))
        .routes(routes!(set_contact))
        .routes(routes!(add_item, set_item, remove_item))
}

/// A product to add.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"quantity": 2}))]
pub struct AddedItem {
    /// How many; one without it.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 9_999)]
    pub quantity: Option<u32>,
    /// Plan to subscribe by, `plan_…`; it is bought once without it.
    #[serde(default)]
    #[schema(max_length = 40, pattern = "^(plan_[0-9a-f]{32})?$")]
    pub plan: Option<String>,
    /// Who is to have it instead: of a digital product that is bought once, a single piece for each person.
    #[serde(default)]
    pub gift: Option<GivenGift>,
}

/// A quantity to set.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"quantity": 3}))]
#[expect(clippy::option_option, reason = "a gift is left as it is, taken back, or given")]
pub struct ChangedItem {
    /// How many; zero removes the item, and as many as there are stay without it.
    #[serde(default)]
    #[schema(maximum = 9_999)]
    pub quantity: Option<u32>,
    /// Plan to subscribe by, `plan_…`; an empty one to buy it once, the one it has without it.
    #[serde(default)]
    #[schema(max_length = 40, pattern = "^(plan_[0-9a-f]{32})?$")]
    pub plan: Option<String>,
    /// Who is to have it instead; `null` for whoever buys, the one it is for without it.
    #[serde(default, deserialize_with = "as_given")]
    #[schema(value_type = Option<GivenGift>)]
    pub gift: Option<Option<GivenGift>>,
}

fn answer(cart: tonic::Response<proto::carts::v1::Cart>) -> Answer<Cart> {
    Answer::of(cart).tagged()
}

/// A new cart
///
/// What brought it about may be said at once.
#[utoipa::path(
    get, path = "/storefront/v1/carts", tag = "Carts",
    params(
        ("affiliate" = Option<String>, Query, description = "partner who sent the buyer", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("subaffiliate1" = Option<String>, Query, description = "the partner's own first mark", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("subaffiliate2" = Option<String>, Query, description = "the second", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("subaffiliate3" = Option<String>, Query, description = "the third", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("subaffiliate4" = Option<String>, Query, description = "the fourth", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("subaffiliate5" = Option<String>, Query, description = "the fifth", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("funnel" = Option<String>, Query, description = "path through the shop's pages that led to it", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("gclid" = Option<String>, Query, description = "click of an advertisement", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("utm_source" = Option<String>, Query, description = "where the visit came from", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("utm_medium" = Option<String>, Query, description = "by what", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("utm_campaign" = Option<String>, Query, description = "in which campaign", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("utm_content" = Option<String>, Query, description = "by which part of it", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"),
        ("utm_term" = Option<String>, Query, description = "for which words", max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")
    ),
    responses((status = 200, body = Cart))
)]
async fn open_cart(State(peers): State<Arc<Peers>>, caller: Caller, mut params: Params) -> Carted {
    let wanted = OpenCartRequest { attribution: Some(GivenAttribution::of(&mut params)), ..OpenCartRequest::default() };
    Ok(answer(peers.carts().open_cart(caller.ask(wanted)).await?))
}

/// A cart
///
/// By its id, or by a key of the client's own making: an unknown key opens a cart under it, and a closed cart is
/// followed by a fresh one.
#[utoipa::path(
    get, path = "/storefront/v1/carts/{id}", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses((status = 200, body = Cart), (status = 404, description = "`cart_not_found`: there is no such cart."))
)]
async fn get_cart(State(peers): State<Arc<Peers>>, caller: Caller, Path(id): Path<String>) -> Carted {
    Ok(answer(peers.carts().get_cart(caller.ask(GetCartRequest { id, destinations: None })).await?))
}

/// Delete a cart
///
/// Answers it as it was.
#[utoipa::path(
    delete, path = "/storefront/v1/carts/{id}", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses(
        (status = 200, body = Cart),
        (status = 403, description = "`other_customer`: the cart belongs to a customer who is signed in elsewhere."),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime.")
    )
)]
async fn delete_cart(State(peers): State<Arc<Peers>>, caller: Caller, Path(cart): Path<String>) -> Carted {
    Ok(answer(peers.carts().delete_cart(caller.ask(DeleteCartRequest { cart })).await?))
}

/// Empty a cart
#[utoipa::path(
    put, path = "/storefront/v1/carts/{id}/empty", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses(
        (status = 200, body = Cart),
        (status = 403, description = "`other_customer`: the cart belongs to a customer who is signed in elsewhere."),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime.")
    )
)]
async fn empty_cart(State(peers): State<Arc<Peers>>, caller: Caller, Path(cart): Path<String>) -> Carted {
    Ok(answer(peers.carts().empty_cart(caller.ask(EmptyCartRequest { cart })).await?))
}

/// Say who buys
///
/// An e-mail that has not bought here before makes a lead.
#[utoipa::path(
    put, path = "/storefront/v1/carts/{id}/contact", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = GivenContact,
    responses(
        (status = 200, body = Cart),
        (status = 403, description = "`other_customer`: the cart belongs to a customer who is signed in elsewhere."),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime.")
    )
)]
async fn set_contact(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(cart): Path<String>,
    Body(contact): Body<GivenContact>,
) -> Carted {
    let wanted = SetContactRequest { cart, contact: Some(contact.read("")?) };
    Ok(answer(peers.carts().set_contact(caller.ask(wanted)).await?))
}

/// Add a product to a cart
///
/// A product that is in it already gets a larger quantity; once and by a plan are two items.
#[utoipa::path(
    post, path = "/storefront/v1/carts/{id}/{item}", tag = "Carts",
    params(
        ("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("item" = String, Path, description = "the product, `prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")
    ),
    request_body = AddedItem,
    responses(
        (status = 200, body = Cart),
        (status = 404, description = "`cart_not_found`: there is no such cart. | `product_not_found`: there is no such product. | `plan_not_found`: the product has no such plan."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired. | `other_store`: the cart buys from another store of the network."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`too_many_lines`: the cart holds no more items. | `quantity_too_large`: nobody may buy so many. | `total_too_large`: the total is too large. | `plan_needed`: it is sold by plan only. | `gift_not_digital`, `gift_renews`, `gift_single`: that cannot be given to somebody else.")
    )
)]
async fn add_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path((cart, product)): Path<(String, String)>,
    Body(item): Body<AddedItem>,
) -> Carted {
    // On the wire 0 stands for a quantity that was not given, so that one which was given has to be told apart here.
    if item.quantity == Some(0) {
        return Err(kit::failure::Violation::new("/quantity", "out_of_range", "quantity must be at least 1").into());
    }
    let (quantity, plan) = (item.quantity.unwrap_or_default(), item.plan.unwrap_or_default());
    let gift = item.gift.map(Into::into);
    let wanted = AddLineRequest { cart, product, quantity, plan, sku: String::new(), gift };
    Ok(answer(peers.carts().add_line(caller.ask(wanted)).await?))
}

/// Set a quantity or a plan
///
/// Quantity zero removes the item. Where the product is in the cart by that plan already, that item takes the pieces.
#[utoipa::path(
    put, path = "/storefront/v1/carts/{id}/{item}", tag = "Carts",
    params(
        ("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("item" = String, Path, description = "the item, `line_…`, or its product", pattern = "^(line|prd)_[0-9a-f]{32}$", example = "line_01939b7e5d3c7a2c9d2f1e0b7c6a5d45")
    ),
    request_body = ChangedItem,
    responses(
        (status = 200, body = Cart),
        (status = 403, description = "`other_customer`: the cart belongs to a customer who is signed in elsewhere."),
        (status = 404, description = "`cart_not_found`: there is no such cart. | `line_not_found`: there is no such item in it. | `plan_not_found`: the product has no such plan. | `product_not_found`: it is not sold any more."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`quantity_too_large`: nobody may buy so many. | `total_too_large`: the total is too large. | `plan_needed`: it is sold by plan only. | `gift_not_digital`, `gift_renews`, `gift_single`: that cannot be given to somebody else.")
    )
)]
async fn set_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path((cart, line)): Path<(String, String)>,
    Body(item): Body<ChangedItem>,
) -> Carted {
    let no_gift = matches!(item.gift, Some(None));
    let gift = item.gift.flatten().map(Into::into);
    let wanted = SetLineRequest { cart, line, quantity: item.quantity, plan: item.plan, gift, no_gift };
    Ok(answer(peers.carts().set_line(caller.ask(wanted)).await?))
}

/// Remove an item
#[utoipa::path(
    delete, path = "/storefront/v1/carts/{id}/{item}", tag = "Carts",
    params(
        ("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("item" = String, Path, description = "the item, `line_…`, or its product", pattern = "^(line|prd)_[0-9a-f]{32}$", example = "line_01939b7e5d3c7a2c9d2f1e0b7c6a5d45")
    ),
    responses(
        (status = 200, body = Cart),
        (status = 403, description = "`other_customer`: the cart belongs to a customer who is signed in elsewhere."),
        (status = 404, description = "`cart_not_found`: there is no such cart. | `line_not_found`: there is no such item in it."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime.")
    )
)]
async fn remove_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path((cart, line)): Path<(String, String)>,
) -> Carted {
    Ok(answer(peers.carts().remove_line(caller.ask(RemoveLineRequest { cart, line })).await?))
}
