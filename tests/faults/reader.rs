//! Staff and customers who look at things, and do not ask twice.
use std::sync::Arc;

use reqwest::Method;

use crate::{
    front::Front,
    ledger::{Ledger, Reply},
};

/// A reader.
#[derive(Clone)]
pub struct Reader {
    /// The shop.
    pub front: Front,
    /// Where it is written down.
    pub ledger: Arc<Ledger>,
    /// Whether they sign in now and then.
    pub signs_in: bool,
}

impl Reader {
    /// Looks at one thing after the other.
    pub async fn look(&self, number: usize) {
        let front = &self.front;
        let (what, request) = match number % 9 {
            0 => ("a search", front.staff("customers?q=returning")),
            1 => ("a list", front.staff("customers?sort=-total_spent")),
            2 => ("a profile", front.staff(&format!("customers/{}/profile", front.customer))),
            3 => ("orders", front.staff("orders")),
            4 => ("products", front.shop(Method::GET, "products")),
            5 => ("an open cart", front.shop(Method::GET, &format!("carts/{}", front.cart))),
            6 if self.signs_in => ("signing in", front.sign_in()),
            7 => ("a history", front.account("customers/orders")),
            _ => ("an account", front.account("customers/me")),
        };
        if let Reply::Answer(answer) = self.ledger.ask(what, request).await
            && answer.status != 200
        {
            self.ledger.complain(format!("{what}: {} {}", answer.status, answer.body));
        }
    }
}
