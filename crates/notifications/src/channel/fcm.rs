//! Push messages by Firebase Cloud Messaging (HTTP v1), to whose project a service account has the key.
use std::{fs, path::Path};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::{clock::Clock, settings::MessengerSettings};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Outgoing, http, pass::Pass};
use crate::message::{Trouble, UNREGISTERED};

/// What the account may be used for.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// How long a token is asked for, at most an hour.
const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// How long before its end a token is no longer shown.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// The service. Clones share their connections and their token.
#[derive(Clone)]
pub struct Fcm {
    http: Client,
    clock: Clock,
    /// Where messages are posted.
    address: String,
    account: Account,
    key: EncodingKey,
    pass: Pass,
}

/// A service account as its file has it.
#[derive(Clone, Deserialize)]
struct Account {
    project_id: String,
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: Option<String>,
    token_uri: String,
}

#[derive(Default, Deserialize)]
struct Granted {
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    expires_in: i64,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: Reason,
}

#[derive(Default, Deserialize)]
struct Reason {
    #[serde(default)]
    status: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Default, Deserialize)]
struct Detail {
    #[serde(default, rename = "errorCode")]
    code: String,
}

impl Fcm {
    /// As `settings` have it; none while they have none.
    pub fn new(settings: &MessengerSettings, http: &Client, clock: &Clock) -> anyhow::Result<Option<Self>> {
        let file = settings.fcm_account.as_deref().filter(|file| !file.as_os_str().is_empty());
        file.map(|file| Self::of(file, settings, (http, clock)).context("PATRON_FCM_ACCOUNT cannot be used"))
            .transpose()
    }

    fn of(file: &Path, settings: &MessengerSettings, (http, clock): (&Client, &Clock)) -> anyhow::Result<Self> {
        let account: Account = serde_json::from_slice(&fs::read(file)?)?;
        let base = settings.fcm_url.trim_end_matches('/');
        Ok(Self {
            address: format!("{base}/v1/projects/{}/messages:send", account.project_id),
            key: EncodingKey::from_rsa_pem(account.private_key.as_bytes())?,
            account,
            http: http.clone(),
            clock: clock.clone(),
            pass: Pass::default(),
        })
    }

    /// Hands `message` over.
    pub async fn send(&self, message: &Outgoing<'_>) -> Result<(), Trouble> {
        let now = self.clock.now();
        let pass = self.pass.get(now, self.grant(now)).await?;
        let request = self.http.post(&self.address).bearer_auth(&pass).json(&body(message, now));
        let answer = request.send().await.map_err(|error| http::unreachable("Firebase", &error))?;
        let (status, wait) = (answer.status(), http::wait(&answer));
        if status.is_success() {
            return Ok(());
        }
        let Refusal { error } = http::read(answer).await;
        let code = error.details.into_iter().map(|detail| detail.code).find(|code| !code.is_empty());
        let code = code.unwrap_or(error.status);
        match (status, &*code) {
            (StatusCode::NOT_FOUND, "UNREGISTERED") => Err(Trouble::Lasting(UNREGISTERED)),
            (StatusCode::BAD_REQUEST, _) | (_, "SENDER_ID_MISMATCH") => Err(Trouble::Lasting("rejected")),
            (StatusCode::UNAUTHORIZED, _) => {
                self.pass.forget(&pass).await;
                Err(http::unwilling("Firebase", status, wait, &code))
            }
            _ => Err(http::unwilling("Firebase", status, wait, &code)),
        }
    }

    /// A token for the account, got for a claim that its key signs.
    async fn grant(&self, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>), Trouble> {
        let Account { client_email, token_uri, private_key_id, .. } = &self.account;
        let claims = json!({
            "iss": client_email, "scope": SCOPE, "aud": token_uri,
            "iat": now.timestamp(), "exp": (now + LIFETIME).timestamp(),
        });
        let header = Header { kid: private_key_id.clone(), ..Header::new(Algorithm::RS256) };
        let assertion = jsonwebtoken::encode(&header, &claims, &self.key);
        let assertion =
            assertion.map_err(|_| Trouble::Passing("the key of Firebase's account cannot sign".to_owned()))?;
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &assertion)];
        let answer = self.http.post(token_uri).form(&form).send().await;
        let answer = answer.map_err(|error| http::unreachable("Google", &error))?;
        let (status, wait) = (answer.status(), http::wait(&answer));
        let Granted { access_token, expires_in } = http::read(answer).await;
        if !status.is_success() || access_token.is_empty() {
            return Err(http::unwilling("Google", status, wait, ""));
        }
        let lifetime = TimeDelta::try_seconds(expires_in).unwrap_or_default().min(LIFETIME);
        Ok((access_token, now + lifetime - MARGIN))
    }
}

/// What Firebase is told. A repetition of the message takes the place of the former one on the device.
fn body(message: &Outgoing<'_>, now: DateTime<Utc>) -> Value {
    let (id, seconds) = (message.id.to_string(), (message.until - now).num_seconds().max(0));
    json!({"message": {
        "token": message.to,
        "notification": {"title": message.rendered.subject, "body": message.rendered.text},
        "data": {"message": id},
        "android": {"collapse_key": id, "ttl": format!("{seconds}s"), "notification": {"tag": id}},
        "webpush": {"headers": {"TTL": seconds.to_string()}, "notification": {"tag": id}},
        "apns": {"headers": {
            "apns-collapse-id": id, "apns-expiration": message.until.timestamp().to_string(),
        }},
    }})
}
