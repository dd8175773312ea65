//! What is written in a ticket.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{RealmId, TicketCommentId, TicketId},
};
use proto::customers::v1 as pb;

use crate::{Error, fields::Fields};

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;
/// Longest text, in characters.
const LONGEST_TEXT: usize = 10_000;
/// Most tags of a ticket, and most products that it is about.
const MOST: usize = 20;
/// Longest tag, in characters.
const LONGEST_TAG: usize = 50;

/// Something that was written.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Comment {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: TicketCommentId,
    #[sqlx(rename = "ticket_id")]
    pub(crate) ticket: TicketId,
    /// Whether the customer sees it.
    pub(crate) public: bool,
    pub(crate) by_customer: bool,
    pub(crate) author: String,
    pub(crate) written_by: String,
    pub(crate) text: String,
    pub(crate) created_at: DateTime<Utc>,
}

impl Comment {
    /// Who wrote it, as events and the API say.
    #[must_use]
    pub const fn by(&self) -> &'static str {
        if self.by_customer { "customer" } else { "staff" }
    }

    /// As the API shows it, nothing masked.
    #[must_use]
    pub fn told(self) -> pb::TicketComment {
        pb::TicketComment {
            by: self.by().to_owned(),
            id: self.id.into(),
            ticket: self.ticket.into(),
            public: self.public,
            author: self.author,
            written_by: self.written_by,
            text: self.text,
            created_at: Some(timestamp(self.created_at)),
            redacted: Vec::new(),
            attachments: Vec::new(),
        }
    }
}

/// Reads what somebody wrote: several lines, without signs that cannot be printed.
pub fn text(given: &str, fields: &mut Fields) -> String {
    let given = given.replace("\r\n", "\n");
    let text = given.trim();
    if text.is_empty() {
        fields.fault("/text", "required", "say something");
    } else if given.chars().count() > LONGEST_TEXT {
        fields.fault("/text", "too_long", "at most 10 000 characters");
    } else if given.chars().any(|sign| sign.is_control() && !matches!(sign, '\n' | '\t')) {
        fields.fault("/text", "malformed", "this holds characters that cannot be printed");
    }
    text.to_owned()
}

/// The same where that is all.
pub fn text_alone(given: &str) -> Result<String, Error> {
    let mut fields = Fields::default();
    let text = text(given, &mut fields);
    fields.finish()?;
    Ok(text)
}

/// Reads what a ticket is about: one line.
pub fn subject(given: &str, fields: &mut Fields) -> String {
    let subject = fields.line("/subject", given, LONGEST_SUBJECT);
    if given.trim().is_empty() {
        fields.fault("/subject", "required", "say what it is about");
    }
    subject
}

/// Reads tags, each once, in their order.
pub fn tags(given: &[String], fields: &mut Fields) -> Vec<String> {
    let mut tags: Vec<String> = given.iter().map(|tag| fields.line("/tags", tag, LONGEST_TAG)).collect();
    if tags.iter().any(String::is_empty) {
        fields.fault("/tags", "required", "a tag says something");
    }
    tags.sort_unstable();
    tags.dedup();
    if tags.len() > MOST {
        fields.fault("/tags", "too_many", "at most 20 tags");
    }
    tags
}

/// Reads ids of products, each once.
pub fn products(given: &[String], fields: &mut Fields) -> Vec<kit::ids::ProductId> {
    let mut products: Vec<_> = given.iter().filter_map(|id| fields.id("/products", id)).collect();
    products.sort_unstable();
    products.dedup();
    if products.len() > MOST {
        fields.fault("/products", "too_many", "at most 20 products");
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_says_something_printable() {
        assert_eq!(text_alone(" one\r\ntwo ").ok().as_deref(), Some("one\ntwo"));
        for wrong in ["", " \n ", "a\0b", &"x".repeat(10_001)] {
            assert!(text_alone(wrong).is_err(), "{wrong:?}");
        }
        assert!(text_alone(&"x".repeat(10_000)).is_ok());
        for (given, fine) in [("Broken", true), ("", false), ("a\nb", false), (&"x".repeat(201), false)] {
            let mut fields = Fields::default();
            subject(given, &mut fields);
            assert_eq!(fields.finish().is_ok(), fine, "{given}");
        }
    }

    #[test]
    fn tags_come_once() {
        let mut fields = Fields::default();
        let given: Vec<String> = ["b", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(tags(&given, &mut fields), ["a", "b"]);
        assert!(fields.finish().is_ok());
        for wrong in [vec![String::new()], (0..21).map(|n| n.to_string()).collect(), vec!["x".repeat(51)]] {
            let mut fields = Fields::default();
            tags(&wrong, &mut fields);
            assert!(fields.finish().is_err(), "{wrong:?}");
        }
    }
}
