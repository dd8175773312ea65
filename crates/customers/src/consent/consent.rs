//! A decision about marketing on a channel.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::{
    actor::{Actor, Kind},
    clock::timestamp,
};
use proto::customers::v1 as pb;

use crate::fields::Fields;

/// The channels of marketing.
pub const CHANNELS: [&str; 5] = ["email", "sms", "push", "phone", "post"];
/// Where shoppers decide, across stores.
pub const PORTAL: &str = "portal";
/// The link in a message that ends such messages.
pub const UNSUBSCRIBE: &str = "unsubscribe";
/// Longest source.
const SOURCE: usize = 40;

/// What somebody decided about a channel, when and where.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Consent {
    pub(crate) channel: String,
    pub(crate) granted: bool,
    pub(crate) source: String,
    pub(crate) actor: String,
    pub(crate) at: DateTime<Utc>,
}

impl From<Consent> for pb::Consent {
    fn from(consent: Consent) -> Self {
        let Consent { channel, granted, source, actor, at } = consent;
        Self { channel, granted, at: Some(timestamp(at)), source, actor }
    }
}

/// Reads decisions by channel; there has to be one.
pub fn decisions(given: impl IntoIterator<Item = (String, bool)>, fields: &mut Fields) -> BTreeMap<String, bool> {
    let decisions: BTreeMap<_, _> = given.into_iter().collect();
    if decisions.is_empty() {
        fields.fault("/consents", "required", "name a channel");
    }
    if decisions.keys().any(|channel| !CHANNELS.contains(&channel.as_str())) {
        fields.fault("/consents", "unknown", "the channels are email, sms, push, phone and post");
    }
    decisions
}

/// Where `actor` makes or records the decision. Only staff and services name the place themselves.
pub fn source(actor: &Actor, given: &str, fields: &mut Fields) -> String {
    let known = match actor.kind {
        Kind::Customer | Kind::Anonymous => "storefront",
        Kind::Shopper => PORTAL,
        Kind::Staff => "console",
        Kind::ApiKey => "api",
        Kind::System => &actor.subject,
    };
    if given.is_empty() || !(actor.is_staff() || actor.is_system()) {
        return known.to_owned();
    }
    let slug =
        given.len() <= SOURCE && given.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !slug {
        fields.fault("/source", "malformed", "a source is a short name such as trade_fair");
    }
    given.to_owned()
}

#[cfg(test)]
mod tests {
    use kit::assertion::Claims;

    use super::*;

    fn faults(fields: Fields) -> usize {
        match fields.finish() {
            Err(kit::Error::Invalid(faults)) => faults.len(),
            _ => 0,
        }
    }

    /// CU-16: customers decide where they are; staff may say where somebody told them.
    #[test]
    fn a_source_says_where() {
        let of = |kind, given: &str| {
            let actor = Actor::try_from(Claims::new(kind, "x", DateTime::UNIX_EPOCH)).expect("an actor");
            let mut fields = Fields::default();
            (source(&actor, given, &mut fields), faults(fields))
        };
        assert_eq!(of(Kind::Customer, "trade_fair"), ("storefront".to_owned(), 0));
        assert_eq!(of(Kind::Staff, "trade_fair"), ("trade_fair".to_owned(), 0));
        assert_eq!(of(Kind::ApiKey, ""), ("api".to_owned(), 0));
        assert_eq!(of(Kind::Staff, "on the phone with Ada").1, 1);
    }

    #[test]
    fn channels_are_known() {
        let of = |channels: &[&str]| {
            let mut fields = Fields::default();
            decisions(channels.iter().map(|channel| ((*channel).to_owned(), true)), &mut fields);
            faults(fields)
        };
        assert_eq!((of(&CHANNELS), of(&[]), of(&["fax"])), (0, 1, 1));
    }
}
