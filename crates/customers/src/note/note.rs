//! A note: who may change it, and for how long.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, NoteId, RealmId},
};
use proto::customers::v1 as pb;

use crate::{Error, fields::Fields};

/// How long its author may change a note.
pub const EDITABLE: TimeDelta = TimeDelta::minutes(5);
/// Longest note, in characters.
const LONGEST: usize = 5_000;

/// A note about a customer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: NoteId,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    pub(crate) author: String,
    pub(crate) written_by: String,
    pub(crate) text: String,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) edited_at: Option<DateTime<Utc>>,
}

impl Note {
    /// Changes what it says. Only its author does, and only within five minutes.
    pub fn edit(&mut self, text: String, author: &str, now: DateTime<Utc>) -> Result<(), Error> {
        if self.author != author {
            return Err(Error::NotAuthor);
        }
        if now - self.created_at > EDITABLE {
            return Err(Error::NoteFixed);
        }
        if self.text != text {
            self.text = text;
            self.edited_at = Some(now);
            self.version += 1;
        }
        Ok(())
    }

    /// As the API shows it, nothing masked.
    #[must_use]
    pub fn told(self) -> pb::Note {
        pb::Note {
            editable_until: Some(timestamp(self.created_at + EDITABLE)),
            id: self.id.into(),
            customer: self.customer.into(),
            text: self.text,
            author: self.author,
            written_by: self.written_by,
            created_at: Some(timestamp(self.created_at)),
            edited_at: self.edited_at.map(timestamp),
            version: self.version,
            redacted: Vec::new(),
        }
    }
}

/// Reads what a note says: several lines, without signs that cannot be printed.
pub fn text(given: &str) -> Result<String, Error> {
    let (mut fields, given) = (Fields::default(), given.replace("\r\n", "\n"));
    let text = given.trim().to_owned();
    if text.is_empty() {
        fields.fault("/text", "required", "a note says something");
    } else if given.chars().count() > LONGEST {
        fields.fault("/text", "too_long", "at most 5 000 characters");
    } else if given.chars().any(|sign| sign.is_control() && !matches!(sign, '\n' | '\t')) {
        fields.fault("/text", "malformed", "this holds characters that cannot be printed");
    }
    fields.finish()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    /// CU-10: its author changes it for exactly five minutes, and nobody else ever.
    #[test]
    fn a_note_is_fixed_after_five_minutes() {
        let (realm, customer) = (RealmId::from_uuid(uuid::Uuid::nil()), CustomerId::from_uuid(uuid::Uuid::nil()));
        let note = Note {
            realm,
            id: NoteId::new(at(0)),
            customer,
            author: "stf_1".to_owned(),
            written_by: String::new(),
            text: "Called".to_owned(),
            version: 1,
            created_at: at(0),
            edited_at: None,
        };
        let edited = |author: &str, now| {
            let mut note = note.clone();
            note.edit("Called twice".to_owned(), author, now).map(|()| note.version)
        };
        assert!(matches!(edited("stf_1", at(299)), Ok(2)) && matches!(edited("stf_1", at(300)), Ok(2)));
        assert!(matches!(edited("stf_1", at(300) + TimeDelta::microseconds(1)), Err(Error::NoteFixed)));
        assert!(matches!(edited("stf_1", at(301)), Err(Error::NoteFixed)));
        assert!(matches!(edited("stf_2", at(1)), Err(Error::NotAuthor)));
    }

    #[test]
    fn notes_say_something_printable() {
        assert_eq!(text(" one\r\ntwo ").ok().as_deref(), Some("one\ntwo"));
        for wrong in ["", " \n ", "a\0b", &"x".repeat(5_001)] {
            assert!(text(wrong).is_err(), "{wrong:?}");
        }
    }
}
