//! Messages and reviews.
use proto::{
    notifications::v1::{Message, Suppression},
    reviews::v1::Review,
};

use super::{Field, Personal, text};
use crate::redact;

impl Personal for Message {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "to", mask: recipient },
        Field { name: "subject", mask: |m| text(&mut m.subject, redact::text) },
        Field { name: "content", mask: |m| text(&mut m.content, redact::text) },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

fn recipient(message: &mut Message) -> bool {
    text(&mut message.to, by(&message.channel))
}

/// How what a message goes to is masked.
fn by(channel: &str) -> fn(&str) -> String {
    match channel {
        "email" => redact::email,
        "sms" => redact::phone,
        _ => redact::text,
    }
}

impl Personal for Suppression {
    const FIELDS: &'static [Field<Self>] = &[Field { name: "to", mask: |s| text(&mut s.to, by(&s.channel)) }];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

/// What a review says is public; of its author, staff see an id beside the name.
impl Personal for Review {
    const FIELDS: &'static [Field<Self>] =
        &[Field { name: "author_name", mask: |r| text(&mut r.author_name, redact::name) }];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-23: the recipient is masked as what it is, and the answer names what was masked.
    #[test]
    fn messages_are_masked_by_channel() {
        for (channel, to, masked) in [
            ("email", "ada@example.com", "a***@example.com"),
            ("sms", "+4930901820", "***20"),
            ("push", "token", "***"),
        ] {
            let (channel, to) = (channel.to_owned(), to.to_owned());
            let message = Message { channel, to, content: "Dear Ada".to_owned(), ..Default::default() };
            let message = super::super::redact(message);
            assert_eq!((message.to.as_str(), message.content.as_str()), (masked, "***"));
            assert_eq!(message.redacted, ["to", "content"]);
        }
    }
}
