//! Subscriptions from the cart to their end, as customers, shoppers and staff meet them.
use anyhow::Context;
use e2e::{
    Buyer, House, Shop, eventually,
    http::{send, text},
    mail,
};
use reqwest::Method;
use serde_json::{Value, json};

fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// A box by the month, for 12.00 EUR each after a trial of so many days.
pub async fn sell(shop: &Shop<'_>, trial_days: u32) -> anyhow::Result<Value> {
    let plan =
        json!({ "name": "Monthly", "interval": "month", "count": 1, "price": eur(1_200), "trial_days": trial_days });
    let product = json!({
        "name": "Box", "sku": format!("BOX-{trial_days}"), "kind": "digital", "plans": [plan],
        "renewal_targets": [{ "name": "Server 1" }], "renewal_target_changeable": true,
    });
    shop.owner.post("/admin/v1/products", &product).await?.expect(201)
}

/// Subscribes `buyer` with `method`; answers the order.
pub async fn subscribe(buyer: &Buyer<'_>, product: &Value, (email, method): (&str, &str)) -> anyhow::Result<Value> {
    let cart = text(&buyer.get("carts").await?.expect(200)?, "/id")?.to_owned();
    let line = json!({ "quantity": 1, "plan": product["plans"][0]["id"] });
    buyer.post(&format!("carts/{cart}/{}", text(product, "/id")?), &line).await?.expect(200)?;
    let token = buyer.checkout(&cart, email, "test").await?;
    buyer.capture(&token, method).await?.expect(200)
}

/// The present is as if it were the next period of all there is.
async fn a_month_passes(house: &House) -> anyhow::Result<()> {
    let month = "update subscriptions set anchor_at = anchor_at - (renews_at - now()),
        starts_at = starts_at - (renews_at - now()), renews_at = now(), look_at = now(), noticed = true
        where state = 'active'";
    sqlx::query(month).execute(&house.tables("orders").await?).await?;
    Ok(())
}

/// A page of the console or the portal, or a form of it that is sent, by whoever has `cookie`.
async fn page(house: &House, cookie: &str, (path, form): (&str, Option<&str>)) -> anyhow::Result<(u16, String)> {
    let method = if form.is_some() { Method::POST } else { Method::GET };
    let asked = house.http.request(method, path).header("cookie", cookie).header("sec-fetch-site", "same-origin");
    let asked = match form {
        Some(form) => asked.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned()),
        None => asked,
    };
    let answer = asked.send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// OR-7, CU-7: bought on trial for nothing, then charged when the month passes, with an order, a mail, a line in the timeline
/// and a webhook's event; changed, paused, resumed and cancelled by its customer, who is told.
#[tokio::test]
async fn a_subscription_lives_and_ends() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = sell(&shop, 14).await?;
    let (ada, customer) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let cart = ada.get("carts").await?.expect(200)?;
    let line = json!({ "quantity": 1, "plan": product["plans"][0]["id"] });
    let path = format!("carts/{}/{}", text(&cart, "/id")?, text(&product, "/id")?);
    let cart = ada.post(&path, &line).await?.expect(200)?;
    let item = &cart["items"][0];
    assert_eq!((&cart["total"], &item["price"], &item["plan"]["price"]), (&json!(0), &json!(0), &json!(1_200)));
    let token = ada.checkout(text(&cart, "/id")?, "ada@example.com", "test").await?;
    let order = ada.capture(&token, "pm_test_ok").await?.expect(200)?;
    assert_eq!((&order["total"], &order["lines"][0]["plan"]["price"]), (&eur(0), &eur(1_200)));
    let own = ada.get("customers/subscriptions").await?.expect(200)?;
    assert_eq!(
        (&own[0]["order_id"], &own[0]["amount"], &own[0]["trial_ends_at"]),
        (&order["id"], &eur(1_200), &own[0]["renews_at"])
    );
    let at = format!("customers/subscriptions/{}", text(&own, "/0/id")?);

    a_month_passes(&house).await?;
    let renewed = eventually("it is renewed", || async {
        let seen = ada.get(&at).await?.expect(200)?;
        Ok((seen["renewals"][0]["payment_status"] == "paid").then_some(seen))
    })
    .await?;
    assert_eq!((&renewed["status"], &renewed["renewals"][0]["amount"]), (&json!("active"), &eur(1_200)));
    let renewal = ada.get(&format!("orders/{}", text(&renewed, "/renewals/0/order_id")?)).await?.expect(200)?;
    assert_eq!((&renewal["subscription_id"], &renewal["cart_id"]), (&renewed["id"], &Value::Null));
    mail::arrival(&house, "ada@example.com", text(&renewal, "/number")?).await?;

    let target = json!({ "target": product["renewal_targets"][0]["id"] });
    let aimed = ada.put(&format!("{at}/renewal-target"), &target).await?.expect(200)?;
    assert_eq!(aimed["renewal_target"]["name"], "Server 1");
    ada.post(&format!("{at}/pause"), &json!({})).await?.expect(200)?;
    mail::arrival(&house, "ada@example.com", "is paused").await?;
    ada.post(&format!("{at}/resume"), &json!({})).await?.expect(200)?;
    mail::arrival(&house, "ada@example.com", "goes on").await?;
    let gone = ada.post(&format!("{at}/cancel"), &json!({ "reason": "Too dear." })).await?.expect(200)?;
    assert_eq!(
        (&gone["status"], &gone["ends_at"], &gone["ended"]),
        (&json!("cancelled"), &renewed["renews_at"], &json!(false))
    );
    mail::arrival(&house, "ada@example.com", "was cancelled").await?;
    ada.post(&format!("{at}/cancel"), &json!({})).await?.problem(409, "subscription_closed")?;

    let of = format!("/admin/v1/customers/{}", text(&customer, "/id")?);
    let profile = shop.owner.get(&format!("{of}/profile")).await?.expect(200)?;
    assert_eq!(profile["subscriptions"]["data"][0]["reason"], "Too dear.");
    let told = ["subscription.started", "subscription.renewed", "subscription.changed"];
    eventually("the timeline tells it", || async {
        let timeline = shop.owner.get(&format!("{of}/timeline")).await?.expect(200)?;
        let kinds: Vec<_> =
            timeline["data"].as_array().context("a list")?.iter().map(|one| one["kind"].clone()).collect();
        Ok(told.iter().all(|kind| kinds.contains(&json!(kind))).then_some(()))
    })
    .await
}

/// OR-7, AD-1: a card that is declined: the customer is told, staff have it charged again, and end it, which is in the audit.
#[tokio::test]
async fn a_declined_renewal_is_seen_to() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = sell(&shop, 0).await?;
    subscribe(&shop.guest(), &product, ("ada@example.com", "pm_test_renewal_declined")).await?;
    a_month_passes(&house).await?;
    mail::arrival(&house, "ada@example.com", "did not go through").await?;
    let list = "/admin/v1/subscriptions?filter[status][eq]=past_due&include=total";
    let owing = shop.owner.get(list).await?.expect(200)?;
    let at = format!("/admin/v1/subscriptions/{}", text(&owing, "/data/0/id")?);
    assert_eq!((&owing["data"][0]["failures"], &owing["page"]["total"]), (&json!(1), &json!("1")));
    let method = json!({ "payment_method": "pm_test_ok" });
    let put = shop.owner.request(Method::PUT, &format!("{at}/payment-method")).json(&method);
    send(put).await?.expect(200)?;
    eventually("it is paid", || async {
        let seen = shop.owner.get(&at).await?.expect(200)?;
        Ok((seen["status"] == "active" && seen["charging"] == false).then_some(()))
    })
    .await?;
    shop.owner.post(&format!("{at}/retry"), &json!({})).await?.problem(422, "nothing_to_retry")?;
    staff_pages(&house, &shop, &owing["data"][0]["id"]).await?;
    let end = json!({ "when": "now", "reason": "Ms Lovelace asked." });
    let over = shop.owner.post(&format!("{at}/cancel"), &end).await?.expect(200)?;
    assert_eq!((&over["ended"], &over["history"].as_array().map(Vec::len)), (&json!(true), &Some(7)));
    eventually("it is recorded", || async {
        let audit = shop.owner.get("/admin/v1/audit?filter[action][eq]=subscription.cancelled").await?.expect(200)?;
        Ok((audit["data"].as_array().map(Vec::len) == Some(1)).then_some(()))
    })
    .await
}

/// The console's pages: found in the list by its state, paused and resumed by the forms of its own page.
async fn staff_pages(house: &House, shop: &Shop<'_>, id: &Value) -> anyhow::Result<()> {
    let (cookie, id) = (format!("__Host-patron_staff={}", shop.owner.token), id.as_str().context("an id")?);
    let at = format!("/console/subscriptions/{id}");
    let (status, list) = page(house, &cookie, ("/console/subscriptions?status=active", None)).await?;
    anyhow::ensure!(status == 200 && list.contains(&at) && list.contains("12.00 EUR every month"), "{list}");
    let (_, seen) = page(house, &cookie, (&at, None)).await?;
    anyhow::ensure!(seen.contains("A renewal could not be charged") && seen.contains("Server 1"), "{seen}");
    let version = |page: &str| {
        let rest = page.split("name=\"version\" value=\"").nth(1).context("a version")?;
        anyhow::Ok(rest.split('"').next().unwrap_or_default().to_owned())
    };
    let form = format!("version={}&reason=On+holiday", version(&seen)?);
    let (status, refused) = page(house, &cookie, (&format!("{at}/pause"), Some("version=1&reason=x"))).await?;
    anyhow::ensure!(status == 200 && refused.contains("Nothing was changed"), "{refused}");
    anyhow::ensure!(page(house, &cookie, (&format!("{at}/pause"), Some(&form))).await?.0 == 303);
    let (_, rests) = page(house, &cookie, (&at, None)).await?;
    anyhow::ensure!(rests.contains("On holiday") && rests.contains("id=\"resume\""), "{rests}");
    let form = format!("version={}", version(&rests)?);
    anyhow::ensure!(page(house, &cookie, (&format!("{at}/resume"), Some(&form))).await?.0 == 303);
    Ok(())
}

/// OR-7, PO-1: a guest sees what they subscribed to in every store by one link, and cancels it there.
#[tokio::test]
async fn a_shopper_sees_to_all_of_them() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (one, two) =
        (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Harbour Books", "EUR").await?);
    for shop in [&one, &two] {
        let product = sell(shop, 0).await?;
        subscribe(&shop.guest(), &product, ("ada@example.com", "pm_test_ok")).await?;
        subscribe(&shop.guest(), &product, ("bob@example.com", "pm_test_ok")).await?;
        e2e::shop::buyer(shop, "ada@example.com").await?;
    }
    let ask = house.http.request(Method::POST, "/account/v1/magic-links");
    send(ask.json(&json!({ "email": "ada@example.com" }))).await?.expect(202)?;
    let token = mail::link(&house, "ada@example.com", "Patron").await?;
    let enter = house.http.request(Method::POST, "/account/v1/sessions").json(&json!({ "token": token }));
    let bearer = text(&send(enter).await?.expect(201)?, "/token")?.to_owned();
    let ask = |method: Method, path: &str, body: &Value| {
        let asked = house.http.request(method, &format!("/account/v1/subscriptions{path}")).bearer_auth(&bearer);
        send(if body.is_null() { asked } else { asked.json(body) })
    };
    let own = eventually("both are there", || async {
        let own = ask(Method::GET, "", &Value::Null).await?.expect(200)?;
        Ok((own["data"].as_array().map(Vec::len) == Some(2)).then_some(own))
    })
    .await?;
    let stores = [&own["data"][0]["store"], &own["data"][1]["store"]];
    assert!(stores.contains(&&json!(one.store.id)) && stores.contains(&&json!(two.store.id)));
    let at = format!("/{}", text(&own, "/data/0/id")?);
    let gone = ask(Method::POST, &format!("{at}/cancel"), &json!({})).await?.expect(200)?;
    assert_eq!((&gone["status"], &gone["customer_id"]), (&json!("cancelled"), &own["data"][0]["customer_id"]));
    ask(Method::POST, &format!("{at}/resume"), &json!({})).await?.expect(200)?;
    let cookie = format!("__Host-patron_portal={bearer}");
    let (status, seen) = page(&house, &cookie, ("/account/subscriptions", None)).await?;
    anyhow::ensure!(status == 200 && seen.contains("Corner Shop") && seen.contains("12.00 EUR every month"), "{seen}");
    let form = (&*format!("/account/subscriptions{at}/cancel"), Some("reason="));
    anyhow::ensure!(page(&house, &cookie, form).await?.0 == 303);
    let (_, seen) = page(&house, &cookie, ("/account/subscriptions", None)).await?;
    anyhow::ensure!(seen.contains("Cancelled") && seen.contains("/resume"), "{seen}");
    let others = one.owner.get("/admin/v1/subscriptions").await?.expect(200)?;
    let others = others["data"].as_array().context("a list")?.iter().map(|one| one["id"].clone());
    let bobs: Vec<_> =
        others.filter(|id| own["data"].as_array().is_some_and(|own| own.iter().all(|one| one["id"] != *id))).collect();
    let at = format!("/{}", bobs[0].as_str().context("an id")?);
    ask(Method::GET, &at, &Value::Null).await?.problem(404, "subscription_not_found")?;
    ask(Method::POST, &format!("{at}/cancel"), &json!({})).await?.problem(404, "subscription_not_found")?;
    Ok(())
}
