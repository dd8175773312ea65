//! Puts the routes together: doors in front of each group, and what holds for all around them.
use std::sync::Arc;

use axum::{
    Router,
    extract::FromRef,
    middleware::{from_fn, from_fn_with_state},
};
use front::proxies::Proxies;
use http::{HeaderName, HeaderValue, Method, StatusCode, request::Parts};
use kit::service::Env;
use tower::{ServiceBuilder, util::MapRequestLayer};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    cors::{AllowOrigin, CorsLayer},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    account, admin,
    credentials::Desk,
    doc, files,
    front::{
        admission::{Door, admit},
        arrival::{Front, answer_panic, note_route, receive},
        rate::{Rates, limit},
        slash,
    },
    goods, hooks,
    peers::Peers,
    photos,
    problem::Problem,
    storefront, well_known,
};

/// What routes work with.
#[derive(Clone, FromRef)]
pub struct Gateway {
    /// The services behind.
    pub peers: Arc<Peers>,
    /// Exchanges credentials.
    pub desk: Desk,
    front: Front,
}

impl Gateway {
    /// A gateway to the services of `env`.
    pub fn new(env: &Env) -> anyhow::Result<Self> {
        let front = Front { clock: env.clock.clone(), proxies: Proxies::parse(&env.settings.trusted_proxies)? };
        Ok(Self { peers: Arc::new(Peers::new(env)?), desk: Desk::new(env)?, front })
    }
}

/// Everything the gateway serves.
pub fn router(gateway: Gateway, rates: Rates) -> Router {
    let front = gateway.front.clone();
    let routes = behind(storefront::routes(), &gateway, Door::ShopFront)
        .merge(behind(admin::routes(), &gateway, Door::Staff))
        .merge(behind(admin::sign_in_routes(), &gateway, Door::Open))
        .merge(behind(account::routes(), &gateway, Door::Portal))
        .merge(behind(account::sign_in_routes(), &gateway, Door::Open))
        .merge(well_known::routes().split_for_parts().0)
        .merge(files::routes().split_for_parts().0)
        .merge(goods::routes().split_for_parts().0)
        .merge(hooks::routes().split_for_parts().0)
        .merge(photos::routes().split_for_parts().0)
        .merge(doc::page::routes())
        .fallback(async || Problem::not_found("There is nothing at this address."))
        .method_not_allowed_fallback(async || Problem::of_status(StatusCode::METHOD_NOT_ALLOWED))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(from_fn_with_state(rates, limit))
        .layer(from_fn(note_route))
        .with_state(gateway);
    let served = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(front, receive))
        .layer(cors())
        .layer(MapRequestLayer::new(slash::trim))
        .service(routes);
    Router::new().fallback_service(served)
}

fn behind(routes: OpenApiRouter<Gateway>, gateway: &Gateway, door: Door) -> Router<Gateway> {
    let (routes, _) = routes.split_for_parts();
    routes.route_layer(from_fn_with_state((gateway.desk.clone(), door), admit))
}

/// Shop fronts run in browsers of any origin; they send keys and tokens as headers, never cookies.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|_: &HeaderValue, request: &Parts| {
            request.uri.path().starts_with(slash::STOREFRONT)
        }))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(named([
            "authorization",
            "content-type",
            "customer-token",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "patron-store",
            "x-request-id",
        ]))
        .expose_headers(named([
            "etag",
            "request-id",
            "idempotent-replayed",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "location",
            "www-authenticate",
            "impersonator",
        ]))
        .max_age(std::time::Duration::from_hours(24))
}

fn named<const N: usize>(names: [&'static str; N]) -> [HeaderName; N] {
    names.map(HeaderName::from_static)
}
