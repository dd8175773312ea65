//! Events about carts.
use proto::carts::v1::{CartAbandoned, CartChanged, CartClosed, CartExpired, CartMerged};
use serde_json::json;

use super::{
    hook_event::{NOON, Public, Told, example},
    shops::id,
};

impl Public for CartChanged {
    const TITLE: &'static str = "cart.updated";
    const SAYS: &'static str = "Lines or owner of a cart changed.";

    fn told(self) -> Told {
        let data = json!({ "cart": self.cart, "customer": id(self.customer), "version": self.version });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            cart: example("cart"),
            customer: example("cus"),
            version: 3,
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for CartAbandoned {
    const TITLE: &'static str = "cart.abandoned";
    const SAYS: &'static str = "A cart with something in it was left alone for half an hour.";

    fn told(self) -> Told {
        let data = json!({ "cart": self.cart, "customer": id(self.customer) });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        let (store, cart, customer) = (example("sto"), example("cart"), example("cus"));
        Self { store, cart, customer, at: NOON, ..Self::default() }
    }
}

impl Public for CartExpired {
    const TITLE: &'static str = "cart.expired";
    const SAYS: &'static str = "Nobody touched a cart for 7 days, or 90 when its owner is known.";

    fn told(self) -> Told {
        let data = json!({ "cart": self.cart, "customer": id(self.customer) });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        let (store, cart, customer) = (example("sto"), example("cart"), example("cus"));
        Self { store, cart, customer, at: NOON, ..Self::default() }
    }
}

impl Public for CartMerged {
    const TITLE: &'static str = "cart.merged";
    const SAYS: &'static str = "What a guest had put into a cart went into that of the customer who signed in.";

    fn told(self) -> Told {
        let data = json!({ "cart": self.cart, "into": self.into, "customer": id(self.customer) });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        let (store, cart, into, customer) = (example("sto"), example("cart"), example("cart"), example("cus"));
        Self { store, cart, into, customer, at: NOON, ..Self::default() }
    }
}

impl Public for CartClosed {
    const TITLE: &'static str = "cart.closed";
    const SAYS: &'static str = "A cart became an order.";

    fn told(self) -> Told {
        let data = json!({ "cart": self.cart, "order": self.order });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { store: example("sto"), cart: example("cart"), order: example("ord"), at: NOON, ..Self::default() }
    }
}
