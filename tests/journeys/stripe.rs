//! Payments by Stripe through the whole house, at a Stripe that somebody else wrote.
use anyhow::{Context, ensure};
use chrono::TimeDelta;
use e2e::{
    Form, House, Shop, eventually,
    http::{send, text},
};
use kit::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use testing::{FakeStripe, LocalStripe, local_stripe::KEY};

/// What webhooks are signed with. localstripe sends none about payments: the journey does.
const SECRET: &str = testing::stripe::WEBHOOK_SECRET;

async fn open(stripe: &LocalStripe) -> anyhow::Result<House> {
    House::start(Form::One, vec![("PATRON_STRIPE_URL", stripe.url.clone())]).await
}

/// Sets Stripe up for `shop`, and `shop` at Stripe.
async fn set_up(shop: &Shop<'_>, stripe: &LocalStripe) -> anyhow::Result<()> {
    let keys =
        json!({ "enabled": true, "secret_key": KEY, "webhook_secret": SECRET, "publishable_key": "pk_test_shown" });
    let set = shop.owner.request(Method::PUT, "/admin/v1/gateways/stripe").json(&keys);
    let set = send(set).await?.expect(200)?;
    ensure!(set["key_ending"] == "ripe" && !set.to_string().contains(KEY), "{set}");
    let (_, path) = text(&set, "/webhook_url")?.split_once("/hooks/").context("an address")?;
    stripe.tell(&format!("{}/hooks/{path}", shop.house.http.base()), SECRET).await
}

/// The orders of the shop, as staff see them.
async fn orders(shop: &Shop<'_>) -> anyhow::Result<Vec<Value>> {
    let listed = shop.owner.get("/admin/v1/orders").await?.expect(200)?;
    Ok(listed["data"].as_array().cloned().unwrap_or_default())
}

/// OR-3: bought by a card and given back, at Stripe as here; the shop front learns how it can be paid and never sees a key.
#[tokio::test]
async fn bought_by_a_card_and_given_back() -> anyhow::Result<()> {
    let stripe = LocalStripe::start().await?;
    let house = open(&stripe).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    set_up(&shop, &stripe).await?;
    let guest = shop.guest();
    let ways = guest.get("checkouts/gateways").await?.expect(200)?;
    ensure!(ways[1]["gateway"] == "stripe" && ways[1]["publishable_key"] == "pk_test_shown", "{ways}");
    let cart = guest.cart(&shop.product("MUG", 1_250).await?, 2).await?;
    let token = guest.checkout(&cart, "ada@example.com", "stripe").await?;
    let refused = guest.capture(&token, "4242424242424242").await?;
    ensure!(refused.expect(422)?["code"] == "payment_method_unknown");
    let order = guest.capture(&token, &stripe.card("4242424242424242").await?).await?.expect(200)?;
    ensure!(order["payment_status"] == "paid", "{order}");
    let refund = json!({ "amount": { "amount": 1_250, "currency": "EUR" }, "reason": "One was broken." });
    let path = format!("/admin/v1/orders/{}/refunds", text(&order, "/id")?);
    let asked = shop.owner.request(Method::POST, &path).header("Idempotency-Key", "back").json(&refund);
    send(asked).await?.expect(201)?;
    let refunds = stripe.list("refunds").await?;
    ensure!(refunds.len() == 1 && refunds[0]["amount"] == 1_250, "{refunds:?}");
    Ok(())
}

/// OR-3: the shopper answers the bank and goes away: a webhook that is signed places the order, once, however often it comes;
/// what is not signed does nothing.
#[tokio::test]
async fn a_webhook_places_the_order() -> anyhow::Result<()> {
    let stripe = LocalStripe::start().await?;
    let house = open(&stripe).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    set_up(&shop, &stripe).await?;
    let guest = shop.guest();
    let cart = guest.cart(&shop.product("MUG", 1_250).await?, 1).await?;
    let token = guest.checkout(&cart, "ada@example.com", "stripe").await?;
    let asked = guest.capture(&token, &stripe.card("4000002500003155").await?).await?.expect(200)?;
    ensure!(asked["status"] == "redirect" && asked["redirect_url"].is_null(), "{asked}");
    let forged = json!({ "id": "evt_1", "type": "payment_intent.succeeded", "data": { "object": {} } });
    let hook = house.http.request(Method::POST, &format!("/hooks/stripe/{}", shop.store.id)).json(&forged);
    ensure!(send(hook.header("Stripe-Signature", "t=1,v1=00")).await?.expect(400)?["code"] == "signature_wrong");
    ensure!(orders(&shop).await?.is_empty());
    let client_secret = text(&asked, "/client_secret")?;
    stripe.authenticate(client_secret).await?;
    let intent = client_secret.split("_secret_").next().unwrap_or_default();
    let about = json!({ "id": intent, "object": "payment_intent" });
    let now = Clock::system(TimeDelta::zero()).now().timestamp();
    for _ in 0..2 {
        let (signature, body) = FakeStripe::event("evt_2", "payment_intent.succeeded", &about, now);
        let hook = house.http.request(Method::POST, &format!("/hooks/stripe/{}", shop.store.id)).body(body);
        let answer = hook.header("Stripe-Signature", signature).send().await?;
        ensure!(answer.status() == 200, "{}", answer.status());
    }
    let placed = eventually("the webhook places the order", || async { Ok(orders(&shop).await?.pop()) }).await?;
    ensure!(placed["payment_status"] == "paid", "{placed}");
    let again = guest.capture(&token, "hosted").await?.expect(200)?;
    ensure!(again["id"] == placed["id"], "{again}");
    let large = house.http.request(Method::POST, &format!("/hooks/stripe/{}", shop.store.id)).body(" ".repeat(300_000));
    send(large).await?.expect(413)?;
    Ok(())
}
