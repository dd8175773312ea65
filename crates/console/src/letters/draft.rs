//! What somebody typed, shown again when it was not taken.
use proto::notifications::v1::LetterText;

use crate::{staff::Place, team::Fields, visit::SignedIn};

/// What somebody typed.
#[derive(Default)]
pub struct Draft {
    /// `email` or `sms`.
    pub channel: String,
    /// `service` or `marketing`.
    pub purpose: String,
    /// Subject of a mail.
    pub subject: String,
    /// Text.
    pub text: String,
    /// In whose name; empty where somebody works in a store.
    pub store: String,
    /// The same form sent again is the same message.
    pub key: String,
}

impl Draft {
    /// An empty one.
    pub fn new() -> Self {
        let [channel, purpose] = ["email", "service"].map(str::to_owned);
        Self { channel, purpose, key: kit::secret::token("write"), ..Self::default() }
    }

    /// What a form says.
    pub fn read(fields: &Fields) -> Self {
        Self {
            channel: fields.text("channel"),
            purpose: fields.text("purpose"),
            subject: fields.text("subject"),
            text: fields.text("text"),
            store: fields.text("store"),
            key: fields.text("key"),
        }
    }

    /// The same under another key: what was refused may be sent again.
    pub fn afresh(self) -> Self {
        Self { key: kit::secret::token("write"), ..self }
    }

    /// As services read it. A subject that was typed before the channel was changed is left out.
    pub fn letter(&self) -> LetterText {
        let subject = if self.channel == "sms" { String::new() } else { self.subject.clone() };
        LetterText { channel: self.channel.clone(), purpose: self.purpose.clone(), subject, text: self.text.clone() }
    }
}

/// The stores to choose from: none where somebody works in one already.
pub fn stores(desk: &SignedIn) -> Vec<Place> {
    let here = desk.session.actor.store.is_some();
    desk.session.places().into_iter().filter(|place| !here && !place.store.is_empty()).collect()
}
