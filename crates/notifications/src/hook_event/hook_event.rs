//! An event as webhooks are told it.
use chrono::{DateTime, SecondsFormat, Utc};
use kit::{
    Error,
    clock::{datetime, timestamp},
    ids::HookEventId,
    inbox::Event,
};
use prost::{Message, Name};
use prost_types::Timestamp;
use proto::{
    carts::v1::{CartAbandoned, CartChanged, CartClosed, CartExpired, CartMerged},
    catalog::v1::{ProductChanged, ProductCreated, ProductDeleted},
    customers::v1::{
        ConsentChanged, CustomerActivated, CustomerChanged, CustomerCreated, CustomerErased, CustomerInactivated,
        CustomerPromoted, CustomersMerged, TicketChanged, TicketCommented, TicketOpened,
    },
    identity::v1::{CustomerClosed, CustomerRegistered},
    notifications::v1::{MessageFailed, MessageSent},
    orders::v1::{
        LibraryChanged, OrderCancelled, OrderFulfilled, OrderPlaced, PaymentCaptured, PaymentFailed, PaymentRefunded,
        ReceiptIssued, RefundFailed, SubscriptionChanged, SubscriptionEnded, SubscriptionPastDue,
        SubscriptionRenewalUpcoming, SubscriptionRenewed, SubscriptionStarted,
    },
    reviews::v1::{ReviewDeleted, ReviewSubmitted},
};
use serde_json::{Value, json};

/// The event that a test sends. Nobody has to ask for it.
pub const PING: &str = "ping";

/// What is told of an event, and to whom.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// `rlm_…`: its network, or the store that is in none, hears of it in any case.
    pub realm: String,
    /// `sto_…`, if it happened in one: that hears of it, too.
    pub store: String,
    /// Further stores that do.
    pub stores: Vec<String>,
    /// `cus_…` of an event of the whole customer base: of a network's stores those hear of it that know them (ID-21).
    pub customer: String,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Ids, amounts and states.
    pub data: Value,
}

/// An event of the house that webhooks are told of.
pub trait Public: Message + Name + Default {
    /// Its public name: noun, dot, past tense.
    const TITLE: &'static str;
    /// When it is sent, in a sentence.
    const SAYS: &'static str;

    /// What is told.
    fn told(self) -> Told;

    /// One as an example.
    fn sample() -> Self;
}

/// A kind of event.
pub struct Kind {
    /// Its public name.
    pub name: &'static str,
    /// When it is sent.
    pub says: &'static str,
    /// Package and name of the message it is made of.
    pub source: (&'static str, &'static str),
    /// What is told, if the event is of this kind.
    pub read: fn(&Event) -> Result<Option<Told>, Error>,
    /// What is told in an example.
    pub sample: fn() -> Told,
}

impl Kind {
    /// Whether it is made of messages of this full name.
    fn is_of(&self, subject: &str) -> bool {
        let (package, name) = self.source;
        subject.strip_prefix(package).and_then(|rest| rest.strip_prefix('.')) == Some(name)
    }
}

const fn of<E: Public>() -> Kind {
    Kind {
        name: E::TITLE,
        says: E::SAYS,
        source: (E::PACKAGE, E::NAME),
        read: |event| Ok(event.read::<E>()?.map(E::told)),
        sample: || E::sample().told(),
    }
}

/// Every kind of event there is.
pub const KINDS: &[Kind] = &[
    of::<CustomerCreated>(),
    of::<CustomerRegistered>(),
    of::<CustomerPromoted>(),
    of::<CustomerChanged>(),
    of::<ConsentChanged>(),
    of::<CustomerInactivated>(),
    of::<CustomerActivated>(),
    of::<CustomerClosed>(),
    of::<CustomersMerged>(),
    of::<CustomerErased>(),
    of::<TicketOpened>(),
    of::<TicketCommented>(),
    of::<TicketChanged>(),
    of::<CartChanged>(),
    of::<CartAbandoned>(),
    of::<CartExpired>(),
    of::<CartMerged>(),
    of::<CartClosed>(),
    of::<ProductCreated>(),
    of::<ProductChanged>(),
    of::<ProductDeleted>(),
    of::<OrderPlaced>(),
    of::<OrderFulfilled>(),
    of::<OrderCancelled>(),
    of::<PaymentCaptured>(),
    of::<PaymentFailed>(),
    of::<PaymentRefunded>(),
    of::<RefundFailed>(),
    of::<ReceiptIssued>(),
    of::<LibraryChanged>(),
    of::<SubscriptionStarted>(),
    of::<SubscriptionRenewed>(),
    of::<SubscriptionRenewalUpcoming>(),
    of::<SubscriptionPastDue>(),
    of::<SubscriptionChanged>(),
    of::<SubscriptionEnded>(),
    of::<ReviewSubmitted>(),
    of::<ReviewDeleted>(),
    of::<MessageSent>(),
    of::<MessageFailed>(),
];

/// Whether webhooks can ask for events of this name.
#[must_use]
pub fn is_known(name: &str) -> bool {
    KINDS.iter().any(|kind| kind.name == name)
}

/// The kind of `event`, with what is told of it.
pub fn kind(event: &Event) -> Result<Option<(&'static Kind, Told)>, Error> {
    let Some(kind) = KINDS.iter().find(|kind| kind.is_of(&event.subject)) else { return Ok(None) };
    Ok((kind.read)(event)?.map(|told| (kind, told)))
}

/// The body that is sent.
#[must_use]
pub fn body(id: HookEventId, name: &str, told: &Told, now: DateTime<Utc>) -> String {
    let at = told.at.as_ref().and_then(datetime).unwrap_or(now);
    let store = Some(&told.store).filter(|store| !store.is_empty());
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "id": id.to_string(), "type": name, "timestamp": at, "store": store, "data": told.data }).to_string()
}

/// What a test tells `place`.
#[must_use]
pub fn ping(place: &str, webhook: &str, now: DateTime<Utc>) -> Told {
    let store = if place.starts_with("sto_") { place.to_owned() } else { String::new() };
    Told { store, at: Some(timestamp(now)), data: json!({ "webhook": webhook }), ..Told::default() }
}

/// An id of an example.
pub(super) fn example(prefix: &str) -> String {
    format!("{prefix}_01939b7e5d3c7a2c9d2f1e0b7c6a5d40")
}

/// The moment of the examples.
pub(super) const NOON: Option<Timestamp> = Some(Timestamp { seconds: 1_772_452_800, nanos: 0 });

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kit::personal::is_personal;
    use prost_types::FileDescriptorSet;

    use super::*;

    /// Events that the world is told nothing of: they are the house's own matter, too frequent to be of use, or what
    /// they say follows from another.
    const UNTOLD: [&str; 10] = [
        "patron.carts.v1.CartHolderChanged",
        "patron.carts.v1.CartOpened",
        "patron.carts.v1.CheckoutLinkRevoked",
        "patron.carts.v1.WishlistChanged",
        "patron.customers.v1.CustomerLoginMoved",
        "patron.identity.v1.SessionRevoked",
        "patron.identity.v1.SignedIn",
        "patron.orders.v1.GiftGiven",
        "patron.orders.v1.PlacedLine",
        "patron.base.v1.StepDone",
    ];

    /// Whatever may stand in a body: nothing of it says who somebody is.
    const MEMBERS: &str = "id type timestamp store data customer lifecycle registration order fields version channel \
        granted kept gone cart total amount currency number lines product quantity subtotal kind transaction reason \
        into review author subject rating message webhook ticket follows comment public by status status_before \
        priority assignee active fulfilment_status line shipment refund subscription renews_at retry_at change products receipt";

    /// What is personal elsewhere: a review is of a product, not of what a message is about, and payments and messages
    /// fail with a code, not with what staff wrote.
    const HARMLESS: [(&str, &str); 5] = [
        ("review.submitted", "subject"),
        ("review.deleted", "subject"),
        ("payment.failed", "reason"),
        ("subscription.past_due", "reason"),
        ("message.failed", "reason"),
    ];

    /// Every member of `value`, at any depth.
    fn members(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(all) => all.iter().for_each(|(name, value)| {
                found.insert(name.clone());
                members(value, found);
            }),
            Value::Array(all) => all.iter().for_each(|value| members(value, found)),
            _ => {}
        }
    }

    /// NO-5: nobody adds an event to the house without saying whether webhooks are told of it.
    #[test]
    fn every_event_is_told_or_not() {
        let set = FileDescriptorSet::decode(proto::DESCRIPTORS).expect("descriptors");
        let files = set.file.iter().filter(|file| file.name().ends_with("/events.proto"));
        let all = files.flat_map(|file| {
            file.message_type.iter().map(move |message| format!("{}.{}", file.package(), message.name()))
        });
        let told = |name: &str| KINDS.iter().any(|kind| kind.is_of(name));
        let odd: Vec<_> = all.filter(|name| told(name) == UNTOLD.contains(&name.as_str())).collect();
        assert!(odd.is_empty(), "say what webhooks are told of these: {odd:?}");
    }

    /// ID-23, NO-5: no event tells anything personal: whoever set a webhook up reads the rest by the API, with their
    /// own permissions. A name that is no list's is told of here.
    #[test]
    fn nothing_personal_is_told() {
        let known: BTreeSet<&str> = MEMBERS.split_whitespace().collect();
        for kind in KINDS {
            let text = body(HookEventId::new(DateTime::UNIX_EPOCH), kind.name, &(kind.sample)(), DateTime::UNIX_EPOCH);
            let body: Value = serde_json::from_str(&text).expect("JSON");
            let mut found = BTreeSet::new();
            members(&body, &mut found);
            let personal = |name: &&String| is_personal(name, true) && !HARMLESS.contains(&(kind.name, name.as_str()));
            let odd: Vec<_> = found.iter().filter(|name| !known.contains(name.as_str())).collect();
            assert!(odd.is_empty(), "{}: {odd:?}", kind.name);
            let odd: Vec<_> = found.iter().filter(personal).collect();
            assert!(odd.is_empty(), "{}: {odd:?}", kind.name);
        }
    }

    /// NO-5: names are unique, well formed, and each example says its own.
    #[test]
    fn names_are_of_one_form() {
        let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for kind in KINDS {
            let (noun, verb) = kind.name.split_once('.').expect("a dot");
            assert!([noun, verb].iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
            assert!((kind.sample)().at.is_some() && kind.says.ends_with('.'), "{}", kind.name);
        }
    }
}
