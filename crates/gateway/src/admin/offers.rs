//! Offers (CA-5).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::catalog::v1::{GetPromotionRequest, ListPromotionsRequest, ReplacePromotionRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    list_query::{Pages, PromotionSearch, Totals},
    promotion::{OfferTerms, Promotion},
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
const KIND: &str = "offer";

/// The routes about offers.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_offers, create_offer)).routes(routes!(
        get_offer,
        replace_offer,
        delete_offer
    ))
}

/// Offers
///
/// Newest first. They come by themselves: a cart shows what each takes off.
#[utoipa::path(
    get, path = "/admin/v1/offers", tag = "Offers and vouchers", params(Pages, Totals, PromotionSearch),
    responses((status = 200, body = List<Promotion>)),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn list_offers(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Promotion>>, Problem> {
    let Wanted { search: query, page, .. } = Wanted::read(params, &[Extra::Search, Extra::Total])?;
    let wanted = ListPromotionsRequest { kind: KIND.to_owned(), query, page: Some(page) };
    let found = peers.promotions().list_promotions(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.promotions, found.page)))
}

/// Add an offer
#[utoipa::path(
    post, path = "/admin/v1/offers", tag = "Offers and vouchers", request_body = OfferTerms,
    responses(
        (status = 201, body = Promotion),
        (status = 422, description = "`unsuited`: what is asked for does not go together. | `unknown_product`: one of the products is not this store's. | `wrong_currency`: an amount is not in the store's currency. | `too_many`: a store has at most 100 offers.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn create_offer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(terms): Body<OfferTerms>,
) -> Result<Answer<Promotion>, Problem> {
    let made = Answer::<Promotion>::of(peers.promotions().create_promotion(caller.ask(terms.into())).await?).tagged();
    let location = format!("/admin/v1/offers/{}", made.body.id);
    Ok(made.created(location))
}

/// An offer
#[utoipa::path(
    get, path = "/admin/v1/offers/{id}", tag = "Offers and vouchers",
    params(("id" = String, Path, description = "`off_…`", example = "off_01939b7e5d3c7a2c9d2f1e0b7c6a5d61")),
    responses(
        (status = 200, body = Promotion),
        (status = 404, description = "`promotion_not_found`: there is no such offer.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn get_offer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Promotion>, Problem> {
    let wanted = GetPromotionRequest { id, kind: KIND.to_owned() };
    Ok(Answer::<Promotion>::of(peers.promotions().get_promotion(caller.ask(wanted)).await?).tagged())
}

/// Give an offer other terms
///
/// All of them: what is left out is as it is without it. Carts follow at once, orders keep what was taken off.
#[utoipa::path(
    put, path = "/admin/v1/offers/{id}", tag = "Offers and vouchers",
    params(("id" = String, Path, description = "`off_…`", example = "off_01939b7e5d3c7a2c9d2f1e0b7c6a5d61")),
    request_body = OfferTerms,
    responses(
        (status = 200, body = Promotion),
        (status = 404, description = "`promotion_not_found`: there is no such offer."),
        (status = 412, description = "`stale_version`: the offer was changed in the meantime."),
        (status = 422, description = "`unsuited`: what is asked for does not go together. | `unknown_product`: one of the products is not this store's. | `wrong_currency`: an amount is not in the store's currency.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn replace_offer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(terms): Body<OfferTerms>,
) -> Result<Answer<Promotion>, Problem> {
    let wanted = ReplacePromotionRequest { id, terms: Some(terms.into()) };
    Ok(Answer::<Promotion>::of(peers.promotions().replace_promotion(caller.ask(wanted)).await?).tagged())
}

/// Delete an offer
///
/// Orders keep what was taken off.
#[utoipa::path(
    delete, path = "/admin/v1/offers/{id}", tag = "Offers and vouchers",
    params(("id" = String, Path, description = "`off_…`", example = "off_01939b7e5d3c7a2c9d2f1e0b7c6a5d61")),
    responses(
        (status = 204, description = "The offer is gone."),
        (status = 404, description = "`promotion_not_found`: there is no such offer."),
        (status = 412, description = "`stale_version`: the offer was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn delete_offer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let wanted = GetPromotionRequest { id, kind: KIND.to_owned() };
    peers.promotions().delete_promotion(caller.ask(wanted)).await?;
    Ok(StatusCode::NO_CONTENT)
}
