//! Messages to those who work for a store (ID-21).
use askama::Template;

use super::{
    render::{Rendered, letter},
    shop::Shop,
    wording::isolate,
};
use crate::message::Trouble;

#[derive(Template)]
#[template(path = "staff_invitation.html")]
struct InvitationHtml<'a> {
    shop: &'a Shop,
    subject: &'a str,
    link: &'a str,
    role: &'a str,
}

#[derive(Template)]
#[template(path = "staff_invitation.txt")]
struct InvitationText<'a> {
    shop: &'a Shop,
    link: &'a str,
    role: &'a str,
}

/// That somebody is invited to work for the store as `role`.
pub fn invitation(shop: &Shop, link: &str, role: &str) -> Result<Rendered, Trouble> {
    let subject = format!("You are invited to work for {}", isolate(&shop.name));
    letter(&InvitationText { shop, link, role }, &InvitationHtml { shop, subject: &subject, link, role })
        .map(|text| text.titled(subject.clone()))
}
