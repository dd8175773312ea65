//! The ways out of the house (NO-2). Each works without any account: what no server or provider is set up for goes to a
//! folder.
mod apns;
mod fcm;
mod folder;
pub(crate) mod http;
mod mail;
mod pass;
mod push;
mod twilio;

use kit::{clock::Clock, ids::MessageId, settings::Settings};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde_json::json;

use self::{apns::Apns, fcm::Fcm, folder::Folder, push::Push, twilio::Twilio};
use crate::{
    message::{Channel, Trouble},
    template::Rendered,
};

/// A message on its way out.
pub struct Outgoing<'a> {
    /// What makes a repetition recognisable.
    pub id: MessageId,
    /// When it was queued.
    pub at: chrono::DateTime<chrono::Utc>,
    /// Until when it is of any use.
    pub until: chrono::DateTime<chrono::Utc>,
    /// Name of the sender.
    pub from_name: &'a str,
    /// Mail address of the sender.
    pub from: &'a str,
    /// Address, number, or what a push service knows a device by.
    pub to: &'a str,
    /// Platform of the device; empty for other channels.
    pub platform: &'a str,
    /// What it says.
    pub rendered: &'a Rendered,
    /// Where its reader says that they want no more of these; empty unless it is marketing.
    pub opt_out: &'a str,
}

/// The channels as this process is set up. Clones share their connections.
#[derive(Clone)]
pub struct Channels {
    mail: Mail,
    sms: Sms,
    push: Push,
}

#[derive(Clone)]
enum Mail {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(Folder),
}

#[derive(Clone)]
enum Sms {
    Twilio(Box<Twilio>),
    Folder(Folder),
}

impl Channels {
    /// The channels of `settings`.
    pub fn new(settings: &Settings, clock: &Clock) -> anyhow::Result<Self> {
        let mail = match settings.smtp_url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => Mail::Smtp(Box::new(mail::transport(url, settings.tls.tls_ca.as_deref())?)),
            None => Mail::Folder(Folder::new(&settings.mail_dir)),
        };
        let (messengers, roots) = (&settings.messengers, settings.tls.tls_ca.as_deref());
        let http = http::builder(roots)?.build()?;
        let sms = match Twilio::new(messengers, &http)? {
            Some(twilio) => Sms::Twilio(Box::new(twilio)),
            None => Sms::Folder(Folder::new(&settings.sms_dir)),
        };
        let push = Push {
            folder: Folder::new(&settings.push_dir),
            fcm: Fcm::new(messengers, &http, clock)?,
            apns: Apns::new(messengers, http::builder(roots)?, clock)?,
        };
        Ok(Self { mail, sms, push })
    }

    /// Hands `message` over. Done twice, the receiving side can tell that both are one: mail by its `Message-ID`, files
    /// by their name, push messages by what they replace. A text message whose receipt got lost comes twice.
    pub async fn send(&self, channel: Channel, message: &Outgoing<'_>) -> Result<(), Trouble> {
        match (channel, &self.mail) {
            (Channel::Email, Mail::Smtp(transport)) => {
                transport.send(mail::compose(message)?).await.map_err(|e| mail::trouble(&e))?;
                Ok(())
            }
            (Channel::Email, Mail::Folder(folder)) => {
                folder.put(format!("{}.eml", message.id), mail::compose(message)?.formatted()).await
            }
            (Channel::Sms, _) => match &self.sms {
                Sms::Twilio(twilio) => twilio.send(message).await,
                Sms::Folder(folder) => folder.put(format!("{}.json", message.id), note(message)).await,
            },
            (Channel::Push, _) => self.push.send(message).await,
        }
    }
}

/// A text or push message as a file.
fn note(message: &Outgoing<'_>) -> Vec<u8> {
    let note = json!({
        "id": message.id.to_string(),
        "at": message.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "from": message.from_name,
        "to": message.to,
        "title": message.rendered.subject,
        "text": message.rendered.text,
    });
    format!("{note:#}\n").into_bytes()
}

/// A setting, unless it is empty: compose files and manifests pass on what nobody has set.
fn set(setting: Option<&str>) -> Option<&str> {
    setting.map(str::trim).filter(|text| !text.is_empty())
}
