//! Hands an event over. Of what is answered, status and waiting time count; the rest might say anything of anybody, and
//! is kept nowhere.
use std::{error::Error as _, path::Path, time::Duration};

use chrono::TimeDelta;
use reqwest::{Client, Response, StatusCode, header::CONTENT_TYPE};
use url::Url;

use super::resolver::{Inside, Resolver};
use crate::{channel::http, webhook::target};

/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an answer is read, in bytes, so that its connection can be used again.
const LONGEST: usize = 64 * 1024;

/// Posts to webhooks. Clones share connections.
#[derive(Clone)]
pub struct Post {
    http: Client,
    open: bool,
}

/// A request to make.
pub struct Parcel<'a> {
    pub url: &'a str,
    pub id: &'a str,
    /// Seconds since 1970.
    pub at: i64,
    pub signatures: &'a str,
    pub body: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why it failed, a slug.
    pub error: Option<&'static str>,
    /// How long the receiver asks to be left alone.
    pub wait: Option<TimeDelta>,
}

impl Post {
    /// Trusts the public authorities, and those in the file `roots`; knows no proxy and follows nobody elsewhere.
    pub fn new(roots: Option<&Path>, open: bool) -> anyhow::Result<Self> {
        let http = http::builder(roots)?.timeout(PATIENCE).no_proxy().user_agent("Patron-Webhooks");
        Ok(Self { http: http.dns_resolver(std::sync::Arc::new(Resolver { open })).build()?, open })
    }

    /// Hands `parcel` over.
    pub async fn send(&self, parcel: Parcel<'_>) -> Outcome {
        let failed = |error| Outcome { error: Some(error), ..Outcome::default() };
        // An address of numbers is never looked up: it is looked at here, since rules may have changed.
        let Ok(url) = Url::parse(parcel.url) else { return failed("malformed_target") };
        if !self.open && !target::leads_outside(&url) {
            return failed("refused_target");
        }
        let request = self.http.post(url).header(CONTENT_TYPE, "application/json").header("webhook-id", parcel.id);
        let request = request.header("webhook-timestamp", parcel.at).header("webhook-signature", parcel.signatures);
        match request.body(parcel.body).send().await {
            Ok(answer) => read(answer).await,
            Err(error) => failed(fault(&error)),
        }
    }
}

async fn read(mut answer: Response) -> Outcome {
    let (status, wait) = (answer.status(), http::wait(&answer));
    let mut length = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        length += chunk.len();
        if length > LONGEST {
            break;
        }
    }
    let error = match status {
        status if status.is_success() => None,
        status if status.is_redirection() => Some("redirected"),
        StatusCode::GONE => Some("gone"),
        StatusCode::TOO_MANY_REQUESTS => Some("too_many_requests"),
        status if status.is_client_error() => Some("client_error"),
        _ => Some("server_error"),
    };
    Outcome { status: Some(status.as_u16()), error, wait }
}

/// What is wrong with a request that was not answered.
fn fault(error: &reqwest::Error) -> &'static str {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<Inside>() {
            return "refused_target";
        }
        cause = inner.source();
    }
    match error {
        error if error.is_timeout() => "timeout",
        error if error.is_connect() => "unreachable",
        _ => "broken_off",
    }
}
