//! What one record says when another was merged into it. Figures add up, what is empty is filled, of what conflicts one
//! side stays.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Field;
use crate::customer::{Customer, Lifecycle, Registration};

/// The fields of which the record that goes is to be believed.
pub type Keep = BTreeSet<Field>;

/// Fields that are always told to have changed.
const ADDED_UP: [&str; 2] = ["orders_count", "total_spent"];

impl Customer {
    /// The tags of both, in alphabetical order.
    pub(super) fn all_tags(&self, gone: &Self) -> Vec<String> {
        self.tags.iter().chain(&gone.tags).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The meta of both; of members that both have, one side stays.
    pub(super) fn all_meta(&self, gone: &Self, keep: &Keep) -> Value {
        let (mut base, over) =
            if keep.contains(&Field::Meta) { (self.meta.clone(), &gone.meta) } else { (gone.meta.clone(), &self.meta) };
        if let (Value::Object(base), Value::Object(over)) = (&mut base, over) {
            base.extend(over.clone());
        }
        base
    }

    /// Takes over what `gone` has that this record lacks, and of the fields to `keep` what it says; answers the names of
    /// the fields that changed. Consents follow from their history.
    pub fn absorb(&mut self, gone: &Self, keep: &Keep, now: DateTime<Utc>) -> Vec<&'static str> {
        let before = self.clone();
        for field in Field::ALL {
            self.take(field, gone, keep);
        }
        self.tags = self.all_tags(gone);
        self.library_all |= gone.library_all;
        self.directory |= gone.directory;
        if self.ip.is_empty() {
            self.ip.clone_from(&gone.ip);
        }
        self.become_registered(gone);
        self.add_up(gone);
        self.touch(now);
        let changed = Field::ALL.into_iter().filter(|field| field.differs(&before, self)).map(Field::slug);
        changed.chain(ADDED_UP).collect()
    }

    fn take(&mut self, field: Field, gone: &Self, keep: &Keep) {
        let wanted = keep.contains(&field);
        let text = |own: &mut String, other: &String| {
            if !other.is_empty() && (wanted || own.is_empty()) {
                own.clone_from(other);
            }
        };
        match field {
            Field::Name => text(&mut self.name, &gone.name),
            Field::Username => text(&mut self.username, &gone.username),
            Field::PhotoUrl => text(&mut self.photo_url, &gone.photo_url),
            Field::Business => text(&mut self.business, &gone.business),
            Field::Fax => text(&mut self.fax, &gone.fax),
            Field::Language => text(&mut self.language, &gone.language),
            Field::Email => self.take_email(gone, wanted),
            Field::Phone => self.take_phone(gone, wanted),
            Field::Meta => self.meta = self.all_meta(gone, keep),
            Field::Contacts if wanted && !gone.contacts.is_empty() || self.contacts.is_empty() => {
                self.contacts.clone_from(&gone.contacts);
            }
            Field::Address if wanted && gone.address.is_some() || self.address.is_none() => {
                self.address.clone_from(&gone.address);
            }
            Field::Contacts | Field::Address => {}
        }
    }

    /// An address that nobody has proven does not begin to say who somebody is.
    fn take_email(&mut self, gone: &Self, wanted: bool) {
        if wanted {
            self.email.clone_from(&gone.email);
            self.email_canonical.clone_from(&gone.email_canonical);
            self.email_identifies = gone.email_identifies;
        }
    }

    /// A number that signed in goes on doing so.
    fn take_phone(&mut self, gone: &Self, wanted: bool) {
        if !gone.phone.is_empty() && (wanted || self.phone.is_empty()) && self.phone != gone.phone {
            self.phone.clone_from(&gone.phone);
            self.phone_verified_at = gone.phone_verified_at;
        } else if self.phone == gone.phone {
            self.phone_verified_at = self.phone_verified_at.or(gone.phone_verified_at);
        }
    }

    fn become_registered(&mut self, gone: &Self) {
        if gone.registration == Registration::Registered {
            self.registration = Registration::Registered;
            self.registered_at = [self.registered_at, gone.registered_at].into_iter().flatten().min();
        }
    }

    fn add_up(&mut self, gone: &Self) {
        if gone.lifecycle == Lifecycle::Customer {
            self.lifecycle = Lifecycle::Customer;
        }
        self.orders_count += gone.orders_count;
        self.spent_base += gone.spent_base;
        self.reviews_count += gone.reviews_count;
        self.first_order_at = [self.first_order_at, gone.first_order_at].into_iter().flatten().min();
        self.last_order_at = self.last_order_at.max(gone.last_order_at);
        self.last_activity_at = self.last_activity_at.max(gone.last_activity_at);
        // Nobody bought before there was a record of them: lists rely on it.
        self.created_at = self.created_at.min(gone.created_at);
    }
}

impl Field {
    fn differs(self, one: &Customer, other: &Customer) -> bool {
        match self {
            Self::Name => one.name != other.name,
            Self::Email => one.email != other.email,
            Self::Phone => one.phone != other.phone,
            Self::Username => one.username != other.username,
            Self::PhotoUrl => one.photo_url != other.photo_url,
            Self::Business => one.business != other.business,
            Self::Fax => one.fax != other.fax,
            Self::Contacts => one.contacts != other.contacts,
            Self::Language => one.language != other.language,
            Self::Meta => one.meta != other.meta,
            Self::Address => one.address != other.address,
        }
    }
}

#[cfg(test)]
mod tests {
    use kit::{email::Email, ids::RealmId, phone::Phone};
    use serde_json::json;

    use super::*;
    use crate::{customer::customer::Introduction, merge::Blocker};

    fn person(name: &str, email: &str, phone: Option<&str>) -> Customer {
        let phone = phone.and_then(|phone| Phone::parse(phone, None).ok());
        let introduction = Introduction { name: name.to_owned(), phone, ..Introduction::default() };
        let email = Email::parse(email).expect("an address");
        Customer::meet(RealmId::from_uuid(uuid::Uuid::nil()), &email, introduction, DateTime::UNIX_EPOCH)
    }

    fn ada() -> Customer {
        person("Ada Lovelace", "ada@example.com", None)
    }

    fn king() -> Customer {
        let mut king = person("Ada King", "ada@king.example", Some("+4930901820"));
        (king.orders_count, king.spent_base, king.reviews_count) = (2, 500, 1);
        king.lifecycle = Lifecycle::Customer;
        king.meta = json!({ "shoe": 38, "cat": true });
        king.tags = vec!["vip".to_owned()];
        king.phone_verified_at = Some(DateTime::UNIX_EPOCH);
        king
    }

    /// CU-13: of what conflicts the kept record's stays, what it lacks is filled, figures add up.
    #[test]
    fn one_record_is_made_of_two() {
        let mut kept = Customer { orders_count: 1, spent_base: 7, meta: json!({ "shoe": 37 }), ..ada() };
        let changed = kept.absorb(&king(), &Keep::new(), DateTime::UNIX_EPOCH);
        assert_eq!((&*kept.name, &*kept.email, &*kept.phone), ("Ada Lovelace", "ada@example.com", "+4930901820"));
        assert_eq!((kept.orders_count, kept.spent_base, kept.reviews_count), (3, 507, 1));
        assert_eq!((kept.lifecycle, &kept.meta), (Lifecycle::Customer, &json!({ "shoe": 37, "cat": true })));
        assert!(kept.phone_verified_at.is_some() && kept.tags == ["vip"] && kept.version == 2);
        assert_eq!(changed, ["phone", "meta", "orders_count", "total_spent"]);
    }

    /// CU-13: staff say of each field which side stays.
    #[test]
    fn staff_choose_a_side() {
        let keep: Keep = [Field::Name, Field::Email, Field::Meta].into();
        let mut kept = Customer { meta: json!({ "shoe": 37 }), ..ada() };
        kept.absorb(&king(), &keep, DateTime::UNIX_EPOCH);
        assert_eq!((&*kept.name, &*kept.email_canonical), ("Ada King", "ada@king.example"));
        assert_eq!(kept.meta["shoe"], 38);
    }

    /// CU-13: an empty side conflicts with nothing, and what is equal does not either.
    #[test]
    fn conflicts_are_what_differs() {
        let conflicts = |one: &Customer, other: &Customer| -> Vec<_> {
            Field::ALL.into_iter().filter(|field| field.conflicts(one, other)).map(Field::slug).collect()
        };
        assert_eq!(conflicts(&ada(), &king()), ["name", "email"]);
        assert!(conflicts(&ada(), &ada()).is_empty());
        let odd = Customer { meta: json!({ "shoe": 37 }), phone: "+49301".to_owned(), ..ada() };
        assert_eq!(conflicts(&odd, &king()), ["name", "email", "phone", "meta"]);
    }

    /// CU-13, ID-9: closed doors stay closed, limits hold, and nobody is locked out.
    #[test]
    fn some_things_stand_in_the_way() {
        let closed = Customer { status: crate::customer::Standing::Inactive, ..king() };
        assert_eq!(Blocker::of((&ada(), &closed), &Keep::new(), 0), [Blocker::Inactive]);
        assert_eq!(Blocker::of((&closed, &ada()), &Keep::new(), 51), [Blocker::Inactive, Blocker::Addresses]);
        let tagged = |letter: char| Customer { tags: (0..26).map(|n| format!("{letter}{n}")).collect(), ..ada() };
        assert_eq!(Blocker::of((&tagged('a'), &tagged('b')), &Keep::new(), 50), [Blocker::Tags]);
        let unproven = Customer { phone: "+4930901821".to_owned(), ..ada() };
        assert_eq!(Blocker::of((&king(), &unproven), &[Field::Phone].into(), 0), [Blocker::Phone]);
        assert!(Blocker::of((&king(), &unproven), &Keep::new(), 0).is_empty());
    }
}
