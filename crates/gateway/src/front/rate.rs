//! Rate limits: so many requests per credential and address, told in `RateLimit` and `RateLimit-Policy`. They live in
//! the memory of this process and keep single clients from taking it all; tries of passwords and codes are limited
//! where those are checked.
use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::keyed::DashMapStateStore,
};
use http::{HeaderName, HeaderValue, StatusCode, header::AUTHORIZATION};
use tokio_util::sync::CancellationToken;

use crate::{caller::Arrival, problem::Problem};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// How much may come at once, in seconds of the steady rate.
const BURST_SECONDS: u32 = 2;
/// How often those who have not been seen for a while are forgotten.
const SWEEP: Duration = Duration::from_secs(30);

type Limiter = RateLimiter<u64, DashMapStateStore<u64>, DefaultClock, StateInformationMiddleware>;

/// The limits. Clones share them.
#[derive(Clone)]
pub struct Rates(Option<Arc<Limits>>);

struct Limits {
    limiter: Limiter,
    per_second: u32,
    policy: HeaderValue,
}

impl Rates {
    /// `per_second` requests, twice as many at once; 0 for any number.
    pub fn new(per_second: u32) -> Self {
        let burst = per_second.saturating_mul(BURST_SECONDS);
        let Some((rate, most)) = NonZeroU32::new(per_second).zip(NonZeroU32::new(burst)) else { return Self(None) };
        let limiter = RateLimiter::dashmap(Quota::per_second(rate).allow_burst(most)).with_middleware();
        let policy = HeaderValue::try_from(format!("\"default\";q={burst};w={BURST_SECONDS}"));
        Self(policy.ok().map(|policy| Arc::new(Limits { limiter, per_second, policy })))
    }
}

impl Limits {
    /// What is left to the client, or how long to wait.
    fn take(&self, client: u64) -> Result<StateSnapshot, Duration> {
        let taken = self.limiter.check_key(&client);
        taken.map_err(|until| until.wait_time_from(self.limiter.clock().now()))
    }

    fn tell(&self, response: &mut Response, remaining: u32, wait: u64) {
        let headers = response.headers_mut();
        headers.insert(POLICY, self.policy.clone());
        if let Ok(value) = HeaderValue::try_from(format!("\"default\";r={remaining};t={wait}")) {
            headers.insert(LIMIT, value);
        }
    }
}

/// Lets a request through while its client keeps the rate.
pub async fn limit(State(Rates(limits)): State<Rates>, request: Request, next: Next) -> Response {
    let Some(limits) = limits else { return next.run(request).await };
    match limits.take(client(&request)) {
        Ok(state) => {
            let left = state.remaining_burst_capacity();
            let used = (limits.per_second * BURST_SECONDS).saturating_sub(left);
            let mut response = next.run(request).await;
            limits.tell(&mut response, left, u64::from(used.div_ceil(limits.per_second)));
            response
        }
        Err(wait) => {
            let seconds = wait.as_secs() + 1;
            let problem = Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "That was too often; please try again in a moment.",
            );
            let mut response = problem.retry_after(Duration::from_secs(seconds)).into_response();
            limits.tell(&mut response, 0, seconds);
            response
        }
    }
}

/// Who is counted: a hash of credential and address.
fn client(request: &Request) -> u64 {
    let bearer = request.headers().get(AUTHORIZATION).map_or(&b""[..], HeaderValue::as_bytes);
    let address = request.extensions().get::<Arrival>().map(Arrival::address).unwrap_or_default();
    let hash = kit::secret::sha256(&[bearer, b"\n", address.as_bytes()].concat());
    hash.iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
}

/// Forgets clients that have not been seen for a while, until `stop`.
pub async fn sweep(Rates(limits): Rates, stop: CancellationToken) {
    let Some(limits) = limits else { return stop.cancelled().await };
    while stop.run_until_cancelled(tokio::time::sleep(SWEEP)).await.is_some() {
        limits.limiter.retain_recent();
        limits.limiter.shrink_to_fit();
    }
}
