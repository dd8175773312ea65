//! Speaks with Stripe: forms in, JSON out. Nothing of what it answers is logged but codes, since the rest may name people.
use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use reqwest::{Certificate, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde::{Deserialize, de::DeserializeOwned};

use super::wire::{Fault, Intent, Named};

/// How long one call may take. A payment takes two, and whoever pays waits eight seconds for both.
const PATIENCE: Duration = Duration::from_secs(7);
/// How long it may take until there is a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// How much of an answer is read, in bytes.
const LONGEST: usize = 512 * 1024;
/// The version of the API that answers are read as, whatever the account's own is.
pub const VERSION: &str = "2024-06-20";

/// A way to Stripe. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

/// A call that did not do what it was to do.
#[derive(Debug)]
pub enum Trouble {
    /// Stripe refused it, and will each time.
    Refused(Box<Fault>),
    /// Nobody knows whether it was done: asking again tells.
    Unknown(String),
}

/// Fields of a form, in Stripe's notation: `metadata[payment]`.
pub type Form = Vec<(&'static str, String)>;

impl Client {
    /// A client of the API at `base`, which trusts the public authorities and those in the file `roots` (PL-7).
    pub fn new(base: &str, roots: Option<&Path>) -> anyhow::Result<Self> {
        let mut http = reqwest::Client::builder().timeout(PATIENCE).connect_timeout(CONNECT).redirect(Policy::none());
        if let Some(file) = roots {
            for root in Certificate::from_pem_bundle(&fs::read(file).context("PATRON_TLS_CA cannot be read")?)? {
                http = http.add_root_certificate(root);
            }
        }
        let base = base.trim_end_matches('/');
        anyhow::ensure!(base.starts_with("https://") || base.starts_with("http://"), "PATRON_STRIPE_URL is no address");
        Ok(Self { http: http.build()?, base: base.to_owned() })
    }

    /// Makes something, once for each `once`, however often it is asked.
    pub async fn post<T: DeserializeOwned>(
        &self,
        key: &str,
        path: &str,
        (form, once): (&Form, &str),
    ) -> Result<T, Trouble> {
        let request = self.http.post(format!("{}/v1/{path}", self.base));
        Self::ask(request.bearer_auth(key).header("Idempotency-Key", once).form(form)).await
    }

    /// Reads something.
    pub async fn get<T: DeserializeOwned>(&self, key: &str, path: &str) -> Result<T, Trouble> {
        Self::ask(self.http.get(format!("{}/v1/{path}", self.base)).bearer_auth(key)).await
    }

    /// Deletes something; asking again does no harm.
    pub async fn delete(&self, key: &str, path: &str) -> Result<(), Trouble> {
        let _: Named = Self::ask(self.http.delete(format!("{}/v1/{path}", self.base)).bearer_auth(key)).await?;
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Trouble> {
        let answer = request.header("Stripe-Version", VERSION).send().await.map_err(|error| unreachable(&error))?;
        let status = answer.status();
        let body = read(answer).await?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|_| Trouble::Unknown("answered what cannot be read".to_owned()));
        }
        Err(trouble(status, &body))
    }
}

fn unreachable(error: &reqwest::Error) -> Trouble {
    let what = match error {
        error if error.is_timeout() => "took too long",
        error if error.is_connect() => "could not be reached",
        _ => "broke the conversation off",
    };
    Trouble::Unknown(what.to_owned())
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return Err(Trouble::Unknown("answered more than is read".to_owned()));
        }
    }
    Ok(body)
}

/// What an answer that is no success means. What is about our rate, about another call that is underway, or Stripe's own
/// fault, says nothing of whether it was done.
fn trouble(status: StatusCode, body: &[u8]) -> Trouble {
    #[derive(Deserialize)]
    struct Told {
        error: Fault<Intent>,
    }
    let passing = matches!(status, StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    if passing || !status.is_client_error() {
        return Trouble::Unknown(format!("answered {}", status.as_u16()));
    }
    let mut fault = serde_json::from_slice::<Told>(body).map(|told| told.error).unwrap_or_default();
    fault.status = status.as_u16();
    Trouble::Refused(Box::new(fault))
}

impl Trouble {
    /// As a failure that says: ask again.
    #[must_use]
    pub fn passing(self) -> kit::Error {
        let words = match self {
            Self::Refused(fault) => format!("refused with {} {}", fault.status, fault.word()),
            Self::Unknown(words) => words,
        };
        tracing::warn!(stripe.answer = words, "Stripe could not be asked");
        kit::Error::Busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-3: only a plain refusal is one; all else may have been done.
    #[test]
    fn what_is_not_refused_is_unknown() {
        for (status, is_refused) in [(400, true), (401, true), (402, true), (404, true), (409, false), (429, false)]
            .into_iter()
            .chain([(500, false), (503, false), (302, false)])
        {
            let status = StatusCode::from_u16(status).expect("a status");
            let trouble = trouble(status, br#"{"error": {"code": "card_declined", "type": "card_error"}}"#);
            assert_eq!(matches!(trouble, Trouble::Refused(_)), is_refused, "{status}");
        }
        assert!(matches!(trouble(StatusCode::BAD_REQUEST, b"<html>"), Trouble::Refused(_)));
    }
}
