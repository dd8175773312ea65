//! Events about what is sold (CA-1).
use proto::catalog::v1::{ProductChanged, ProductCreated, ProductDeleted};
use serde_json::json;

use super::hook_event::{NOON, Public, Told, example};

impl Public for ProductCreated {
    const TITLE: &'static str = "product.created";
    const SAYS: &'static str = "A product was added.";

    fn told(self) -> Told {
        let data = json!({ "product": self.product, "active": self.active, "version": self.version });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { store: example("sto"), product: example("prd"), active: true, version: 1, at: NOON, ..Self::default() }
    }
}

impl Public for ProductChanged {
    const TITLE: &'static str = "product.updated";
    const SAYS: &'static str = "A product was changed.";

    fn told(self) -> Told {
        let data = json!({ "product": self.product, "active": self.active, "version": self.version });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { store: example("sto"), product: example("prd"), active: true, version: 2, at: NOON, ..Self::default() }
    }
}

impl Public for ProductDeleted {
    const TITLE: &'static str = "product.deleted";
    const SAYS: &'static str = "A product was deleted; it was never sold.";

    fn told(self) -> Told {
        let data = json!({ "product": self.product, "version": self.version });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { store: example("sto"), product: example("prd"), version: 2, at: NOON, ..Self::default() }
    }
}
