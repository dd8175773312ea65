//! Rate limits: so many requests per credential and address, told in `RateLimit` and `RateLimit-Policy`; and so many
//! per address, whatever it presents. They keep single clients from taking it all; tries of passwords and codes are
//! also limited where those are checked.
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use front::rate::{Addresses, Rate, Standing};
use http::{HeaderMap, Method, StatusCode};
use kit::settings::Settings;
use tokio_util::sync::CancellationToken;

use crate::{caller::Arrival, credentials::Credentials, problem::Problem};

/// Where credentials are tried or codes are sent, all by POST: first those that take a password or a code. Voucher codes
/// are short words: a stranger who tries many of them must not find one.
const TRIES: [&str; 26] = [
    "/admin/v1/invitations/accept",
    "/admin/v1/me/factor/confirmation",
    "/admin/v1/sessions",
    "/admin/v1/sessions/current/step-up",
    "/admin/v1/sessions/mfa",
    "/admin/v1/sessions/mfa/enrolment",
    "/storefront/v1/carts/{id}/codes",
    "/storefront/v1/customers",
    "/storefront/v1/customers/confirm-account-closure",
    "/storefront/v1/customers/login",
    "/storefront/v1/customers/reset-password",
    "/storefront/v1/customers/set-password",
    "/storefront/v1/customers/verify-code",
    "/storefront/v1/customers/verify-email",
    "/storefront/v1/customers/verify-phone-number",
    "/account/v1/magic-links",
    "/storefront/v1/customers/forgot-password",
    "/storefront/v1/customers/login-with-apple",
    "/storefront/v1/customers/login-with-facebook",
    "/storefront/v1/customers/login-with-google",
    "/storefront/v1/customers/login-with-sms",
    "/storefront/v1/customers/magic-link",
    "/storefront/v1/customers/request-creation-code",
    "/storefront/v1/customers/request-email-verification",
    "/storefront/v1/customers/request-phone-verification",
    "/storefront/v1/customers/account-closure",
];

/// The limits. Clones share them.
#[derive(Clone)]
pub struct Rates {
    addresses: Addresses,
    /// By a hash of credential and address.
    clients: Rate<[u8; 32]>,
    /// What payment gateways tell of one store, by its address.
    hooks: Rate<String>,
}

/// Events of one store that are taken in a second. Gateways come back with what is refused.
const EVENTS: u32 = 50;
/// Where they come in.
const HOOKS: &str = "/hooks/";

impl Rates {
    /// As `settings` have it.
    pub fn new(settings: &Settings) -> Self {
        let events = if settings.rate_limit == 0 { 0 } else { EVENTS };
        Self {
            addresses: Addresses::new(settings),
            clients: Rate::per_second("default", settings.rate_limit),
            hooks: Rate::per_second("hooks", events),
        }
    }

    /// What is left to the client, or how long to wait. The address comes first, so that made-up credentials do not
    /// fill the memory.
    fn take(&self, request: &Request) -> Result<Option<Standing>, Standing> {
        let address = request.extensions().get::<Arrival>().and_then(|arrival| arrival.ip);
        let route = request.extensions().get::<MatchedPath>();
        self.addresses.take(address, route.is_some_and(|route| is_try(request.method(), route.as_str())))?;
        if request.uri().path().starts_with(HOOKS) {
            return self.hooks.take(&request.uri().path().to_owned());
        }
        let address = address.map(|ip| ip.to_string()).unwrap_or_default();
        self.clients.take(&client(request.headers(), &address))
    }

    /// Forgets clients that have not been seen for a while, until `stop`.
    pub async fn sweep(self, stop: CancellationToken) {
        tokio::join!(self.addresses.sweep(stop.clone()), self.clients.sweep(stop.clone()), self.hooks.sweep(stop));
    }
}

fn is_try(method: &Method, route: &str) -> bool {
    method == Method::POST && TRIES.contains(&route)
}

/// Who is counted. Credentials that cannot be read are none.
fn client(headers: &HeaderMap, address: &str) -> [u8; 32] {
    let bearer = Credentials::read(headers).map(|credentials| credentials.bearer).unwrap_or_default();
    kit::secret::sha256([&bearer, address].join("\n").as_bytes())
}

/// Lets a request through while its client keeps the rates.
pub async fn limit(State(rates): State<Rates>, request: Request, next: Next) -> Response {
    let (standing, mut response) = match rates.take(&request) {
        Ok(standing) => (standing, next.run(request).await),
        Err(standing) => (Some(standing), too_often(&standing).into_response()),
    };
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    response
}

fn too_often(standing: &Standing) -> Problem {
    let detail = "That was too often; please try again in a moment.";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail).retry_after(standing.wait())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of them take a password or a code; the last ones have a code sent.
    const SECRETS: usize = 15;

    /// Who may write vouchers knows their codes.
    const KNOWN: [&str; 2] = ["/admin/v1/carts/{id}/codes", "/admin/v1/vouchers"];

    /// ID-27: every route that takes a password or a code counts as a try.
    #[test]
    fn tries_are_counted_wherever_there_are_some() -> Result<(), serde_json::Error> {
        let document = serde_json::to_value(crate::openapi())?;
        let secret = ["password", "code", "challenge"];
        let mut found: Vec<&str> = TRIES[SECRETS..].to_vec();
        for (path, route) in document["paths"].as_object().into_iter().flatten() {
            let body = &route["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let name = body.as_str().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
            let fields = &document["components"]["schemas"][name]["properties"];
            if !KNOWN.contains(&path.as_str()) && secret.iter().any(|field| fields.get(field).is_some()) {
                found.push(path);
            }
        }
        found.sort_unstable();
        let mut tries = TRIES.to_vec();
        tries.sort_unstable();
        assert_eq!(found, tries);
        Ok(())
    }

    #[test]
    fn reading_is_no_try() {
        assert!(is_try(&Method::POST, "/admin/v1/sessions"));
        assert!(!is_try(&Method::GET, "/storefront/v1/customers"));
        assert!(!is_try(&Method::POST, "/storefront/v1/customers/logout"));
    }
}
