//! Events about what customers have.
use proto::orders::v1::LibraryChanged;
use serde_json::json;

use super::hook_event::{NOON, Public, Told, example};

impl Public for LibraryChanged {
    const TITLE: &'static str = "library.changed";
    const SAYS: &'static str =
        "A customer's library changed: by a purchase, grant, gift, edit, revoke or refund, or by a rebuild.";

    fn told(self) -> Told {
        let order = Some(self.order).filter(|order| !order.is_empty());
        let data = json!({
            "customer": self.customer, "change": self.change, "products": self.products, "order": order,
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            customer: example("cus"),
            change: "purchase".to_owned(),
            products: vec![example("prd")],
            order: example("ord"),
            at: NOON,
            ..Self::default()
        }
    }
}
