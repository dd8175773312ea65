//! Staff who give money back of what was just bought: a part, a line, and twice at once more than there is.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use e2e::{Answer, http::text};
use serde_json::{Value, json};

use crate::{
    buyer::fresh,
    front::Front,
    ledger::{Ledger, Reply},
};

/// How long one refund may take in all, whatever breaks.
const PATIENCE: Duration = Duration::from_secs(75);

/// One of the staff.
#[derive(Clone)]
pub struct Giver {
    /// The shop.
    pub front: Front,
    /// Where it is written down.
    pub ledger: Arc<Ledger>,
}

impl Giver {
    /// Gives something back of an order that was acknowledged, if there is one; what goes wrong is in the ledger.
    pub async fn give(&self, number: usize) {
        let Some(order) = self.ledger.take_order() else { return };
        if let Err(error) = self.give_of(&order, number).await {
            self.ledger.complain(format!("a refund: {error:#}"));
        }
    }

    async fn give_of(&self, order: &str, number: usize) -> anyhow::Result<()> {
        let path = format!("orders/{order}");
        let seen = self.insist("an order", || self.front.staff(&path)).await?.expect(200)?;
        let (total, line) = (seen["total"]["amount"].as_i64().context("a total")?, text(&seen, "/lines/0/id")?);
        let part = |of: i64| json!({ "amount": total * of / 100, "currency": "EUR" });
        let told = |what: Value| json!({ "reason": "It was tried out.", "notify": false, "amount": what });
        match number % 4 {
            0 => {
                // Each would do; both are more than there is.
                let wish = told(part(60));
                let (one, other) = tokio::join!(self.refund(order, &wish), self.refund(order, &wish));
                let made = (one?, other?);
                anyhow::ensure!(made.0 != made.1, "of two refunds that are too much together not one was made");
            }
            1 => {
                let wish = json!({ "reason": "A mug was broken.", "notify": false, "lines": [{ "line": line, "quantity": 1 }] });
                self.refund(order, &wish).await?;
            }
            _ => {
                let (wish, another) = (told(part(30)), told(part(20)));
                let (one, other) = tokio::join!(self.refund(order, &wish), self.refund(order, &another));
                let made = (one?, other?);
                anyhow::ensure!(made.0 && made.1, "a refund of a part was refused");
            }
        }
        Ok(())
    }

    /// Gives `wish` back; whether it was not too much.
    async fn refund(&self, order: &str, wish: &Value) -> anyhow::Result<bool> {
        let (key, path) = (fresh(), format!("orders/{order}/refunds"));
        let answer = self.insist("a refund", || self.front.staff_post(&path, (&key, wish))).await?;
        match answer.status {
            201 => self.ledger.gave(text(&answer.body, "/id")?),
            422 if answer.body["code"] == "refund_too_large" => return Ok(false),
            code => bail!("{code} for a refund: {}", answer.body),
        }
        Ok(true)
    }

    async fn insist(&self, what: &str, request: impl Fn() -> reqwest::RequestBuilder) -> anyhow::Result<Answer> {
        let started = Instant::now();
        loop {
            match self.ledger.ask(what, request()).await {
                Reply::Answer(answer) => return Ok(answer),
                Reply::Later(wait) if started.elapsed() < PATIENCE => tokio::time::sleep(wait).await,
                Reply::Later(_) => bail!("{what} was put off for {PATIENCE:?}"),
            }
        }
    }
}
