//! From a template and its values to what is sent.
use std::collections::BTreeMap;

use proto::orders::v1::Order;

use super::{
    account, gift,
    gift::Present,
    kind::Template,
    letter::{Written, written},
    note, order, order_word, push,
    shop::Shop,
    staff,
    subscription::{self, Renewing},
    ticket::{self, Told},
};
use crate::message::{Channel, Trouble};

/// What the log shows instead of a secret (ID-6).
pub const MASK: &str = "••••••";

/// Everything a message is made of.
pub struct Matter<'a> {
    /// What it says.
    pub template: Template,
    /// What it travels by.
    pub channel: Channel,
    /// In whose name.
    pub shop: &'a Shop,
    /// Secret values by name.
    pub secrets: &'a BTreeMap<String, String>,
    /// The order it is about.
    pub order: Option<&'a Order>,
    /// Which part of the order it tells of: the id of a shipment or a refund; may be empty.
    pub part: &'a str,
    /// The ticket it is about.
    pub ticket: Option<&'a Told>,
    /// The subscription it is about.
    pub subscription: Option<&'a Renewing>,
    /// The gift it is about.
    pub gift: Option<&'a Present>,
    /// What staff wrote.
    pub written: Option<&'a Written>,
    /// Where its reader says that they want no more of these; empty unless it is marketing.
    pub opt_out: &'a str,
}

/// A message as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Subject; empty for channels without one.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as a page, for mail.
    pub html: Option<String>,
}

impl Rendered {
    /// The same under `subject`.
    #[must_use]
    pub fn titled(self, subject: String) -> Self {
        Self { subject, ..self }
    }
}

/// Renders a message.
pub fn render(matter: &Matter<'_>) -> Result<Rendered, Trouble> {
    let secret = |name: &str| matter.secrets.get(name).map(String::as_str).ok_or(Trouble::Lasting("value_missing"));
    let order = || matter.order.ok_or(Trouble::Lasting("order_unknown"));
    match matter.template {
        Template::OrderConfirmation => order::order_confirmation(matter.shop, order()?),
        Template::OrderPlaced => push::order_placed(matter.shop, order()?),
        Template::NewSignIn => Ok(push::new_sign_in(matter.shop)),
        Template::RegistrationCode => account::registration_code(matter.shop, secret("code")?, matter.channel),
        Template::AlreadyRegistered => account::already_registered(matter.shop, matter.channel),
        Template::StaffInvitation => staff::invitation(matter.shop, secret("link")?, secret("role")?),
        Template::GiftReceived => gift::word(matter.shop, matter.gift.ok_or(Trouble::Lasting("gift_unknown"))?),
        template if template.is_of_order() => order_word::word(matter.shop, template, (order()?, matter.part)),
        template if template.is_of_subscription() => {
            let about = matter.subscription.ok_or(Trouble::Lasting("subscription_unknown"))?;
            subscription::word(matter.shop, template, about)
        }
        template if template.is_of_ticket() => {
            ticket::word(matter.shop, template, matter.ticket.ok_or(Trouble::Lasting("ticket_unknown"))?)
        }
        template if template.is_written() => {
            let about = matter.written.ok_or(Trouble::Lasting("text_unknown"))?;
            written(matter.shop, about, matter.channel, matter.opt_out)
        }
        template => {
            let secret = template.secrets().first().map_or(Ok(""), |name| secret(name))?;
            note::note(matter.shop, template, [secret, matter.opt_out], matter.channel)
        }
    }
}

/// A mail of a text and a page.
pub(super) fn letter(text: &impl askama::Template, html: &impl askama::Template) -> Result<Rendered, Trouble> {
    let broken = |_| Trouble::Lasting("template_broken");
    let text = text.render().map_err(broken)?;
    Ok(Rendered { subject: String::new(), text, html: Some(html.render().map_err(broken)?) })
}
