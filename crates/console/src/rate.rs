//! Addresses that come too often are turned away before anybody is asked who they are, and those who try passwords and
//! codes sooner than readers (ID-27).
use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use front::rate::Standing;

use crate::{
    console::Console,
    guard,
    problem::Problem,
    visit::{Visit, Who},
};

/// Lets a request through while its address keeps the rates.
pub async fn limit(State(console): State<Console>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|ConnectInfo(peer)| console.proxies.client(peer.ip(), request.headers()));
    match console.addresses.take(address, is_try(&request)) {
        Ok(()) => next.run(request).await,
        Err(standing) => refuse(&console, request, &standing),
    }
}

/// Whether a password or a code is sent.
fn is_try(request: &Request) -> bool {
    request.method() == Method::POST
        && matches!(request.uri().path(), "/console/sign-in" | "/console/sign-in/code" | "/account")
}

fn refuse(console: &Console, request: Request, standing: &Standing) -> Response {
    let who = if request.uri().path().starts_with("/console") { Who::Nobody } else { Who::Shopper };
    let visit = Visit::new(console, &request.into_parts().0, who);
    let seconds = standing.wait().as_secs();
    let detail = format!("That was too often. Try again in {seconds} s.");
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "Too many attempts", detail);
    let problem = Problem { retry_after: Some(seconds), ..problem };
    let mut answer = Problem::page(&visit, problem.into_response());
    answer.headers_mut().extend(guard::headers());
    standing.tell(answer.headers_mut());
    answer
}
