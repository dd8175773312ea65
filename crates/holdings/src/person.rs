//! Whom a list is asked about.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, RealmId};
use sqlx::{Postgres, postgres::PgArguments, query::Query};

/// So many last digits of a phone number tell whose it is; how it begins is written in many ways.
const TELLING: usize = 6;
/// Shortest word of a name that tells anything by itself, in characters.
const SHORTEST: usize = 3;

/// A person as conditions of a list see them: `$1` the realm, `$2` their id, `$3` e-mail addresses in small letters, `$4`
/// phone numbers in E.164, `$5` the moment of the erasure, `$6` hashes that a service knows them by, `$7` words of
/// their name in small letters, `$8` whether the list is asked for themselves. What is about nobody's id is theirs by `$3` and `$4`, unless it is younger than `$5`:
/// the same address may come again as somebody new.
#[derive(Clone, Debug)]
pub struct Person {
    /// Customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
    /// E-mail addresses, in small letters, in every form they were written.
    pub emails: Vec<String>,
    /// Phone numbers in E.164.
    pub phones: Vec<String>,
    /// When they were erased, or the present.
    pub at: DateTime<Utc>,
    /// Hashes that the service knows them by.
    pub hashes: Vec<Vec<u8>>,
    /// The name and the words that tell anything of it, in small letters.
    pub words: Vec<String>,
    /// Whether it is for themselves, and not for a store, that the list is asked.
    pub own: bool,
}

impl Person {
    /// Somebody of whom nothing but the id is known any more.
    #[must_use]
    pub const fn unknown(realm: RealmId, customer: CustomerId, at: DateTime<Utc>) -> Self {
        Self {
            realm,
            customer,
            emails: Vec::new(),
            phones: Vec::new(),
            at,
            hashes: Vec::new(),
            words: Vec::new(),
            own: true,
        }
    }

    /// The same person, reached at these addresses and numbers and called by these names.
    #[must_use]
    pub fn called(self, emails: &[String], phones: &[String], names: &[String]) -> Self {
        let small = |texts: &[String]| -> BTreeSet<String> {
            texts.iter().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty()).collect()
        };
        let mut words = small(names);
        let parts = words.iter().flat_map(|name| name.split_whitespace()).map(ToOwned::to_owned).collect::<Vec<_>>();
        words.extend(parts);
        words.retain(|word| word.chars().count() >= SHORTEST);
        Self {
            emails: small(emails).into_iter().collect(),
            phones: small(phones).into_iter().collect(),
            words: words.into_iter().collect(),
            ..self
        }
    }

    /// Whether `text` names them: their name, a part of it, an address, or a number however it is written.
    #[must_use]
    pub fn is_named_in(&self, text: &str) -> bool {
        let (text, numbers) = (text.to_lowercase(), digits(text));
        self.words.iter().chain(&self.emails).any(|part| text.contains(part.as_str()))
            || self.phones.iter().map(|phone| digits(phone)).any(|phone| {
                let own = phone.len().saturating_sub(TELLING);
                phone.len() >= TELLING && numbers.contains(&phone[own..])
            })
    }

    /// Binds the parameters of conditions.
    pub(crate) fn bind<'q>(&'q self, sql: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
        sql.bind(self.realm)
            .bind(self.customer)
            .bind(&self.emails)
            .bind(&self.phones)
            .bind(self.at)
            .bind(&self.hashes)
            .bind(&self.words)
            .bind(self.own)
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// CU-15: words that tell nothing name nobody.
    #[test]
    fn a_person_is_named_by_words_that_tell() {
        let nobody =
            Person::unknown(RealmId::from_uuid(Uuid::nil()), CustomerId::from_uuid(Uuid::nil()), DateTime::UNIX_EPOCH);
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let li = nobody.called(&texts(&["Li@Example.com"]), &texts(&["+4930901820"]), &texts(&["Li Wu-Özil", ""]));
        assert_eq!(li.words, ["li wu-özil", "wu-özil"]);
        for naming in ["asked by LI@example.com", "call +4930901820", "call 030/90 18-20", "WU-ÖZIL asked"] {
            assert!(li.is_named_in(naming), "{naming}");
        }
        assert!(!li.is_named_in("asked by mail, believe me"));
    }
}
