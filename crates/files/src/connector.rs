//! The way to a bucket: the HTTP client that the whole house uses, which trusts whom it trusts.
use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use http_body_util::BodyExt;
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};
use reqwest::{Body, Certificate, Client, redirect::Policy};

/// How long one part may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long it may take until the storage listens.
const CONNECT: Duration = Duration::from_secs(3);

/// Speaks HTTP for the storage. Clones share connections.
#[derive(Clone, Debug)]
pub struct Connector(Client);

impl Connector {
    /// Trusts the public authorities and those in the file `roots`.
    pub fn new(roots: Option<&Path>) -> anyhow::Result<Self> {
        let mut builder = Client::builder().connect_timeout(CONNECT).timeout(PATIENCE).redirect(Policy::none());
        if let Some(file) = roots {
            for root in Certificate::from_pem_bundle(&fs::read(file).context("PATRON_TLS_CA cannot be read")?)? {
                builder = builder.add_root_certificate(root);
            }
        }
        Ok(Self(builder.build()?))
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = request.map(Body::wrap).try_into().map_err(told)?;
        let answer: http::Response<Body> = self.0.execute(request).await.map_err(told)?.into();
        Ok(answer.map(|body| HttpResponseBody::new(body.map_err(told))))
    }
}

/// Says what may be tried again: what did not reach the storage always, the rest when doing it twice does no harm.
fn told(error: reqwest::Error) -> HttpError {
    let kind = match &error {
        error if error.is_timeout() => HttpErrorKind::Timeout,
        error if error.is_connect() => HttpErrorKind::Connect,
        error if error.is_request() || error.is_body() || error.is_decode() => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error.without_url())
}
