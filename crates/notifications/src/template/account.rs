//! Messages about an account: the code it is made with, and that there is one already (ID-1, ID-7).
use askama::Template;

use super::{
    render::{Rendered, letter},
    shop::Shop,
    wording::isolate,
};
use crate::message::{Channel, Trouble};

#[derive(Template)]
#[template(path = "registration_code.html")]
struct CodeHtml<'a> {
    shop: &'a Shop,
    subject: &'a str,
    code: &'a str,
}

#[derive(Template)]
#[template(path = "registration_code.txt")]
struct CodeText<'a> {
    shop: &'a Shop,
    code: &'a str,
}

/// The code that an account is made with.
pub fn registration_code(shop: &Shop, code: &str, channel: Channel) -> Result<Rendered, Trouble> {
    if channel != Channel::Email {
        let text = format!("{code} is your code for {}. It is valid for 10 minutes.", isolate(&shop.name));
        return Ok(Rendered { subject: String::new(), text, html: None });
    }
    let subject = format!("Your registration code for {}", isolate(&shop.name));
    letter(&CodeText { shop, code }, &CodeHtml { shop, subject: &subject, code })
        .map(|text| text.titled(subject.clone()))
}

#[derive(Template)]
#[template(path = "already_registered.html")]
struct KnownHtml<'a> {
    shop: &'a Shop,
    subject: &'a str,
}

#[derive(Template)]
#[template(path = "already_registered.txt")]
struct KnownText<'a> {
    shop: &'a Shop,
}

/// That the address or number has an account.
pub fn already_registered(shop: &Shop, channel: Channel) -> Result<Rendered, Trouble> {
    let name = isolate(&shop.name);
    if channel != Channel::Email {
        let text = format!("You already have an account at {name}: just sign in. Not you? Then ignore this message.");
        return Ok(Rendered { subject: String::new(), text, html: None });
    }
    let subject = format!("You already have an account at {name}");
    letter(&KnownText { shop }, &KnownHtml { shop, subject: &subject }).map(|text| text.titled(subject.clone()))
}
