//! What stands in front of every RPC, local or remote: panics, the deadline, who asks, metrics and the trace.
use std::{any::Any, collections::HashSet, net::SocketAddr, sync::LazyLock, time::Instant};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, header::AUTHORIZATION};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Status, body::Body, service::Routes};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::{
    call::Call,
    denied::Denied,
    error::Error,
    telemetry,
    transport::deadline,
    verifier::{Verified, Verifier},
};

/// Paths of all methods there are: only these become labels, or anybody could make metrics without end.
static METHODS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let files = FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap_or_default().file;
    let services = files.iter().flat_map(|file| file.service.iter().map(move |service| (file.package(), service)));
    let path = |(package, service, method): (&str, &str, &str)| format!("/{package}.{service}/{method}");
    services
        .flat_map(|(package, service)| service.method.iter().map(move |m| (package, service.name(), m.name())))
        .map(path)
        .collect()
});

/// The router of a service's RPCs, guarded.
pub fn guarded(routes: Routes, service: &'static str, verifier: Verifier) -> axum::Router {
    routes
        .prepare()
        .into_axum_router()
        .layer(axum::middleware::from_fn_with_state((service, verifier), serve))
        .layer(CatchPanicLayer::custom(answer_panic))
}

async fn serve(State((service, verifier)): State<(&'static str, Verifier)>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = METHODS.get(request.uri().path()).map_or("unknown", String::as_str);
    let span = tracing::info_span!("rpc", otel.name = method, rpc.system = "grpc", rpc.service = service);
    telemetry::follow(&span, request.headers());
    let limit = deadline(request.headers());
    let work = admit(&verifier, request, next).instrument(span);
    let answer = match limit {
        Some(limit) => tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| refuse(&Status::deadline_exceeded("the deadline has passed"))),
        None => work.await,
    };
    let code = Status::from_header_map(answer.headers()).map_or(Code::Ok, |status| status.code());
    let labels = [("method", method.to_owned()), ("code", format!("{code:?}"))];
    metrics::counter!("rpc_requests_total", &labels).increment(1);
    metrics::histogram!("rpc_duration_seconds", &labels[..1]).record(started.elapsed());
    answer
}

/// Finds out who asks and lets the call through. Calls without credentials pass as nobody's: few methods take them.
async fn admit(verifier: &Verifier, mut request: Request, next: Next) -> Response {
    let peer = peer(&request);
    let bearer = request.headers().get(AUTHORIZATION).map(|value| value.to_str().map(str::to_owned));
    let verified = match bearer {
        None => None,
        Some(Ok(bearer)) => match bearer.strip_prefix("Bearer ") {
            Some(bearer) => match verifier.verify(bearer, &peer).await {
                Ok(verified) => Some(verified),
                Err(error) => return refuse(&error.into()),
            },
            None => return refuse(&Error::from(Denied::Unauthenticated).into()),
        },
        Some(Err(_)) => return refuse(&Error::from(Denied::Unauthenticated).into()),
    };
    let call = match &verified {
        Some(who) => {
            let peer = (!who.trusted).then_some(peer.as_str());
            Call::read(request.headers(), Some(who.actor.clone()), &who.assertion, peer)
        }
        None => Call::read(request.headers(), None, "", Some(&peer)),
    };
    let acting = verified.and_then(|who| acting(&who, request.headers()));
    request.extensions_mut().insert(call);
    telemetry::for_acting(acting, next.run(request)).await
}

/// Network address that the connection comes from; empty within a process.
fn peer(request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| peer.ip().to_canonical().to_string()).unwrap_or_default()
}

/// Who acts in a customer's name: as the caller's assertion says it, or, when a service calls for itself, as that service
/// was told. Nobody outside is believed about it.
fn acting(who: &Verified, headers: &HeaderMap) -> Option<String> {
    let told = || headers.get(telemetry::ACTING).filter(|_| who.trusted && who.actor.is_system())?.to_str().ok();
    let own = who.actor.act.as_ref().map(|act| format!("{} {} {}", act.kind.slug(), act.sub, act.session));
    own.or_else(|| told().map(str::to_owned))
}

fn refuse(status: &Status) -> Response {
    status.clone().into_http::<axum::body::Body>()
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
fn answer_panic(panic: Box<dyn Any + Send>) -> http::Response<Body> {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    tracing::error!(error.detail = text, "a handler panicked");
    Status::from(Error::Internal("a handler panicked".to_owned())).into_http()
}
