//! `patron rebuild customers`: all that was derived is lost and comes back, while people buy.
use std::collections::BTreeMap;

use e2e::{House, Shop, http::send};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    clinic::{healthy, rebuild},
    healing::{Sale, everything_again, sell},
};
use crate::subscriptions::{self, subscribe};

/// What was derived of each customer, by id.
type Derived = BTreeMap<String, Value>;

/// What moves by being derived anew. Of a registration identity knows the moment as it knows it, a breath before customers
/// heard of it.
const OWN: [&str; 4] = ["version", "updated_at", "last_activity_at", "registered_at"];

async fn derived(shop: &Shop<'_>, people: &[&str]) -> anyhow::Result<Derived> {
    let mut all = Derived::new();
    for id in people {
        let mut customer = shop.owner.get(&format!("/admin/v1/customers/{id}")).await?.expect(200)?;
        for name in OWN {
            customer.as_object_mut().into_iter().for_each(|fields| drop(fields.remove(name)));
        }
        all.insert((*id).to_owned(), customer);
    }
    Ok(all)
}

/// Loses everything that came from events.
async fn lose(house: &House) -> anyhow::Result<()> {
    let lost = "delete from customer_products; delete from customer_orders; delete from customer_payments;
        delete from customer_reviews; delete from customer_spend; delete from customer_subscriptions;
        delete from customer_carts;
        update customer_stores set orders_count = 0, spent_base = 0, first_order_at = null, last_order_at = null,
          reviews_count = 0;
        update customers set orders_count = 0, spent_base = 0, first_order_at = null, last_order_at = null,
          reviews_count = 0, lifecycle = 'lead', registration = 'guest', registered_at = null";
    sqlx::raw_sql(lost).execute(&house.tables("customers").await?).await?;
    Ok(())
}

/// PL-2, CU-1, CU-4, CU-5: with all that was derived lost, and people buying meanwhile, customers ends with what it had and
/// with what was bought, each once; hearing everything once more changes nothing.
#[tokio::test]
async fn customers_are_derived_anew_while_they_buy() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (rita, account) = shop.register("rita@example.com", "Rita Reader").await?;
    rita.buy(&mug, "rita@example.com").await?;
    let monthly = subscriptions::sell(&shop, 0).await?;
    subscribe(&rita, &monthly, ("rita@example.com", "pm_test_ok")).await?;
    let review = json!({ "subject": mug, "rating": 5, "content": "Holds coffee." });
    assert!(rita.post("reviews", &review).await?.status < 300);
    let (ada, bob) = (sell(&shop, &mug, "ada").await?, sell(&shop, &mug, "bob").await?);
    give_back(&shop, &bob).await?;
    healthy(&house).await?;
    let rita = account["id"].as_str().unwrap_or_default();
    let people = [rita, ada.customer.as_str(), bob.customer.as_str()];
    let before = derived(&shop, &people).await?;
    assert_eq!((&before[rita]["reviews_count"], &before[rita]["orders_count"]), (&json!(1), &json!(2)));
    assert_eq!(before[rita]["subscriptions"], json!({ "active": 1, "cancelled": 0 }));
    assert_eq!(before[&bob.customer]["total_spent"][0]["amount"], 600, "net of what went back");

    lose(&house).await?;
    assert_ne!(derived(&shop, &people).await?, before);
    let (round, sold) = tokio::join!(rebuild(&house, &["--grace", "0"]), async {
        Ok::<_, anyhow::Error>([
            sell(&shop, &mug, "carl").await?,
            sell(&shop, &mug, "dora").await?,
            sell(&shop, &mug, "ada").await?,
        ])
    });
    let (round, [carl, dora, again]) = (round?, sold?);
    assert_eq!(again.customer, ada.customer);
    assert!(round.repaired("missing_order") >= 3, "{}", round.report);
    assert_eq!(round.repaired("missing_subscription"), 1, "{}", round.report);
    // What came while it was looked at counts by itself.
    rebuild(&house, &["--grace", "0"]).await?;
    healthy(&house).await?;
    let mut after = derived(&shop, &people).await?;
    let ada_since = after.insert(ada.customer.clone(), before[&ada.customer].clone());
    assert_eq!(after, before);
    assert_eq!(ada_since.map(|ada| ada["orders_count"].clone()), Some(json!(2)));
    let all = [rita, &ada.customer, &bob.customer, &carl.customer, &dora.customer];
    let whole = derived(&shop, &all).await?;
    everything_again(&house).await?;
    healthy(&house).await?;
    assert_eq!(derived(&shop, &all).await?, whole, "nothing counts twice");
    Ok(())
}

/// Part of the money of a sale goes back.
async fn give_back(shop: &Shop<'_>, sale: &Sale) -> anyhow::Result<()> {
    let refund = json!({ "amount": { "amount": 400, "currency": "EUR" }, "reason": "A scratch" });
    let at = format!("/admin/v1/orders/{}/refunds", sale.order);
    let refund = shop.owner.request(Method::POST, &at).header("Idempotency-Key", "refund").json(&refund);
    let answer = send(refund).await?;
    assert!(answer.status < 300, "{}", answer.body);
    Ok(())
}
