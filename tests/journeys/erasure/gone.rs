//! Erased by staff, and looked for everywhere.
use anyhow::Context;
use e2e::{
    Answer, House, Shop, eventually,
    http::{send, text},
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    rich::{EMAIL, PARTS, Rich},
    traces::found,
};

/// Asks for the erasure of `id`.
pub async fn erase(shop: &Shop<'_>, id: &str, key: &str) -> anyhow::Result<Answer> {
    let body = json!({ "reason": "Asked for it on the phone.", "confirm": id });
    let asked = shop.owner.request(Method::POST, &format!("/admin/v1/customers/{id}/erasure"));
    send(asked.header("Idempotency-Key", key).json(&body)).await
}

/// The job, once it is done.
pub async fn done(shop: &Shop<'_>, job: &str) -> anyhow::Result<Value> {
    eventually("the job is done", || async {
        let job = shop.owner.get(&format!("/admin/v1/jobs/{job}")).await?.expect(200)?;
        Ok((job["state"] == "succeeded").then_some(job))
    })
    .await
}

/// CU-15, ID-23, OR-10: after an erasure no byte of the name, the addresses, the phone or the street is in any table,
/// stream or log; the order stays with its total and country, the review without a name; the id is unknown for ever; and
/// the certificate says which service saw to how much.
#[tokio::test]
async fn nothing_is_left_of_an_erased_person() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let rich = Rich::lives(&shop).await?;
    let before = found(&house).await?;
    for part in PARTS.iter().filter(|part| !part.contains(' ')) {
        assert!(before.iter().any(|place| place.ends_with(part)), "nothing can be found of {part}: {before:?}");
    }
    let begun = erase(&shop, &rich.id, "once").await?;
    let location = begun.header("location").to_owned();
    let begun = begun.expect(202)?;
    let job = text(&begun, "/id")?;
    assert_eq!(location, format!("/admin/v1/jobs/{job}"));
    let of = format!("/admin/v1/customers/{}", rich.id);
    shop.owner.get(&of).await?.problem(404, "customer_not_found")?;
    let certificate = done(&shop, job).await?;
    assert_eq!(found(&house).await?, Vec::<String>::new());

    let saw = |service: &str, table: &str| {
        let steps = certificate["steps"].as_array().into_iter().flatten();
        steps.filter(|step| step["service"] == service).any(|step| step["counts"][table].as_i64() > Some(0))
    };
    for (service, table) in [
        ("customers", "customers"),
        ("customers", "customer_notes"),
        ("identity", "customer_credentials"),
        ("identity", "devices"),
        ("carts", "carts"),
        ("orders", "orders"),
        ("orders", "checkouts"),
        ("orders", "order_links"),
        ("notifications", "messages"),
        ("reviews", "reviews"),
    ] {
        assert!(saw(service, table), "{service} saw to no {table}: {certificate}");
    }
    what_stays(&rich).await?;
    what_is_refused(&rich, job).await
}

/// The order and the review, about nobody.
async fn what_stays(rich: &Rich<'_>) -> anyhow::Result<()> {
    let order = rich.shop.owner.get(&format!("/admin/v1/orders/{}", rich.order)).await?.expect(200)?;
    assert_eq!((&order["total"]["amount"], &order["status"]), (&json!(1_000), &json!("completed")));
    assert_eq!(order["shipping_address"]["country"], "DE");
    assert_eq!(order["lines"].as_array().map(Vec::len), Some(1));
    let reviews = rich.shop.guest().get(&format!("reviews?subject={}", rich.product)).await?.expect(200)?;
    let review = reviews.get(0).context("the review stays")?;
    assert_eq!((&review["rating"], &review["content"]), (&json!(4), &json!("")));
    Ok(())
}

/// Doors that are closed, and what a repetition answers.
async fn what_is_refused(rich: &Rich<'_>, job: &str) -> anyhow::Result<()> {
    let (shop, of) = (rich.shop, format!("/admin/v1/customers/{}", rich.id));
    rich.buyer.get("customers/me").await?.problem(401, "unauthenticated")?;
    let login = json!({ "identity": EMAIL, "password": "a long enough password" });
    assert_eq!(shop.guest().post("customers/login", &login).await?.status, 401);
    // The same request, another one, and under the other name: one job.
    assert_eq!(erase(shop, &rich.id, "once").await?.expect(202)?["id"], job);
    assert_eq!(erase(shop, &rich.id, "twice").await?.expect(202)?["id"], job);
    let query = format!("{of}?confirm={}&reason=Once%20more", rich.id);
    let deleted = shop.owner.request(Method::DELETE, &query).header("Idempotency-Key", "thrice");
    assert_eq!(send(deleted).await?.expect(202)?["id"], job);
    // What was answered about them before is answered no more, nor done again.
    let change = json!({ "business": "Wobbleganger Ltd", "phone": "+49 30 22730", "username": "zebedee",
        "fax": "+49 30 22730", "photo_url": "https://wobblemail.example.com/zebedee.png",
        "contacts": [{ "kind": "matrix", "value": "@zebedee:wobblemail.example.com" }],
        "meta": { "nick": "Zebedee" } });
    let change = shop.owner.request(Method::PATCH, &of).header("Idempotency-Key", "as-they-wished").json(&change);
    send(change).await?.problem(422, "idempotency_mismatch")?;
    // The same address may come again, as somebody new.
    let (_, again) = shop.register(&EMAIL.to_lowercase(), "Zoe").await?;
    assert_ne!(again["id"], rich.id.as_str());
    shop.owner.get(&of).await?.problem(404, "customer_not_found")?;
    Ok(())
}
