//! Subscriptions that come due under load: their months pass in seconds.
use std::time::Duration;

use e2e::{Shop, http::text};
use serde_json::json;
use sqlx::{Connection, PgConnection};

/// How often a month passes.
const PAUSE: Duration = Duration::from_millis(300);
/// How many subscriptions there are for each gateway.
const EACH: usize = 6;
/// How many come due at once.
const TURN: i64 = 2;

/// Has people subscribe, by cards at both gateways.
pub async fn subscribe(shop: &Shop<'_>) -> anyhow::Result<()> {
    let plan = json!({ "name": "Monthly", "interval": "month", "count": 1,
                       "price": { "amount": 1_200, "currency": "EUR" } });
    let product = json!({ "name": "Box", "sku": "BOX", "kind": "digital", "plans": [plan] });
    let product = shop.owner.post("/admin/v1/products", &product).await?.expect(201)?;
    for (gateway, method) in [("test", "pm_test_ok"), ("stripe", "pm_card_visa")] {
        for place in 0..EACH {
            let buyer = shop.guest();
            let cart = text(&buyer.get("carts").await?.expect(200)?, "/id")?.to_owned();
            let line = json!({ "quantity": 1, "plan": product["plans"][0]["id"] });
            buyer.post(&format!("carts/{cart}/{}", text(&product, "/id")?), &line).await?.expect(200)?;
            let email = format!("{gateway}-{place}@example.com");
            let token = buyer.checkout(&cart, &email, gateway).await?;
            buyer.capture(&token, method).await?.expect(200)?;
        }
    }
    Ok(())
}

/// Lets a month pass for those who have waited longest, again and again until `is_over`; answers for how many.
pub async fn pass(database: &str, is_over: impl Fn() -> bool) -> u64 {
    let mut passed = 0;
    while !is_over() {
        // The database may be what is broken.
        if let Ok(more) = tokio::time::timeout(Duration::from_secs(3), month(database)).await {
            passed += more.unwrap_or_default();
        }
        tokio::time::sleep(PAUSE).await;
    }
    passed
}

/// Lets the hour pass after which a renewal is charged again whose first charge a fault cut off before Stripe had heard of it.
pub async fn hour(db: &mut PgConnection) -> anyhow::Result<()> {
    let hour = "update orders.subscriptions set retry_at = now(), look_at = now()
                where state = 'active' and charging_id is null and retry_at > now()";
    sqlx::query(hour).execute(db).await?;
    Ok(())
}

async fn month(database: &str) -> anyhow::Result<u64> {
    let mut db = PgConnection::connect(database).await?;
    let month = "update orders.subscriptions s set anchor_at = anchor_at - (renews_at - now()),
                   starts_at = starts_at - (renews_at - now()), renews_at = now(), look_at = now(), noticed = true
                 from (select realm_id, id from orders.subscriptions
                       where state = 'active' and charging_id is null and renews_at > now()
                       order by cycle, id limit $1 for update skip locked) as due
                 where s.realm_id = due.realm_id and s.id = due.id";
    Ok(sqlx::query(month).bind(TURN).execute(&mut db).await?.rows_affected())
}
