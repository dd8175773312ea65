//! Somebody who buys, and does not give up: what is refused or broken off is sent again under the same key, as a shop
//! front does.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use e2e::{Answer, http::text};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::{
    front::Front,
    ledger::{Ledger, Reply},
};

/// How long one purchase may take in all, whatever breaks.
const PATIENCE: Duration = Duration::from_secs(75);
/// How often a pending payment is asked about.
const GLANCE: Duration = Duration::from_millis(300);
/// Customers who come again and again, also at the same time.
const RETURNING: usize = 3;

/// A buyer.
#[derive(Clone)]
pub struct Buyer {
    /// The shop.
    pub front: Front,
    /// Where it is written down.
    pub ledger: Arc<Ledger>,
    /// How they pay.
    pub method: &'static str,
    /// Through which gateway.
    pub gateway: &'static str,
}

/// One purchase.
struct Purchase<'a> {
    buyer: &'a Buyer,
    started: Instant,
    /// Which of this load it is.
    number: usize,
}

impl Buyer {
    /// Buys once; what goes wrong is in the ledger.
    pub async fn buy(&self, number: usize) {
        let purchase = Purchase { buyer: self, started: Instant::now(), number };
        match purchase.complete().await {
            Ok(order) => self.ledger.acknowledge(&order),
            Err(error) => self.ledger.complain(format!("a purchase: {error:#}")),
        }
    }
}

impl Purchase<'_> {
    /// From a cart to an order; answers its id.
    async fn complete(&self) -> anyhow::Result<String> {
        let front = &self.buyer.front;
        let cart = self.insist("a cart", || front.shop(Method::GET, "carts")).await?.expect(200)?;
        let cart = text(&cart, "/id")?;
        let (path, body) = (format!("carts/{cart}/{}", front.product), json!({ "quantity": 1 + self.number % 3 }));
        self.post("a line", &path, &body).await?.expect(200)?;
        let contact = json!({ "email": self.email(), "name": "Ada Lovelace" });
        let checkout = json!({ "cart": cart, "gateway": self.buyer.gateway, "contact": contact });
        let checkout = self.post("a checkout", "checkouts", &checkout).await?.expect(200)?;
        let token = text(&checkout, "/token")?;
        if self.number % 5 != 1 {
            return self.pay(token).await;
        }
        // Somebody who presses the button twice.
        let (one, other) = tokio::join!(self.pay(token), self.pay(token));
        let (one, other) = (one?, other?);
        anyhow::ensure!(one == other, "one checkout gave two orders: {one} and {other}");
        Ok(one)
    }

    fn email(&self) -> String {
        match self.number % 3 {
            0 => format!("returning-{}@example.com", self.number / 3 % RETURNING),
            _ => format!("guest-{}@example.com", fresh()),
        }
    }

    /// Pays until there is an order; answers its id. A payment that came to nothing is made again by other means.
    async fn pay(&self, token: &str) -> anyhow::Result<String> {
        let mut method = self.buyer.method;
        loop {
            let body = json!({ "token": token, "payment_method": method });
            let mut answer = self.post("a capture", "checkouts/capture", &body).await?;
            while answer.status == 202 {
                tokio::time::sleep(GLANCE).await;
                let path = format!("checkouts/status?token={token}");
                answer = self.insist("a status", || self.buyer.front.shop(Method::GET, &path)).await?;
            }
            let status = answer.body["status"].as_str().unwrap_or_default();
            match (answer.status, status) {
                (200, "placed") => return Ok(text(&answer.body, "/id")?.to_owned()),
                (200, "open") | (422, _) if self.buyer.gateway == "stripe" => {}
                (200, "open") | (422, _) => method = "pm_test_ok",
                (code, _) => bail!("{code} for a capture: {}", answer.body),
            }
            anyhow::ensure!(self.started.elapsed() < PATIENCE, "unpaid after {PATIENCE:?}: {}", answer.body);
        }
    }

    async fn post(&self, what: &str, path: &str, body: &serde_json::Value) -> anyhow::Result<Answer> {
        let key = fresh();
        self.insist(what, || self.buyer.front.post(path, (&key, body))).await
    }

    /// Sends it until there is an answer that is not "later".
    async fn insist(&self, what: &str, request: impl Fn() -> RequestBuilder) -> anyhow::Result<Answer> {
        loop {
            match self.buyer.ledger.ask(what, request()).await {
                Reply::Answer(answer) => return Ok(answer),
                Reply::Later(wait) if self.started.elapsed() < PATIENCE => tokio::time::sleep(wait).await,
                Reply::Later(_) => None.with_context(|| format!("{what} was put off for {PATIENCE:?}"))?,
            }
        }
    }
}

/// Something nobody else has.
pub fn fresh() -> String {
    uuid::Uuid::from_u128(u128::from_be_bytes(kit::secret::random())).simple().to_string()
}
