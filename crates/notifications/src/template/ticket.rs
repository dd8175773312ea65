//! Word of support tickets to their customers (ST-2).
use proto::customers::v1::TicketLetter;

use super::{
    kind::Template,
    render::{MASK, Rendered, letter},
    shop::Shop,
    wording::{clean, isolate},
};
use crate::message::Trouble;

/// What is told of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    number: i64,
    subject: String,
    text: String,
    /// Where it is answered.
    link: String,
}

impl Told {
    /// What customers tells of it; it is answered at `link`.
    #[must_use]
    pub fn of(letter: TicketLetter, link: String) -> Self {
        Self { number: letter.number, subject: clean(&letter.subject), text: letter.text, link }
    }

    /// The same as the log keeps it: without what people wrote.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mask = |text: &str| if text.is_empty() { String::new() } else { MASK.to_owned() };
        Self { subject: mask(&self.subject), text: mask(&self.text), ..self.clone() }
    }
}

#[derive(askama::Template)]
#[template(path = "ticket.html")]
struct Html<'a> {
    shop: &'a Shop,
    subject: &'a str,
    lead: &'a str,
    ticket: &'a Told,
}

#[derive(askama::Template)]
#[template(path = "ticket.txt")]
struct Text<'a> {
    shop: &'a Shop,
    lead: &'a str,
    ticket: &'a Told,
}

/// The message `template` about `ticket`.
pub fn word(shop: &Shop, template: Template, ticket: &Told) -> Result<Rendered, Trouble> {
    let (name, number) = (isolate(&shop.name), ticket.number);
    let lead = match template {
        Template::TicketOpened => format!("{name} wrote to you (ticket {number}):"),
        Template::TicketReply => format!("{name} answered your ticket {number}:"),
        Template::TicketSolved => format!(
            "{name} has solved your ticket {number}. If that is not so, reply to it: it closes by itself after a while."
        ),
        _ => return Err(Trouble::Lasting("template_broken")),
    };
    let subject = format!("[{number}] {}", isolate(&ticket.subject));
    let html = Html { shop, subject: &subject, lead: &lead, ticket };
    letter(&Text { shop, lead: &lead, ticket }, &html).map(|letter| letter.titled(subject.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ST-2, NO-1: the customer reads what staff wrote as they wrote it, and the log nothing of it.
    #[test]
    fn a_reply_is_for_its_reader() -> Result<(), Trouble> {
        let shop = Shop { name: "Corner Shop".to_owned(), url: "https://shop.example.com".to_owned() };
        let (subject, text) = ("The <lid>\r\nBcc: all".to_owned(), "One.\n\n<b>Two</b>".to_owned());
        let letter = TicketLetter { number: 12, subject, text, ..TicketLetter::default() };
        let told = Told::of(letter, "https://patron.example/account".to_owned());
        for template in [Template::TicketReply, Template::TicketOpened, Template::TicketSolved] {
            let mail = word(&shop, template, &told)?;
            assert_eq!(mail.subject, "[12] The <lid> Bcc: all");
            let html = mail.html.unwrap_or_default();
            assert!(mail.text.contains("https://patron.example/account") && html.contains("patron.example/account"));
            assert!(
                html.contains("&#60;b&#62;Two") && mail.text.contains("One.\n\n<b>Two</b>"),
                "{html} {}",
                mail.text
            );
            let logged = word(&shop, template, &told.masked())?;
            assert!(!format!("{logged:?}").contains("Two") && !logged.subject.contains("lid"), "{logged:?}");
        }
        Ok(())
    }
}
