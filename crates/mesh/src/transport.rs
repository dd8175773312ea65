//! One client type for both: over a socket, or straight onto a service of this process, with the same tonic code.
//!
//! Whoever calls without credentials of a caller to pass on speaks for their own service: a `system` assertion.
use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use base::{
    actor::Kind,
    assertion::{Claims, LIFETIME, Signer},
    clock::Clock,
};
use futures_util::future::BoxFuture;
use http::{HeaderValue, Request, Response, header::AUTHORIZATION};
use tonic::{Status, body::Body, codegen::StdError};
use tower::Service;

use crate::{remote::Remote, telemetry};

/// How long a call may take when nobody says otherwise with `grpc-timeout`.
const LIMIT: Duration = Duration::from_secs(5);
/// How much longer the client waits than the server works, so that the server's answer is the one that is seen.
const GRACE: Duration = Duration::from_millis(250);

/// The router of a service of this process, once it is there.
pub type Local = Arc<OnceLock<axum::Router>>;

#[derive(Clone)]
enum Way {
    Local(Local),
    Remote(Remote),
}

/// The way from one service to another.
#[derive(Clone)]
pub struct Transport {
    way: Way,
    speaker: Speaker,
}

impl Transport {
    /// Onto a service of this process.
    #[must_use]
    pub fn local(router: Local, speaker: Speaker) -> Self {
        Self { way: Way::Local(router), speaker }
    }

    /// To a service of another process.
    #[must_use]
    pub fn remote(remote: Remote, speaker: Speaker) -> Self {
        Self { way: Way::Remote(remote), speaker }
    }
}

impl Service<Request<Body>> for Transport {
    type Response = Response<Body>;
    type Error = StdError;
    type Future = BoxFuture<'static, Result<Response<Body>, StdError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), StdError>> {
        Poll::Ready(Ok(())) // whatever there is to wait for belongs to the call and its limit
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Err(status) = self.speaker.sign(request.headers_mut()) {
            return Box::pin(async move { Err(status.into()) });
        }
        telemetry::inject(request.headers_mut());
        let limit = deadline(request.headers()).unwrap_or(LIMIT) + GRACE;
        let answer: Self::Future = match &self.way {
            Way::Local(router) => match router.get().cloned() {
                Some(mut router) => Box::pin(async move {
                    let answer = router.call(request).await?;
                    Ok(answer.map(Body::new))
                }),
                None => Box::pin(async { Err(Status::unavailable("still starting").into()) }),
            },
            Way::Remote(remote) => {
                let answer = remote.clone().call(request);
                Box::pin(async { Ok(answer.await?) })
            }
        };
        Box::pin(async move {
            tokio::time::timeout(limit, answer)
                .await
                .unwrap_or_else(|_| Err(Status::deadline_exceeded("the service took too long").into()))
        })
    }
}

/// The `grpc-timeout` of a call: up to eight digits and a unit.
#[must_use]
pub fn deadline(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = digits.len() <= 8 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let amount = u64::from(digits.parse::<u32>().ok().filter(|_| is_number)?);
    match unit {
        "H" => Some(Duration::from_secs(amount * 3600)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

/// Speaks for one service: signs its own calls, with an assertion renewed well before it ends.
#[derive(Clone)]
pub struct Speaker(Arc<Inner>);

struct Inner {
    service: String,
    signer: Signer,
    clock: Clock,
    current: Mutex<Option<(HeaderValue, i64)>>,
}

impl Speaker {
    /// A speaker for `service`.
    #[must_use]
    pub fn new(service: &str, signer: &Signer, clock: &Clock) -> Self {
        let (signer, clock) = (signer.clone(), clock.clone());
        Self(Arc::new(Inner { service: service.to_owned(), signer, clock, current: Mutex::default() }))
    }

    fn sign(&self, headers: &mut http::HeaderMap) -> Result<(), Status> {
        if !headers.contains_key(AUTHORIZATION) {
            headers.insert(AUTHORIZATION, self.bearer()?);
        }
        Ok(())
    }

    fn bearer(&self) -> Result<HeaderValue, Status> {
        let now = self.0.clock.now();
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((bearer, renew_at)) = &*current
            && now.timestamp() < *renew_at
        {
            return Ok(bearer.clone());
        }
        let failed = |_| Status::internal("an assertion cannot be made");
        let claims = Claims::new(Kind::System, &self.0.service, now);
        let token = self.0.signer.sign(&claims).map_err(|e| Status::internal(e.to_string()))?;
        let bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(failed)?;
        *current = Some((bearer.clone(), (now + LIFETIME / 2).timestamp()));
        Ok(bearer)
    }
}
