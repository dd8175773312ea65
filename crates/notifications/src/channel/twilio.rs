//! Text messages by Twilio, or by a provider that speaks as Twilio does.
use anyhow::bail;
use kit::settings::MessengerSettings;
use reqwest::{Client, StatusCode};
use serde::Deserialize;

use super::{Outgoing, http, set};
use crate::message::Trouble;

/// Refusals that are about us, not about the message: an operator can mend them. Sign-in, sender, messaging service,
/// a queue that is full.
const OUR_OWN_FAULT: [u32; 9] = [20003, 20404, 21212, 21603, 21606, 21611, 21659, 21701, 21703];
/// The recipient has told the provider to stop.
const STOPPED: u32 = 21610;

/// The provider. Clones share their connections.
#[derive(Clone)]
pub struct Twilio {
    http: Client,
    /// Where messages are posted.
    address: String,
    account: String,
    token: String,
    /// Name and value of the field that says who sends.
    sender: (&'static str, String),
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    code: u32,
}

impl Twilio {
    /// As `settings` have it; none while they have none.
    pub fn new(settings: &MessengerSettings, http: &Client) -> anyhow::Result<Option<Self>> {
        let given = [&settings.twilio_account, &settings.twilio_token, &settings.twilio_from];
        let given = given.map(|setting| set(setting.as_deref()));
        let [Some(account), Some(token), Some(from)] = given else {
            if given.iter().any(Option::is_some) {
                bail!("PATRON_TWILIO_ACCOUNT, PATRON_TWILIO_TOKEN and PATRON_TWILIO_FROM belong together");
            }
            return Ok(None);
        };
        let sender = if from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let base = settings.twilio_url.trim_end_matches('/');
        Ok(Some(Self {
            http: http.clone(),
            address: format!("{base}/2010-04-01/Accounts/{account}/Messages.json"),
            account: account.to_owned(),
            token: token.to_owned(),
            sender: (sender, from.to_owned()),
        }))
    }

    /// Hands `message` over.
    pub async fn send(&self, message: &Outgoing<'_>) -> Result<(), Trouble> {
        let form = [("To", message.to), (self.sender.0, &self.sender.1), ("Body", &message.rendered.text)];
        let request = self.http.post(&self.address).basic_auth(&self.account, Some(&self.token)).form(&form);
        let answer = request.send().await.map_err(|error| http::unreachable("Twilio", &error))?;
        let (status, wait) = (answer.status(), http::wait(&answer));
        if status.is_success() {
            return Ok(());
        }
        let Refusal { code } = http::read(answer).await;
        let about_it = status == StatusCode::BAD_REQUEST && !OUR_OWN_FAULT.contains(&code);
        match code {
            STOPPED if about_it => Err(Trouble::Lasting("unsubscribed")),
            _ if about_it => Err(Trouble::Lasting("rejected")),
            _ => Err(http::unwilling("Twilio", status, wait, &code.to_string())),
        }
    }
}
