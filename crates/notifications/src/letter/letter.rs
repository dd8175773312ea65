//! What staff write: plain text with placeholders of a short closed list.
use kit::{Error, address::line, failure::Violation};
use proto::notifications::v1::LetterText;

use crate::{
    message::{Channel, Purpose},
    template::{clean, isolate},
};

/// Longest subject, in characters.
const SUBJECT: usize = 200;
/// Longest text of a mail …
const MAIL: usize = 10_000;
/// … and of a text message.
const NOTE: usize = 1_000;

/// What staff wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What it travels by: mail or text messages.
    pub channel: Channel,
    /// What it is for.
    pub purpose: Purpose,
    /// Subject; empty for text messages.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// What placeholders stand for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Of the customer; may be empty.
    pub name: String,
    /// Of the store.
    pub store: String,
}

impl Letter {
    /// Reads what somebody wrote, or tells all its faults.
    pub fn parse(given: Option<&LetterText>) -> Result<Self, Error> {
        let given = given.cloned().unwrap_or_default();
        let mut faults = Vec::new();
        let channel = Channel::parse(&given.channel).filter(|channel| *channel != Channel::Push);
        if channel.is_none() {
            faults.push(Violation::new("/channel", "unknown", "the channel is email or sms"));
        }
        let purpose = Purpose::parse(&given.purpose);
        if purpose.is_none() {
            faults.push(Violation::new("/purpose", "unknown", "the purpose is service or marketing"));
        }
        let subject = line("/subject", &given.subject, SUBJECT, &mut faults);
        if channel == Some(Channel::Email) && subject.is_empty() {
            faults.push(Violation::new("/subject", "required", "a mail has a subject"));
        }
        if channel == Some(Channel::Sms) && !subject.is_empty() {
            faults.push(Violation::new("/subject", "not_taken", "a text message has no subject"));
        }
        let text = text(&given.text, if channel == Some(Channel::Sms) { NOTE } else { MAIL }, &mut faults);
        for (pointer, written) in [("/subject", &subject), ("/text", &text)] {
            if fill(written, &Names::default()).is_none() {
                let detail = "the placeholders are {{name}}, {{first_name}} and {{store}}";
                faults.push(Violation::new(pointer, "unknown_placeholder", detail));
            }
        }
        match (channel, purpose) {
            (Some(channel), Some(purpose)) if faults.is_empty() => Ok(Self { channel, purpose, subject, text }),
            _ => Err(Error::Invalid(faults)),
        }
    }

    /// Whether it needs consent (CU-16).
    #[must_use]
    pub fn is_marketing(&self) -> bool {
        self.purpose == Purpose::Marketing
    }

    /// The same to somebody: subject and text.
    #[must_use]
    pub fn to(&self, names: &Names) -> (String, String) {
        let filled = |text: &str| fill(text, names).unwrap_or_else(|| text.to_owned());
        (clean(&filled(&self.subject)), filled(&self.text))
    }
}

impl From<Letter> for LetterText {
    fn from(letter: Letter) -> Self {
        Self {
            channel: letter.channel.slug().to_owned(),
            purpose: letter.purpose.slug().to_owned(),
            subject: letter.subject,
            text: letter.text,
        }
    }
}

/// A text of several lines, none of which has control characters.
fn text(given: &str, longest: usize, faults: &mut Vec<Violation>) -> String {
    let text = given.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        faults.push(Violation::new("/text", "required", "say something"));
    }
    if text.chars().count() > longest {
        faults.push(Violation::new("/text", "too_long", "a mail has at most 10,000 characters, a text message 1,000"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        faults.push(Violation::new("/text", "malformed", "a text has no control characters"));
    }
    text
}

/// `text` with what its placeholders stand for; none when there is one that nobody knows. `{{name|there}}` says what stands
/// where there is no name. What is put in is looked through no further.
fn fill(text: &str, names: &Names) -> Option<String> {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((inside, after)) = behind.split_once("}}") else {
            filled.push_str("{{");
            rest = behind;
            continue;
        };
        let (placeholder, instead) = inside.split_once('|').unwrap_or((inside, ""));
        let name = clean(&names.name);
        let value = match placeholder.trim() {
            "name" => name,
            "first_name" => name.split_whitespace().next().unwrap_or_default().to_owned(),
            "store" => clean(&names.store),
            _ => return None,
        };
        filled.push_str(&if value.is_empty() { instead.trim().into() } else { isolate(&value) });
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn given(channel: &str, subject: &str, text: &str) -> Result<Letter, Vec<String>> {
        let (channel, purpose) = (channel.to_owned(), "service".to_owned());
        let letter = LetterText { channel, purpose, subject: subject.to_owned(), text: text.to_owned() };
        Letter::parse(Some(&letter)).map_err(|error| match error {
            Error::Invalid(faults) => faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect(),
            other => vec![other.to_string()],
        })
    }

    fn to(name: &str, text: &str) -> String {
        let names = Names { name: name.to_owned(), store: "Corner Shop".to_owned() };
        given("email", "Hello", text).expect("a letter").to(&names).1
    }

    /// NO-6: placeholders are of a closed list, and what they stand for is text and nothing else.
    #[test]
    fn placeholders_stand_for_names() {
        assert_eq!(to("Ada King Lovelace", "{{name}} {{ first_name }} {{store}}"), "Ada King Lovelace Ada Corner Shop");
        assert_eq!(to("", "Hello {{first_name|there}}, {{name}}!"), "Hello there, !");
        assert_eq!(to("{{store}} \r\nBcc: all", "{{name}}"), "{{store}} Bcc: all");
        assert_eq!(to("Ada", "{{ {{name"), "{{ {{name");
        assert_eq!(given("email", "{{password}}", "{{}}").expect_err("unknown").len(), 2);
    }

    /// NO-6: all faults are told at once.
    #[test]
    fn a_letter_says_something() {
        assert_eq!(given("push", "", " ").expect_err("faults"), ["/channel unknown", "/text required"]);
        assert_eq!(given("email", "", "Hello").expect_err("faults"), ["/subject required"]);
        assert_eq!(
            given("sms", "Hi", &"x".repeat(1_001)).expect_err("faults"),
            ["/subject not_taken", "/text too_long"]
        );
        assert_eq!(given("sms", "", "a\u{7}").expect_err("faults"), ["/text malformed"]);
        assert_eq!(given("email", "Hi", "One\r\n\r\nTwo\n").expect("a letter").text, "One\n\nTwo");
    }

    proptest! {
        #[test]
        fn text_without_placeholders_stays(text in "[^{]*") {
            prop_assert_eq!(fill(&text, &Names::default()), Some(text));
        }
    }
}
