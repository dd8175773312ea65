//! Push messages by Apple's own service, over HTTP/2, for which a key of the team signs.
use std::fs;

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::{clock::Clock, settings::MessengerSettings};
use reqwest::{Client, ClientBuilder, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::{Outgoing, http, pass::Pass, set};
use crate::message::{Trouble, UNREGISTERED};

/// How long a token is shown. Apple takes none that is older than an hour, and no new one within twenty minutes.
const SHOWN: TimeDelta = TimeDelta::minutes(40);

/// The service. Clones share their connections and their token.
#[derive(Clone)]
pub struct Apns {
    http: Client,
    clock: Clock,
    url: String,
    topic: String,
    team: String,
    /// The key, and what Apple knows it by.
    key: (EncodingKey, String),
    pass: Pass,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    reason: String,
}

impl Apns {
    /// As `settings` have it; none while they have none.
    pub fn new(settings: &MessengerSettings, http: ClientBuilder, clock: &Clock) -> anyhow::Result<Option<Self>> {
        let file = settings.apns_key.as_deref().filter(|file| !file.as_os_str().is_empty());
        let given = [&settings.apns_key_id, &settings.apns_team, &settings.apns_topic];
        let given = given.map(|setting| set(setting.as_deref()));
        let (Some(file), [Some(id), Some(team), Some(topic)]) = (file, given) else {
            if file.is_some() || given.iter().any(Option::is_some) {
                bail!("PATRON_APNS_KEY, PATRON_APNS_KEY_ID, PATRON_APNS_TEAM and PATRON_APNS_TOPIC belong together");
            }
            return Ok(None);
        };
        let key = fs::read(file).context("PATRON_APNS_KEY cannot be read")?;
        let key = EncodingKey::from_ec_pem(&key).context("PATRON_APNS_KEY cannot be used")?;
        Ok(Some(Self {
            http: http.http2_prior_knowledge().build()?,
            clock: clock.clone(),
            url: settings.apns_url.trim_end_matches('/').to_owned(),
            topic: topic.to_owned(),
            team: team.to_owned(),
            key: (key, id.to_owned()),
            pass: Pass::default(),
        }))
    }

    /// Hands `message` over. A repetition takes the place of the former one on the device.
    pub async fn send(&self, message: &Outgoing<'_>) -> Result<(), Trouble> {
        // It becomes part of an address.
        if message.to.is_empty() || !message.to.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Trouble::Lasting("rejected"));
        }
        let (now, id) = (self.clock.now(), message.id.to_string());
        let pass = self.pass.get(now, async { self.sign(now) }).await?;
        let alert = json!({"title": message.rendered.subject, "body": message.rendered.text});
        let request = self.http.post(format!("{}/3/device/{}", self.url, message.to)).bearer_auth(&pass);
        let request = request
            .header("apns-topic", &self.topic)
            .header("apns-push-type", "alert")
            .header("apns-priority", "10")
            .header("apns-id", message.id.uuid().to_string())
            .header("apns-collapse-id", &id)
            .header("apns-expiration", message.until.timestamp())
            .json(&json!({"aps": {"alert": alert, "sound": "default"}, "message": id}));
        let answer = request.send().await.map_err(|error| http::unreachable("Apple", &error))?;
        let (status, wait) = (answer.status(), http::wait(&answer));
        if status.is_success() {
            return Ok(());
        }
        let Refusal { reason } = http::read(answer).await;
        match status {
            StatusCode::GONE => Err(Trouble::Lasting(UNREGISTERED)),
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => Err(Trouble::Lasting("rejected")),
            StatusCode::FORBIDDEN => {
                self.pass.forget(&pass).await;
                Err(http::unwilling("Apple", status, wait, &reason))
            }
            _ => Err(http::unwilling("Apple", status, wait, &reason)),
        }
    }

    fn sign(&self, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>), Trouble> {
        let header = Header { kid: Some(self.key.1.clone()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&header, &json!({"iss": self.team, "iat": now.timestamp()}), &self.key.0);
        let token = token.map_err(|_| Trouble::Passing("Apple's key cannot sign".to_owned()))?;
        Ok((token, now + SHOWN))
    }
}
