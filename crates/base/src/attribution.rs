//! Attribution (CA-8): who and what brought a purchase about, from the cart to the order and its subscription.
use std::collections::BTreeMap;

use proto::base::v1 as pb;
use serde::{Deserialize, Serialize};

use crate::{failure::Violation, ids::StaffId};

/// Most characters of a word.
pub const LONGEST: usize = 200;
/// Most keys of the metadata.
pub const MOST_KEYS: usize = 20;
/// Most characters of a key.
pub const LONGEST_KEY: usize = 40;
/// Most characters of a value.
pub const LONGEST_VALUE: usize = 500;

/// Declares the words and whatever goes over all of them.
macro_rules! words {
    ($($word:ident)+) => {
        /// Who and what brought a purchase about. Empty texts mean unknown.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        #[expect(missing_docs, reason = "each is the contract's field of the same name")]
        pub struct Attribution {
            /// `stf_…` of whoever worked on it first.
            #[serde(skip_serializing_if = "String::is_empty")]
            pub agent: String,
            $(#[serde(skip_serializing_if = "String::is_empty")]
            pub $word: String,)+
            /// Whatever else was noted.
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub metadata: BTreeMap<String, String>,
        }

        impl Attribution {
            /// The words with their names.
            pub fn words(&self) -> impl Iterator<Item = (&'static str, &str)> {
                [$((stringify!($word), &*self.$word)),+].into_iter()
            }

            fn words_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut String)> {
                [$((stringify!($word), &mut self.$word)),+].into_iter()
            }
        }

        impl From<pb::Attribution> for Attribution {
            fn from(told: pb::Attribution) -> Self {
                Self { agent: told.agent, $($word: told.$word,)+ metadata: told.metadata }
            }
        }

        impl From<Attribution> for pb::Attribution {
            fn from(kept: Attribution) -> Self {
                Self { agent: kept.agent, $($word: kept.$word,)+ metadata: kept.metadata }
            }
        }
    };
}

words! {
    affiliate subaffiliate1 subaffiliate2 subaffiliate3 subaffiliate4 subaffiliate5 funnel gclid
    utm_source utm_medium utm_campaign utm_content utm_term
}

impl Attribution {
    /// Reads what somebody says, naming every fault. Spaces around words say nothing.
    pub fn parse(told: pb::Attribution) -> Result<Self, Vec<Violation>> {
        let mut read = Self::from(told);
        let mut faults = Vec::new();
        if !read.agent.is_empty() && read.agent.parse::<StaffId>().is_err() {
            faults.push(Violation::new("/agent", "malformed", "a member of staff is named stf_…"));
        }
        for (name, word) in read.words_mut() {
            *word = word.trim().to_owned();
            if word.chars().count() > LONGEST {
                faults.push(Violation::new(format!("/{name}"), "too_long", format!("at most {LONGEST} characters")));
            } else if word.chars().any(char::is_control) {
                faults.push(Violation::new(format!("/{name}"), "malformed", "no control characters"));
            }
        }
        faults.extend(read.check_metadata().err());
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    fn check_metadata(&self) -> Result<(), Violation> {
        let fault = |code: &'static str, detail: String| Err(Violation::new("/metadata", code, detail));
        if self.metadata.len() > MOST_KEYS {
            return fault("too_many", format!("at most {MOST_KEYS} keys"));
        }
        let is_key = |key: &str| (1..=LONGEST_KEY).contains(&key.chars().count()) && !key.chars().any(char::is_control);
        if !self.metadata.keys().all(|key| is_key(key)) {
            return fault("malformed", format!("keys have 1 to {LONGEST_KEY} characters"));
        }
        let is_value = |value: &str| value.chars().count() <= LONGEST_VALUE && !value.contains('\0');
        if !self.metadata.values().all(|value| is_value(value)) {
            return fault("too_long", format!("values have at most {LONGEST_VALUE} characters"));
        }
        Ok(())
    }

    /// Whether nothing is known, but perhaps who worked on it.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.metadata.is_empty() && self.words().all(|(_, word)| word.is_empty())
    }

    /// Whether there is what may lead to a person: what browsers are known by, and whatever else was noted.
    #[must_use]
    pub fn leads_to_somebody(&self) -> bool {
        !self.gclid.is_empty() || !self.metadata.is_empty()
    }

    /// What is known once somebody says `newest`: that replaces what was known, but for an agent who is recorded.
    pub fn replace(&mut self, newest: Self) {
        let agent = std::mem::take(&mut self.agent);
        *self = newest;
        if !agent.is_empty() {
            self.agent = agent;
        }
    }

    /// The same where it is merged: what is not said again stays.
    pub fn merge(&mut self, newest: Self) -> Result<(), Violation> {
        let said = newest.words().map(|(_, word)| word.to_owned()).collect::<Vec<_>>();
        for ((_, word), said) in self.words_mut().zip(said) {
            if !said.is_empty() {
                *word = said;
            }
        }
        if self.agent.is_empty() {
            self.agent = newest.agent;
        }
        self.metadata.extend(newest.metadata);
        self.check_metadata()
    }

    /// The staff member `who` works on it: they are its agent unless somebody is.
    pub fn worked_on_by(&mut self, who: StaffId) {
        if self.agent.is_empty() {
            self.agent = who.into();
        }
    }

    /// As the contract tells it; nothing when nothing is known.
    #[must_use]
    pub fn told(self) -> Option<pb::Attribution> {
        (self != Self::default()).then(|| self.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(agent: &str, affiliate: &str, funnel: &str) -> Attribution {
        let (agent, affiliate, funnel) = (agent.to_owned(), affiliate.to_owned(), funnel.to_owned());
        Attribution { agent, affiliate, funnel, ..Attribution::default() }
    }

    /// CA-8: the newest replaces, unless merging is asked; an agent who is recorded stays either way.
    #[test]
    fn the_newest_replaces_and_an_agent_stays() {
        let mut known = from("stf_1", "ann", "spring");
        known.replace(from("stf_2", "bob", ""));
        assert_eq!(known, from("stf_1", "bob", ""));
        known.merge(from("stf_2", "", "summer")).expect("it has room");
        assert_eq!(known, from("stf_1", "bob", "summer"));
        known.worked_on_by(StaffId::from_uuid(uuid::Uuid::nil()));
        assert_eq!(known.agent, "stf_1");
        let mut unknown = Attribution::default();
        unknown.replace(from("stf_2", "", ""));
        assert_eq!(unknown, from("stf_2", "", ""));
    }

    /// CA-8: metadata is a flat map that does not grow without end, not even by merging.
    #[test]
    fn metadata_has_a_largest_size() {
        let some = |from: usize, to: usize| (from..to).map(|n| (format!("k{n}"), "v".to_owned())).collect();
        let with = |metadata| Attribution { metadata, ..Attribution::default() };
        let mut known = with(some(0, MOST_KEYS));
        assert!(Attribution::parse(known.clone().into()).is_ok());
        assert_eq!(known.clone().merge(with(some(0, 3))), Ok(()));
        assert_eq!(known.merge(with(some(MOST_KEYS, MOST_KEYS + 1))).expect_err("no room").code, "too_many");
        for (key, value) in [("", "v"), ("k\n", "v"), ("k", "v\0")] {
            let odd = with([(key.to_owned(), value.to_owned())].into());
            assert_eq!(Attribution::parse(odd.into()).expect_err("odd").len(), 1, "{key:?} {value:?}");
        }
    }

    /// CA-8: every fault is named; spaces around words say nothing.
    #[test]
    fn words_are_short_and_plain() {
        let read = Attribution::parse(from("", " ann ", "").into());
        assert_eq!(read.map(|read| read.affiliate), Ok("ann".to_owned()));
        let faults = Attribution::parse(from("ann", &"a".repeat(LONGEST + 1), "a\nb").into()).expect_err("faulty");
        let pointers: Vec<_> = faults.iter().map(|fault| &*fault.pointer).collect();
        assert_eq!(pointers, ["/agent", "/affiliate", "/funnel"]);
    }

    /// CA-8: it is kept as the contract tells it, and nothing is kept of what is not known.
    #[test]
    fn what_is_unknown_takes_no_room() {
        assert_eq!(serde_json::to_string(&Attribution::default()).ok().as_deref(), Some("{}"));
        let known = from("stf_1", "ann", "");
        let text = serde_json::to_string(&known).unwrap_or_default();
        assert_eq!(text, r#"{"agent":"stf_1","affiliate":"ann"}"#);
        assert_eq!(serde_json::from_str::<Attribution>(&text).ok(), Some(known.clone()));
        assert_eq!(Attribution::from(pb::Attribution::from(known.clone())), known);
        assert_eq!(Attribution::default().told(), None);
    }
}
