//! The ways out of the house (NO-2). Each works without any account: without an SMTP server mail goes to a folder, as
//! text and push messages do.
mod folder;
mod mail;

use kit::{ids::MessageId, settings::Settings};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde_json::json;

use self::folder::Folder;
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
    /// Name of the sender.
    pub from_name: &'a str,
    /// Mail address of the sender.
    pub from: &'a str,
    /// Address, number or device.
    pub to: &'a str,
    /// What it says.
    pub rendered: &'a Rendered,
}

/// The channels as this process is set up. Clones share their connections.
#[derive(Clone)]
pub struct Channels {
    mail: Mail,
    sms: Folder,
    push: Folder,
}

#[derive(Clone)]
enum Mail {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(Folder),
}

impl Channels {
    /// The channels of `settings`.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let mail = match settings.smtp_url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => Mail::Smtp(Box::new(mail::transport(url, settings.tls.tls_ca.as_deref())?)),
            None => Mail::Folder(Folder::new(&settings.mail_dir)),
        };
        Ok(Self { mail, sms: Folder::new(&settings.sms_dir), push: Folder::new(&settings.push_dir) })
    }

    /// Hands `message` over. Done twice, the receiving side can tell that both are one: mail by its `Message-ID`, files
    /// by their name.
    pub async fn send(&self, channel: Channel, message: &Outgoing<'_>) -> Result<(), Trouble> {
        match (channel, &self.mail) {
            (Channel::Email, Mail::Smtp(transport)) => {
                transport.send(mail::compose(message)?).await.map_err(|e| mail::trouble(&e))?;
                Ok(())
            }
            (Channel::Email, Mail::Folder(folder)) => {
                folder.put(format!("{}.eml", message.id), mail::compose(message)?.formatted()).await
            }
            (Channel::Sms, _) => self.sms.put(format!("{}.json", message.id), note(message)).await,
            (Channel::Push, _) => self.push.put(format!("{}.json", message.id), note(message)).await,
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
        "text": message.rendered.text,
    });
    format!("{note:#}\n").into_bytes()
}
