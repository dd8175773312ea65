//! Orders in the hands of staff, and what their customers see of it.
use anyhow::Context;
use e2e::{
    House, Shop, eventually,
    http::{send, text},
    mail,
    shop::customer,
};
use reqwest::Method;
use serde_json::{Value, json};

fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// OR-2, OR-4, OR-5, CU-4: an order is edited as it was seen, sent in parts, and partly taken back; the customer gets word
/// and sees what they may, the record of what they spent falls, and the ledger has it all.
#[tokio::test]
async fn an_order_is_sent_and_partly_taken_back() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (ada, _) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let cart = ada.cart(&mug, 3).await?;
    let order = ada.capture(&ada.checkout(&cart, "ada@example.com", "test").await?, "pm_test_ok").await?.expect(200)?;
    let (id, line) = (order["id"].as_str().context("an id")?, &order["lines"][0]["id"]);
    let at = format!("/admin/v1/orders/{id}");
    let edit = |version: &Value| {
        let asked = shop.owner.request(Method::PATCH, &at).header("If-Match", format!("\"{version}\""));
        send(asked.json(&json!({ "note": "Ada is in a hurry.", "tags": ["gift"] })))
    };
    assert_eq!(shop.owner.patch(&at, &json!({ "note": "x" })).await?.status, 428);
    let edited = edit(&order["version"]).await?.expect(200)?;
    assert_eq!(edit(&order["version"]).await?.status, 412);
    assert_eq!(
        edited["history"].as_array().and_then(|all| all.last()).map(|one| one["kind"].clone()),
        Some(json!("edited"))
    );
    let parcel =
        json!({ "lines": [{ "line": line, "quantity": 2 }], "tracking": { "carrier": "DHL", "number": "00340" } });
    let sent = shop.owner.post(&format!("{at}/fulfil"), &parcel).await?.expect(200)?;
    assert_eq!((&sent["status"], &sent["fulfilment_status"]), (&json!("placed"), &json!("partial")));
    let letter = mail::arrival(&house, "ada@example.com", "on its way").await?;
    assert!(letter.text.contains("00340"), "{}", letter.text);
    let refund = json!({ "lines": [{ "line": line, "quantity": 1 }], "reason": "One is missing." });
    let asked = || shop.owner.request(Method::POST, &format!("{at}/refunds")).json(&refund);
    assert_eq!(send(asked()).await?.status, 400);
    let back = send(asked().header("Idempotency-Key", "one")).await?.expect(201)?;
    assert_eq!((&back["status"], &back["amount"]), (&json!("succeeded"), &eur(1_000)));
    let again = send(asked().header("Idempotency-Key", "one")).await?;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.expect(201)?["id"], back["id"]);
    mail::arrival(&house, "ada@example.com", "back for your order").await?;
    let seen = ada.get(&format!("orders/{id}")).await?.expect(200)?;
    assert_eq!((&seen["status"], &seen["payment_status"]), (&json!("completed"), &json!("partially_refunded")));
    assert_eq!((&seen["shipments"][0]["number"], &seen["refunds"][0]["amount"]), (&json!("00340"), &eur(1_000)));
    assert_eq!((&seen["note"], &seen["tags"], &seen["refunds"][0]["reason"]), (&Value::Null, &json!([]), &Value::Null));
    eventually("the record counts the refund", || async {
        let known = customer(&shop, "ada@example.com").await?;
        Ok((known["total_spent"] == json!([eur(2_000)])).then_some(()))
    })
    .await?;
    let ledger = shop.owner.get("/admin/v1/transactions?include=total").await?.expect(200)?;
    assert_eq!(ledger["sums"], json!([{ "captured": eur(3_000), "refunded": eur(1_000), "net": eur(2_000) }]));
    let known = customer(&shop, "ada@example.com").await?;
    let theirs = format!("/admin/v1/customers/{}", known["id"].as_str().context("an id")?);
    let theirs = shop.owner.get(&format!("{theirs}/transactions?filter[type][eq]=refund")).await?.expect(200)?;
    assert_eq!(theirs["data"].as_array().map(Vec::len), Some(1));
    Ok(())
}

/// OR-2: staff make a link to an order, whose holder sees it in the shop and on a page of the house, and who it is for on
/// neither; revoked, it is gone from both.
#[tokio::test]
async fn an_order_is_shown_by_a_link() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let order = shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
    let at = format!("/admin/v1/orders/{}/links", text(&order, "/id")?);
    let link = shop.owner.post(&at, &Value::Null).await?.expect(201)?;
    let (secret, url) = (text(&link, "/secret")?, text(&link, "/url")?);
    let public = format!("orders/public/{secret}");
    let seen = shop.guest().get(&public).await?.expect(200)?;
    assert_eq!((&seen["number"], &seen["total"]), (&order["number"], &eur(1_000)));
    let path = url.find("/order/").map(|place| &url[place..]).context("a page")?;
    let page = house.http.request(Method::GET, path).send().await?.error_for_status()?;
    assert_eq!(page.headers()["cache-control"], "no-store");
    let page = page.text().await?;
    assert!(page.contains("Order") && page.contains(text(&order, "/number")?), "{page}");
    for shown in [seen.to_string(), page] {
        assert!(!shown.to_lowercase().contains("lovelace"), "{shown}");
    }
    let listed = shop.owner.get(&at).await?.expect(200)?;
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["secret"]), (&link["id"], &Value::Null));
    let gone = shop.owner.request(Method::DELETE, &format!("{at}/{}", text(&link, "/id")?));
    assert_eq!(send(gone).await?.expect(200)?["state"], "revoked");
    shop.guest().get(&public).await?.problem(404, "link_not_found")?;
    assert_eq!(house.http.request(Method::GET, path).send().await?.status(), 404);
    Ok(())
}
