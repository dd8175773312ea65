//! Mail: composed once, for SMTP and for the folder.
use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use kit::email::Email;
use lettre::{
    Address, AsyncSmtpTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        self,
        client::{Certificate, Tls, TlsParameters},
    },
};
use url::Url;

use super::Outgoing;
use crate::message::Trouble;

/// How long a step of the conversation with the server may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Replies about our own credentials, not about the message: an operator can mend them.
const OUR_OWN_FAULT: [&str; 4] = ["530", "534", "535", "538"];

/// The way to the SMTP server at `url`, which may also show a certificate of an authority in the file `roots` (PL-7).
pub fn transport(url: &str, roots: Option<&Path>) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
    let unusable = "PATRON_SMTP_URL cannot be used";
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).context(unusable)?;
    if let Some(file) = roots {
        builder = builder.tls(tls(&Url::parse(url).context(unusable)?, file)?);
    }
    Ok(builder.timeout(Some(PATIENCE)).build())
}

/// TLS as the address asks for it, with private authorities beside the public ones.
fn tls(url: &Url, roots: &Path) -> anyhow::Result<Tls> {
    let parameters = TlsParameters::builder(url.host_str().unwrap_or_default().to_owned());
    let roots = fs::read(roots).context("PATRON_TLS_CA cannot be read")?;
    let parameters = parameters.add_root_certificate(Certificate::from_pem(&roots)?).build()?;
    let asked = url.query_pairs().find_map(|(name, value)| (name == "tls").then_some(value));
    Ok(match (url.scheme(), asked.as_deref()) {
        ("smtps", _) => Tls::Wrapper(parameters),
        (_, Some("required")) => Tls::Required(parameters),
        (_, Some("opportunistic")) => Tls::Opportunistic(parameters),
        _ => Tls::None,
    })
}

/// `message` as a mail. The same message always becomes the same mail, `Message-ID` included.
pub fn compose(message: &Outgoing<'_>) -> Result<Message, Trouble> {
    let from = address(message.from).ok_or(Trouble::Lasting("sender_invalid"))?;
    let to = address(message.to).ok_or(Trouble::Lasting("recipient_invalid"))?;
    let id = format!("<{}@{}>", message.id, from.domain());
    let builder = Message::builder()
        .from(Mailbox::new(Some(message.from_name.to_owned()).filter(|name| !name.is_empty()), from))
        .to(Mailbox::new(None, to))
        .subject(&message.rendered.subject)
        .message_id(Some(id))
        .date(message.at.into())
        // No holiday answers to what nobody wrote by hand.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    let builder = opt_out(message.opt_out).into_iter().fold(builder, MessageBuilder::raw_header);
    let text = SinglePart::plain(message.rendered.text.clone());
    let mail = match &message.rendered.html {
        Some(html) => builder.multipart(
            MultiPart::alternative()
                .boundary(message.id.to_string())
                .singlepart(text)
                .singlepart(SinglePart::html(html.clone())),
        ),
        None => builder.singlepart(text),
    };
    mail.map_err(|_| Trouble::Lasting("mail_invalid"))
}

/// How mail programs offer to end marketing, by one click (CU-16, RFC 8058).
fn opt_out(link: &str) -> Vec<HeaderValue> {
    let header = |name, value| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
    if link.is_empty() {
        return Vec::new();
    }
    vec![
        header("List-Unsubscribe", format!("<{link}>")),
        header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
    ]
}

/// The address with its domain as the mail system spells it.
fn address(text: &str) -> Option<Address> {
    let email = Email::parse(text).ok()?;
    let (local, _) = email.entered().rsplit_once('@')?;
    let (_, domain) = email.canonical().rsplit_once('@')?;
    Address::new(local, domain).ok()
}

/// Replies about what was said, not about whom it was to: too large, or taken for spam.
const ABOUT_THE_MAIL: [&str; 2] = ["552", "554"];
/// How a reply begins that is about our own standing or somebody's policy, whatever its code (RFC 3463).
const POLICY: &str = "5.7.";

/// What a failure of the transport means for the message. Of a reply only the code is told: its text may name people.
pub fn trouble(error: &smtp::Error) -> Trouble {
    let Some(code) = error.status().map(|code| code.to_string()) else {
        return Trouble::Passing(error.to_string());
    };
    if !error.is_permanent() || OUR_OWN_FAULT.contains(&code.as_str()) {
        Trouble::Passing(format!("the mail server answered {code}"))
    } else if ABOUT_THE_MAIL.contains(&code.as_str()) || error.to_string().contains(POLICY) {
        Trouble::Lasting("refused")
    } else {
        Trouble::Lasting("rejected")
    }
}
