//! Why somebody is not written to.
use proto::customers::v1 as pb;

use crate::{Error, customer::Customer, customer::Standing, fields::Fields};

/// What a message travels by, and what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// By mail, or else as a text message.
    mail: bool,
    /// Whether it is marketing, which needs consent (CU-16).
    pub(super) marketing: bool,
}

impl Way {
    /// Reads its channel.
    pub fn parse(channel: &str, marketing: bool) -> Result<Self, Error> {
        let mut fields = Fields::default();
        if !["email", "sms"].contains(&channel) {
            fields.fault("/channel", "unknown", "the channel is email or sms");
        }
        fields.finish()?;
        Ok(Self { mail: channel == "email", marketing })
    }

    /// Name of the channel, which consent is given for.
    #[must_use]
    pub const fn channel(self) -> &'static str {
        if self.mail { "email" } else { "sms" }
    }

    /// Name of the field that has to be there.
    #[must_use]
    pub const fn field(self) -> &'static str {
        if self.mail { "email" } else { "phone" }
    }

    /// Where a message to `customer` goes.
    #[must_use]
    pub fn address(self, customer: &Customer) -> &str {
        if self.mail { &customer.email } else { &customer.phone }
    }

    /// Why `customer` is not written to; empty when they may be.
    #[must_use]
    pub fn refusal(self, customer: &Customer) -> &'static str {
        let agreed = customer.consents.get(self.channel()).copied().unwrap_or_default();
        if customer.status != Standing::Active {
            "inactive"
        } else if self.address(customer).is_empty() {
            "no_address"
        } else if self.marketing && !agreed {
            "no_consent"
        } else {
            ""
        }
    }

    /// `customer` as whoever writes to them is told.
    #[must_use]
    pub fn told(self, customer: Customer) -> pb::Recipient {
        let (refusal, to) = (self.refusal(&customer).to_owned(), self.address(&customer).to_owned());
        pb::Recipient { customer: customer.id.into(), to, name: customer.name, refusal }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::{email::Email, ids::RealmId};

    use super::*;
    use crate::customer::customer::Introduction;

    /// NO-6, CU-16: marketing needs consent for its channel, everything needs an address and an open door.
    #[test]
    fn marketing_needs_consent() {
        let now = DateTime::UNIX_EPOCH;
        let email = Email::parse("ada@example.com").expect("an address");
        let mut ada = Customer::meet(RealmId::new(now), &email, Introduction::default(), now);
        let of =
            |channel, marketing, customer: &Customer| Way::parse(channel, marketing).expect("a way").refusal(customer);
        assert_eq!((of("email", false, &ada), of("email", true, &ada)), ("", "no_consent"));
        ada.consents.insert("sms".to_owned(), true);
        assert_eq!((of("email", true, &ada), of("sms", true, &ada)), ("no_consent", "no_address"));
        ada.consents.insert("email".to_owned(), true);
        assert_eq!(of("email", true, &ada), "");
        ada.consents.insert("email".to_owned(), false);
        assert_eq!(of("email", true, &ada), "no_consent");
        ada.status = Standing::Inactive;
        assert_eq!(of("email", false, &ada), "inactive");
        assert!(Way::parse("push", false).is_err());
    }
}
