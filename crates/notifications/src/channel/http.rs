//! Providers that are reached by HTTP: how long they may take, and what becomes of the message when they fail. Nothing
//! that they answer is told but codes of theirs, since the rest may name people; addresses may hold tokens.
use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use chrono::TimeDelta;
use reqwest::{Certificate, Client, ClientBuilder, Response, StatusCode, header::RETRY_AFTER, redirect::Policy};
use serde::de::DeserializeOwned;

use crate::message::Trouble;

/// How long a conversation may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How much of an answer is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// A client that trusts the public authorities, and those in the file `roots` (PL-7).
pub fn builder(roots: Option<&Path>) -> anyhow::Result<ClientBuilder> {
    let mut builder = Client::builder().timeout(PATIENCE).redirect(Policy::none());
    if let Some(file) = roots {
        for root in Certificate::from_pem_bundle(&fs::read(file).context("PATRON_TLS_CA cannot be read")?)? {
            builder = builder.add_root_certificate(root);
        }
    }
    Ok(builder)
}

/// A message for which `provider` could not be asked.
pub fn unreachable(provider: &str, error: &reqwest::Error) -> Trouble {
    let what = match error {
        error if error.is_timeout() => "took too long",
        error if error.is_connect() => "could not be reached",
        _ => "broke the conversation off",
    };
    Trouble::Passing(format!("{provider} {what}"))
}

/// A message that `provider` cannot take just now, or not with what we sign in with: an operator can mend that. `code`
/// is the provider's own word for it.
pub fn unwilling(provider: &str, status: StatusCode, wait: Option<TimeDelta>, code: &str) -> Trouble {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let code = if code.chars().all(known) && code.len() < 50 { code } else { "" };
    let words = format!("{provider} answered {} {code}", status.as_u16()).trim_end().to_owned();
    match wait {
        Some(wait) if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => Trouble::Held(words, wait),
        _ => Trouble::Passing(words),
    }
}

/// How long the provider asks to be left alone.
pub fn wait(answer: &Response) -> Option<TimeDelta> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    TimeDelta::try_seconds(seconds)
}

/// What an answer says; nothing when it cannot be read.
pub async fn read<T: DeserializeOwned + Default>(mut answer: Response) -> T {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return T::default();
        }
    }
    serde_json::from_slice(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// NO-1: a provider that takes a message and says nothing is given up on in good time, and the message waits.
    #[tokio::test]
    async fn a_silent_provider_is_not_waited_for() -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = builder(None)?.timeout(Duration::from_millis(50)).build()?;
        let asked = client.post(format!("http://{}", listener.local_addr()?)).send().await;
        let trouble = asked.err().map(|error| unreachable("Twilio", &error).to_string());
        assert_eq!(trouble.as_deref(), Some("it may work later: Twilio took too long"));
        Ok(())
    }

    /// PL-5: of what a provider says only a code is told, if it is one.
    #[test]
    fn words_of_providers_are_codes() {
        let told = |code| unwilling("Firebase", StatusCode::FORBIDDEN, None, code).to_string();
        assert_eq!(told("QUOTA_EXCEEDED"), "it may work later: Firebase answered 403 QUOTA_EXCEEDED");
        assert_eq!(told("+4930901820 is unknown"), "it may work later: Firebase answered 403");
    }
}
