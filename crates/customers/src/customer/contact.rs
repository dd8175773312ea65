//! What somebody proved, and what becomes of it when they close their account.
use chrono::{DateTime, Utc};
use kit::{email::Email, ids::CustomerId, phone::Phone};

use super::{change::replace, customer::Customer, state::Registration};

/// An address or number that somebody proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contacted {
    /// An e-mail address.
    Email(Email),
    /// A phone.
    Phone(Phone),
}

impl Customer {
    /// A record, known by this id, whose owner proved an account elsewhere: the e-mail is one to write to (ID-4).
    #[must_use]
    pub fn of_provider(self, id: CustomerId) -> Self {
        Self { id, email_identifies: false, ..self }
    }

    /// Takes over what its owner proved: it signs them in from now on (ID-11).
    pub fn prove(&mut self, contact: &Contacted, now: DateTime<Utc>) -> Vec<&'static str> {
        let mut changed = Vec::new();
        match contact {
            Contacted::Email(email) => {
                replace(&mut self.email, Some(email.entered().to_owned()), "email", &mut changed);
                email.canonical().clone_into(&mut self.email_canonical);
                if !std::mem::replace(&mut self.email_identifies, true) && changed.is_empty() {
                    changed.push("email");
                }
            }
            Contacted::Phone(phone) => {
                replace(&mut self.phone, Some(phone.to_string()), "phone", &mut changed);
                if self.phone_verified_at.replace(now).is_none() && changed.is_empty() {
                    changed.push("phone");
                }
            }
        }
        self.seen(now);
        self.touch_if(&changed, now);
        changed
    }

    /// A guest's again, because they closed their account at `at`: nothing signs in to it. An account made since stays.
    pub fn closed(&mut self, at: DateTime<Utc>, now: DateTime<Utc>) -> Vec<&'static str> {
        if self.registration == Registration::Guest || self.registered_at.is_some_and(|registered| registered > at) {
            return Vec::new();
        }
        self.registration = Registration::Guest;
        (self.directory, self.library_all) = (false, false);
        self.registered_at = None;
        self.phone_verified_at = None;
        self.touch(now);
        vec!["registration"]
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kit::ids::RealmId;

    use super::*;
    use crate::customer::customer::Introduction;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn email(text: &str) -> Email {
        Email::parse(text).expect("an address")
    }

    fn ada() -> Customer {
        let introduction = Introduction { phone: Phone::parse("+4930901820", None).ok(), ..Introduction::default() };
        let realm = RealmId::from_uuid(uuid::Uuid::nil());
        Customer::meet(realm, &email("ada@example.com"), introduction, at(0)).registered().of_phone()
    }

    /// ID-11: what was proven signs in from now on; proving it again changes nothing.
    #[test]
    fn what_was_proven_counts() {
        let mut customer = ada();
        let same = Contacted::Email(email("ada@example.com"));
        assert_eq!(customer.prove(&same, at(1)), ["email"]);
        assert!(customer.email_identifies && customer.prove(&same, at(2)).is_empty());
        assert_eq!(customer.prove(&Contacted::Email(email("Ada@New.example")), at(3)), ["email"]);
        assert_eq!((&*customer.email, &*customer.email_canonical), ("Ada@New.example", "ada@new.example"));
        let phone = Phone::parse("+4930901821", None).expect("a number");
        assert_eq!(customer.prove(&Contacted::Phone(phone), at(4)), ["phone"]);
        assert_eq!((&*customer.phone, customer.version), ("+4930901821", 4));
    }

    /// ID-13: a closed account leaves a guest's record; one that was made since is not touched by late word.
    #[test]
    fn closing_makes_a_guest() {
        let mut customer = ada();
        (customer.directory, customer.library_all) = (true, true);
        assert_eq!(customer.closed(at(5), at(6)), ["registration"]);
        assert!(!customer.directory && !customer.library_all, "nobody is shown to members who is none");
        assert_eq!((customer.registered_at, customer.phone_verified_at), (None, None));
        assert!(customer.closed(at(5), at(7)).is_empty());
        customer.registered_at(at(8), at(8));
        assert!(customer.closed(at(5), at(9)).is_empty() && customer.is_registered());
    }
}
