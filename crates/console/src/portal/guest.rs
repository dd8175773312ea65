//! Who is signed in to the portal, and what identity tells them.
use axum::http::HeaderMap;
use kit::{
    failure::{Code, Told},
    service::Env,
    transport::Transport,
};
use proto::identity::v1::{
    ExchangeRequest, assertion_service_client::AssertionServiceClient,
    magic_link_service_client::MagicLinkServiceClient, shopper_service_client::ShopperServiceClient,
};
use tonic::{Request, Status, metadata::MetadataValue};

use crate::{NAME, cookies, problem::Problem, visit::Visit};

/// The ways to identity that the portal's entrance takes.
#[derive(Clone)]
pub struct Portal {
    /// Credentials.
    pub assertions: AssertionServiceClient<Transport>,
    /// Links.
    pub links: MagicLinkServiceClient<Transport>,
    /// Shoppers and their sessions.
    pub shoppers: ShopperServiceClient<Transport>,
}

/// A shopper who is signed in, as a signed statement that services believe.
pub struct Guest {
    assertion: String,
}

impl Portal {
    /// The ways of `env`.
    pub fn new(env: &Env) -> anyhow::Result<Self> {
        let identity = env.peer(NAME, "identity")?;
        Ok(Self {
            assertions: AssertionServiceClient::new(identity.clone()),
            links: MagicLinkServiceClient::new(identity.clone()),
            shoppers: ShopperServiceClient::new(identity),
        })
    }

    /// The shopper whose cookie came with the request; `None` when nobody is signed in.
    pub async fn guest(&self, visit: &Visit, headers: &HeaderMap) -> Result<Option<Guest>, Problem> {
        let bearer = cookies::read(headers, cookies::PORTAL);
        if !bearer.starts_with("portal_") {
            return Ok(None);
        }
        let request = ExchangeRequest { bearer, ip: visit.ip().to_owned(), ..ExchangeRequest::default() };
        match self.assertions.clone().exchange(visit.call(request)).await {
            Ok(answer) => Ok(Some(Guest { assertion: answer.into_inner().assertion })),
            Err(status) if is_signed_out(&status) => Ok(None),
            Err(status) => Err(status.into()),
        }
    }
}

/// Whether there is no such session any longer.
pub fn is_signed_out(status: &Status) -> bool {
    Told::read(status).code == Code::Unauthenticated
}

impl Guest {
    /// `request` on behalf of the shopper.
    pub fn sign<T>(&self, mut request: Request<T>) -> Request<T> {
        // Without an assertion a call would speak for the console itself, so never skip it.
        let bearer = MetadataValue::try_from(format!("Bearer {}", self.assertion));
        request.metadata_mut().insert("authorization", bearer.unwrap_or(MetadataValue::from_static("Bearer")));
        request
    }
}
