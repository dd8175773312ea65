//! Events about subscriptions (OR-7).
use prost_types::Timestamp;
use proto::orders::v1::{
    SubscriptionChanged, SubscriptionEnded, SubscriptionPastDue, SubscriptionRenewalUpcoming, SubscriptionRenewed,
    SubscriptionStarted,
};
use serde_json::{Value, json};

use super::{
    hook_event::{NOON, Public, Told, example},
    shops::{money, price},
};

/// A text.
fn text(text: String) -> Value {
    text.into()
}

/// A moment as the API writes it.
fn at(at: Option<Timestamp>) -> Value {
    let at = at.as_ref().and_then(kit::clock::datetime);
    at.map_or(Value::Null, |at| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true).into())
}

/// What all of them tell, and what each tells beside it.
macro_rules! public {
    ($event:ident, $title:literal, $says:literal, { $($name:literal: $field:ident as $told:expr => $sample:expr),* $(,)? }) => {
        impl Public for $event {
            const TITLE: &'static str = $title;
            const SAYS: &'static str = $says;

            fn told(self) -> Told {
                #[allow(unused_mut, reason = "some tell nothing beside it")]
                let mut data = json!({
                    "subscription": self.subscription, "customer": self.customer, "product": self.product,
                    "status": self.status, "version": self.version,
                });
                $(data[$name] = $told(self.$field);)*
                Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
            }

            fn sample() -> Self {
                Self {
                    store: example("sto"),
                    subscription: example("sub"),
                    customer: example("cus"),
                    product: example("prd"),
                    status: "active".to_owned(),
                    version: 3,
                    at: NOON,
                    $($field: $sample,)*
                    ..Self::default()
                }
            }
        }
    };
}

public!(SubscriptionStarted, "subscription.started", "A line of an order that was paid is renewed from now on.", {
    "order": order as text => example("ord"),
    "renews_at": renews_at as at => NOON,
});

public!(SubscriptionRenewed, "subscription.renewed", "A period of a subscription was charged, or agreed on invoice.", {
    "order": order as text => example("ord"),
    "amount": amount as money => Some(price()),
    "renews_at": renews_at as at => NOON,
});

public!(SubscriptionRenewalUpcoming, "subscription.renewal_upcoming", "A subscription renews soon.", {
    "amount": amount as money => Some(price()),
    "renews_at": renews_at as at => NOON,
});

public!(SubscriptionPastDue, "subscription.past_due", "A period of a subscription could not be charged, or an invoice is not paid (`reason` `invoice_unpaid`); it is tried again.", {
    "order": order as text => example("ord"),
    "reason": reason as text => "declined".to_owned(),
    "retry_at": retry_at as at => NOON,
});

public!(SubscriptionChanged, "subscription.updated", "A subscription was paused, resumed, cancelled, or is to be renewed otherwise.", {
    "change": change as text => "paused".to_owned(),
    "by": by as text => "customer".to_owned(),
});

public!(
    SubscriptionEnded,
    "subscription.ended",
    "A subscription is over: cancelled, or expired since it could not be charged.",
    {}
);
