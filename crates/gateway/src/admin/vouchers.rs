//! Vouchers (CA-5).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::catalog::v1::{GetPromotionRequest, ListPromotionsRequest, ReplacePromotionRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    list_query::{Pages, PromotionSearch, Totals},
    promotion::{Promotion, VoucherTerms},
};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Extra, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::List,
};

/// What these are called among promotions.
const KIND: &str = "voucher";

/// The routes about vouchers.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_vouchers, create_voucher)).routes(routes!(
        get_voucher,
        replace_voucher,
        delete_voucher
    ))
}

/// Vouchers
///
/// Newest first. They come by code: a cart takes up to five.
#[utoipa::path(
    get, path = "/admin/v1/vouchers", tag = "Offers and vouchers", params(Pages, Totals, PromotionSearch),
    responses((status = 200, body = List<Promotion>)),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn list_vouchers(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Promotion>>, Problem> {
    let Wanted { search: query, page, .. } = Wanted::read(params, &[Extra::Search, Extra::Total])?;
    let wanted = ListPromotionsRequest { kind: KIND.to_owned(), query, page: Some(page) };
    let found = peers.promotions().list_promotions(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.promotions, found.page)))
}

/// Add a voucher
#[utoipa::path(
    post, path = "/admin/v1/vouchers", tag = "Offers and vouchers", request_body = VoucherTerms,
    responses(
        (status = 201, body = Promotion),
        (status = 409, description = "`code_taken`: another voucher has this code."),
        (status = 422, description = "`unsuited`: what is asked for does not go together. | `unknown_product`: one of the products is not this store's. | `wrong_currency`: an amount is not in the store's currency.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn create_voucher(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(terms): Body<VoucherTerms>,
) -> Result<Answer<Promotion>, Problem> {
    let made = Answer::<Promotion>::of(peers.promotions().create_promotion(caller.ask(terms.into())).await?).tagged();
    let location = format!("/admin/v1/vouchers/{}", made.body.id);
    Ok(made.created(location))
}

/// A voucher
#[utoipa::path(
    get, path = "/admin/v1/vouchers/{id}", tag = "Offers and vouchers",
    params(("id" = String, Path, description = "`vou_…`", example = "vou_01939b7e5d3c7a2c9d2f1e0b7c6a5d61")),
    responses(
        (status = 200, body = Promotion),
        (status = 404, description = "`promotion_not_found`: there is no such voucher.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn get_voucher(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Promotion>, Problem> {
    let wanted = GetPromotionRequest { id, kind: KIND.to_owned() };
    Ok(Answer::<Promotion>::of(peers.promotions().get_promotion(caller.ask(wanted)).await?).tagged())
}

/// Give a voucher other terms
///
/// All of them: what is left out is as it is without it. Carts follow at once, orders keep what was taken off.
#[utoipa::path(
    put, path = "/admin/v1/vouchers/{id}", tag = "Offers and vouchers",
    params(("id" = String, Path, description = "`vou_…`", example = "vou_01939b7e5d3c7a2c9d2f1e0b7c6a5d61")),
    request_body = VoucherTerms,
    responses(
        (status = 200, body = Promotion),
        (status = 404, description = "`promotion_not_found`: there is no such voucher."),
        (status = 409, description = "`code_taken`: another voucher has this code."),
        (status = 412, description = "`stale_version`: the voucher was changed in the meantime."),
        (status = 422, description = "`unsuited`: what is asked for does not go together. | `unknown_product`: one of the products is not this store's. | `wrong_currency`: an amount is not in the store's currency.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn replace_voucher(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(terms): Body<VoucherTerms>,
) -> Result<Answer<Promotion>, Problem> {
    let wanted = ReplacePromotionRequest { id, terms: Some(terms.into()) };
    Ok(Answer::<Promotion>::of(peers.promotions().replace_promotion(caller.ask(wanted)).await?).tagged())
}

/// Delete a voucher
///
/// Orders keep what was taken off.
#[utoipa::path(
    delete, path = "/admin/v1/vouchers/{id}", tag = "Offers and vouchers",
    params(("id" = String, Path, description = "`vou_…`", example = "vou_01939b7e5d3c7a2c9d2f1e0b7c6a5d61")),
    responses(
        (status = 204, description = "The voucher is gone."),
        (status = 404, description = "`promotion_not_found`: there is no such voucher."),
        (status = 412, description = "`stale_version`: the voucher was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn delete_voucher(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let wanted = GetPromotionRequest { id, kind: KIND.to_owned() };
    peers.promotions().delete_promotion(caller.ask(wanted)).await?;
    Ok(StatusCode::NO_CONTENT)
}
