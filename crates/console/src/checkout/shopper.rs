//! Who checks out: a customer who came by a link, known by a cookie of this browser.
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use kit::ids::CustomerId;
use proto::{
    carts::v1::{Cart, GetCartRequest},
    identity::v1::{ExchangeRequest, SignedInByLink},
};
use tonic::{Request, Status, metadata::MetadataValue};

use crate::{console::Console, cookies, portal::is_signed_out, problem::Problem, visit::Visit};

/// A customer at the check-out.
pub struct Shopper {
    assertion: String,
    customer: CustomerId,
    cart: String,
}

/// The cookie that remembers a session: the store, the token and the cart.
pub fn cookie(session: &SignedInByLink, seconds: i64) -> (HeaderName, HeaderValue) {
    cookies::set(cookies::CHECKOUT, &[&*session.store, &session.token, &session.cart].join("."), seconds)
}

impl Shopper {
    /// Whose cookie came with the request; `None` when there is none, or their session has ended.
    pub async fn find(console: &Console, visit: &Visit, headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let kept = cookies::read(headers, cookies::CHECKOUT);
        let mut parts = kept.splitn(3, '.');
        let (Some(store), Some(token), Some(cart)) = (parts.next(), parts.next(), parts.next()) else {
            return Ok(None);
        };
        if !token.starts_with("customer_") {
            return Ok(None);
        }
        let request = ExchangeRequest {
            bearer: token.to_owned(),
            store: store.to_owned(),
            ip: visit.ip().to_owned(),
            ..ExchangeRequest::default()
        };
        match console.portal.assertions.clone().exchange(visit.call(request)).await {
            Ok(answer) => {
                let assertion = answer.into_inner().assertion;
                let actor = console.verifier.assertion(&assertion).await.map_err(Status::from)?;
                Ok(actor.customer().map(|customer| Self { assertion, customer, cart: cart.to_owned() }))
            }
            Err(status) if is_signed_out(&status) || is_gone(&status) => Ok(None),
            Err(status) => Err(status.into()),
        }
    }

    /// `request` on behalf of the customer.
    pub fn sign<T>(&self, mut request: Request<T>) -> Request<T> {
        // Without an assertion a call would speak for the console itself, so never skip it.
        let bearer = MetadataValue::try_from(format!("Bearer {}", self.assertion));
        request.metadata_mut().insert("authorization", bearer.unwrap_or(MetadataValue::from_static("Bearer")));
        request
    }

    /// Their cart as it is now, also when it was bought; `None` when it is not there any more, or is somebody else's. It
    /// is asked for in the house's own name, since a shop front gets a fresh one for a closed one (CA-2).
    pub async fn cart(&self, console: &Console, visit: &Visit) -> Result<Option<Cart>, Problem> {
        let request = visit.call(GetCartRequest { id: self.cart.clone(), destinations: None });
        match console.carts.clone().get_cart(request).await {
            Ok(cart) => Ok(Some(cart.into_inner()).filter(|cart| cart.customer == String::from(self.customer))),
            Err(status) if is_gone(&status) => Ok(None),
            Err(status) => Err(status.into()),
        }
    }
}

fn is_gone(status: &Status) -> bool {
    kit::failure::Told::read(status).code == kit::failure::Code::NotFound
}
