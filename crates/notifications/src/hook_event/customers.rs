//! Events about customers.
use proto::{
    customers::v1::{
        ConsentChanged, CustomerActivated, CustomerChanged, CustomerCreated, CustomerErased, CustomerInactivated,
        CustomerPromoted, CustomersMerged,
    },
    identity::v1::{CustomerClosed, CustomerRegistered},
};
use serde_json::json;

use super::hook_event::{NOON, Public, Told, example};

impl Public for CustomerCreated {
    const TITLE: &'static str = "customer.created";
    const SAYS: &'static str = "A customer record was made.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer, "lifecycle": self.lifecycle, "registration": self.registration });
        Told { realm: self.realm, customer: self.customer, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            customer: example("cus"),
            lifecycle: "lead".to_owned(),
            registration: "guest".to_owned(),
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for CustomerRegistered {
    const TITLE: &'static str = "customer.registered";
    const SAYS: &'static str = "A customer registered, or upgraded a guest record.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer });
        Told {
            realm: self.realm,
            // Registered with a network's key: those hear of it that know them.
            customer: if self.store.is_empty() { self.customer } else { String::new() },
            store: self.store,
            at: self.at,
            data,
            ..Told::default()
        }
    }

    fn sample() -> Self {
        Self { customer: example("cus"), store: example("sto"), at: NOON, ..Self::default() }
    }
}

impl Public for CustomerPromoted {
    const TITLE: &'static str = "customer.promoted";
    const SAYS: &'static str = "A lead bought for the first time.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer, "order": self.order });
        Told { realm: self.realm, customer: self.customer, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { customer: example("cus"), order: example("ord"), at: NOON, ..Self::default() }
    }
}

impl Public for CustomerChanged {
    const TITLE: &'static str = "customer.updated";
    const SAYS: &'static str = "Fields of a record changed; their names are told.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer, "fields": self.fields, "version": self.version });
        Told { realm: self.realm, customer: self.customer, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { customer: example("cus"), fields: vec!["phone".to_owned()], version: 2, at: NOON, ..Self::default() }
    }
}

impl Public for ConsentChanged {
    const TITLE: &'static str = "consent.changed";
    const SAYS: &'static str = "A customer agreed to marketing on a channel, or withdrew that.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer, "channel": self.channel, "granted": self.granted });
        Told { realm: self.realm, customer: self.customer, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { customer: example("cus"), channel: "email".to_owned(), granted: true, at: NOON, ..Self::default() }
    }
}

impl Public for CustomerInactivated {
    const TITLE: &'static str = "customer.inactivated";
    const SAYS: &'static str = "Staff closed every door to a customer.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer });
        Told { realm: self.realm, customer: self.customer, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { customer: example("cus"), at: NOON, ..Self::default() }
    }
}

impl Public for CustomerActivated {
    const TITLE: &'static str = "customer.activated";
    const SAYS: &'static str = "Staff opened every door to a customer again.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer });
        Told { realm: self.realm, customer: self.customer, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { customer: example("cus"), at: NOON, ..Self::default() }
    }
}

impl Public for CustomerClosed {
    const TITLE: &'static str = "customer.closed";
    const SAYS: &'static str = "A customer closed their account.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer });
        Told { realm: self.realm, customer: self.customer, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { customer: example("cus"), at: NOON, ..Self::default() }
    }
}

impl Public for CustomersMerged {
    const TITLE: &'static str = "customer.merged";
    const SAYS: &'static str = "Two records became one; the id of the one that is gone stands for the other.";

    fn told(self) -> Told {
        let data = json!({ "kept": self.kept, "gone": self.gone });
        Told { realm: self.realm, customer: self.kept, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { kept: example("cus"), gone: example("cus"), at: NOON, ..Self::default() }
    }
}

impl Public for CustomerErased {
    const TITLE: &'static str = "customer.erased";
    const SAYS: &'static str = "A person was erased: forget what you keep of them.";

    fn told(self) -> Told {
        let data = json!({ "customer": self.customer });
        Told { realm: self.realm, stores: self.stores, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { customer: example("cus"), stores: vec![example("sto")], at: NOON, ..Self::default() }
    }
}
