//! What stands at the end of such a link: sealed, so that nobody guesses or changes it, and good for as long as the secret is.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kit::{
    ids::{CustomerId, RealmId, StoreId},
    secret::Secrets,
};
use uuid::Uuid;

use crate::message::Channel;

const PURPOSE: &str = "marketing opt-out";

/// Who wants no more of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptOut {
    /// Customer base.
    pub realm: RealmId,
    /// In whose name the message went.
    pub store: StoreId,
    /// Who.
    pub customer: CustomerId,
    /// What it went by.
    pub channel: Channel,
}

impl OptOut {
    /// As it stands in a link. It is another text each time.
    #[must_use]
    pub fn seal(&self, secrets: &Secrets) -> String {
        let mut plain = Vec::with_capacity(64);
        for id in [self.realm.uuid(), self.store.uuid(), self.customer.uuid()] {
            plain.extend_from_slice(id.as_bytes());
        }
        plain.extend_from_slice(self.channel.slug().as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(secrets.seal(PURPOSE, &[], &plain))
    }

    /// Reads such a text; none when it is not one of ours.
    #[must_use]
    pub fn open(secrets: &Secrets, token: &str) -> Option<Self> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let plain = secrets.open(PURPOSE, &[], &sealed).ok()?;
        let (ids, channel) = plain.split_at_checked(48)?;
        let id = |place: usize| Uuid::from_slice(ids.get(place * 16..(place + 1) * 16)?).ok();
        Some(Self {
            realm: RealmId::from_uuid(id(0)?),
            store: StoreId::from_uuid(id(1)?),
            customer: CustomerId::from_uuid(id(2)?),
            channel: Channel::parse(std::str::from_utf8(channel).ok()?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// CU-16: a link says whose it is to the house alone, and nobody makes one.
    #[test]
    fn a_link_cannot_be_made_up() {
        let now = DateTime::UNIX_EPOCH;
        let secrets = |digit: &str| Secrets::parse(&digit.repeat(64)).expect("a secret");
        let of = OptOut {
            realm: RealmId::new(now),
            store: StoreId::new(now),
            customer: CustomerId::new(now),
            channel: Channel::Email,
        };
        let token = of.seal(&secrets("1"));
        assert_eq!(OptOut::open(&secrets("1"), &token), Some(of));
        assert!(token.len() < 120 && OptOut::open(&secrets("2"), &token).is_none());
        let mut other = token.into_bytes();
        other[40] = if other[40] == b'A' { b'B' } else { b'A' };
        for wrong in [String::from_utf8(other).expect("a text"), String::new(), "abc".to_owned()] {
            assert!(OptOut::open(&secrets("1"), &wrong).is_none());
        }
    }
}
