//! Webhooks: what happens in the shop is told to an address, signed (NO-5).
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, ensure};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap};
use base64::{Engine, prelude::BASE64_STANDARD};
use e2e::{Form, House, Shop, eventually, http::text};
use kit::secret::keyed_hash;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// An address that keeps what it is told. Clones are the same one.
#[derive(Clone, Default)]
struct Receiver {
    url: String,
    told: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    /// Whether it never answers.
    silent: Arc<AtomicBool>,
}

impl Receiver {
    async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let receiver = Self { url: format!("http://{}/hooks", listener.local_addr()?), ..Self::default() };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(receiver)
    }

    /// What was told of events of this name: headers and text.
    fn told(&self, event: &str) -> Vec<(HeaderMap, String)> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter().filter(|(_, body)| body.contains(&format!("\"type\":\"{event}\""))).cloned().collect()
    }

    /// The first that was told of events of this name, once it is.
    async fn first(&self, event: &str) -> anyhow::Result<(HeaderMap, String)> {
        eventually(&format!("the news of {event}"), || async { Ok(self.told(event).first().cloned()) }).await
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) {
    let text = String::from_utf8_lossy(&body).into_owned();
    receiver.told.lock().unwrap_or_else(PoisonError::into_inner).push((headers, text));
    if receiver.silent.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

/// As a receiver verifies what it is told.
fn verify(headers: &HeaderMap, body: &str, secret: &str) -> anyhow::Result<()> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).context("a header");
    let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").context("a secret")?)?;
    let key: [u8; 32] = key.try_into().ok().context("32 bytes")?;
    let signed = format!("{}.{}.{body}", header("webhook-id")?, header("webhook-timestamp")?);
    let expected = format!("v1,{}", BASE64_STANDARD.encode(keyed_hash(&key, signed.as_bytes())));
    ensure!(header("webhook-signature")?.split(' ').any(|signature| signature == expected), "{headers:?}");
    Ok(())
}

async fn house(form: Form) -> anyhow::Result<House> {
    House::start(form, vec![("PATRON_WEBHOOKS_INSIDE", "true".to_owned())]).await
}

/// NO-5, ID-23: after a purchase an address is told of the order, of the customer and of the money, signed and once;
/// nothing that says who bought is among it. Services run as processes of their own.
#[tokio::test]
async fn a_purchase_is_told() -> anyhow::Result<()> {
    let house = house(Form::Separate).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let receiver = Receiver::open().await?;
    let made = json!({ "url": receiver.url, "description": "Accounting" });
    let made = shop.owner.post("/admin/v1/webhooks", &made).await?.expect(201)?;
    let secret = text(&made, "/secret")?;
    let mug = shop.product("MUG", 1_999).await?;
    let order = shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
    let (headers, body) = receiver.first("order.placed").await?;
    verify(&headers, &body, secret)?;
    let told: Value = serde_json::from_str(&body)?;
    assert_eq!((&told["data"]["order"], &told["store"]), (&order["id"], &json!(shop.store.id)));
    assert_eq!(told["data"]["total"], json!({ "amount": 1_999, "currency": "EUR" }));
    for event in
        ["customer.created", "customer.promoted", "cart.updated", "cart.closed", "payment.captured", "message.sent"]
    {
        let (headers, body) = receiver.first(event).await?;
        verify(&headers, &body, secret)?;
    }
    for (_, body) in receiver.told.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        for personal in ["ada.lovelace", "Lovelace", "Unter den Linden", "901820", "127.0.0.1"] {
            ensure!(!body.contains(personal), "{personal} is in {body}");
        }
    }
    let id = text(&made, "/id")?;
    let log = eventually("the delivery is in the log", || async {
        let path = format!("/admin/v1/webhooks/{id}/deliveries?filter[event][eq]=order.placed");
        let log = shop.owner.get(&path).await?.expect(200)?;
        Ok((log["data"][0]["state"] == "delivered").then_some(log))
    });
    let log = log.await?;
    let again = format!("/admin/v1/webhooks/{id}/deliveries/{}/redeliver", text(&log, "/data/0/id")?);
    shop.owner.post(&again, &Value::Null).await?.expect(200)?;
    let told = eventually("it is told again", || async {
        Ok(Some(receiver.told("order.placed")).filter(|told| told.len() == 2))
    });
    let told = told.await?;
    assert_eq!(told[0].0["webhook-id"], told[1].0["webhook-id"]);
    Ok(())
}

/// PL-2, NO-5: a process that is killed while it tells has told nothing: another tells it, under the same id.
#[tokio::test]
async fn nothing_is_lost_with_a_process() -> anyhow::Result<()> {
    let mut house = house(Form::One).await?;
    let receiver = Receiver::open().await?;
    receiver.silent.store(true, Ordering::Relaxed);
    {
        let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
        let made = json!({ "url": receiver.url, "events": ["order.placed"] });
        shop.owner.post("/admin/v1/webhooks", &made).await?.expect(201)?;
        let mug = shop.product("MUG", 1_999).await?;
        shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
        receiver.first("order.placed").await?;
    }
    house.kill("gateway")?;
    receiver.silent.store(false, Ordering::Relaxed);
    let tables = house.tables("notifications").await?;
    // Its lease is over.
    let over = "update hook_deliveries set next_attempt_at = now() where state = 'pending'";
    assert_eq!(sqlx::query(over).execute(&tables).await?.rows_affected(), 1);
    house.revive("gateway")?;
    house.ready().await?;
    let told = eventually("it is told again", || async {
        Ok(Some(receiver.told("order.placed")).filter(|told| told.len() == 2))
    });
    let told = told.await?;
    assert_eq!((&told[0].0["webhook-id"], &told[0].1), (&told[1].0["webhook-id"], &told[1].1));
    eventually("it is recorded", || async {
        let state: String = sqlx::query_scalar("select state from hook_deliveries").fetch_one(&tables).await?;
        Ok((state == "delivered").then_some(()))
    })
    .await
}

/// NO-5: addresses that lead inside are refused, unless the house was told otherwise; others' webhooks are not there.
#[tokio::test]
async fn inside_is_refused() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    for url in
        ["https://169.254.169.254/latest", "https://localhost/", "http://hooks.example.com/", "https://a:b@c.example/"]
    {
        let refused = shop.owner.post("/admin/v1/webhooks", &json!({ "url": url })).await?;
        refused.problem(422, "target_refused")?;
    }
    let made = json!({ "url": "https://hooks.example.com/", "events": ["order.placed"] });
    let made = shop.owner.post("/admin/v1/webhooks", &made).await?.expect(201)?;
    let other = Shop::open(&house, "Other Shop", "EUR").await?;
    let path = format!("/admin/v1/webhooks/{}", text(&made, "/id")?);
    other.owner.get(&path).await?.problem(404, "webhook_not_found")?;
    let stale = shop.owner.request(Method::PATCH, &path).header("If-Match", "\"9\"");
    e2e::http::send(stale.json(&json!({ "enabled": false }))).await?.problem(412, "stale_version")?;
    let events = shop.owner.get("/admin/v1/webhook-events").await?.expect(200)?;
    let names = events["data"].as_array().context("a list")?;
    ensure!(names.iter().any(|event| event["name"] == "customer.erased"), "{events}");
    Ok(())
}
