//! What is bought for somebody else: from the cart to their download, and back.
use anyhow::Context;
use e2e::{
    Buyer, House, Shop, eventually,
    http::{send, text},
    mail,
    shop::customer,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    erasure::{
        gone::{done, erase},
        traces::found_of,
    },
    tickets::sign_in,
};

const SONG: &[u8] = b"0123456789 a song about rain";

fn to(email: &str) -> Value {
    json!({ "gift": { "email": email, "name": "Bob Recipient", "message": "For you.\nSee evil.example" } })
}

/// `buyer` pays for a piece of `song` for `email`; answers the order.
async fn give(buyer: &Buyer<'_>, song: &str, email: &str) -> anyhow::Result<Value> {
    let cart = text(&buyer.get("carts").await?.expect(200)?, "/id")?.to_owned();
    buyer.post(&format!("carts/{cart}/{song}"), &to(email)).await?.expect(200)?;
    let token = buyer.checkout(&cart, "ada@example.com", "test").await?;
    buyer.capture(&token, "pm_test_ok").await?.expect(200)
}

/// Waits until the portal opens for so many who were given something.
async fn opened(house: &House, people: i64) -> anyhow::Result<()> {
    let customers = house.tables("customers").await?;
    eventually("the portal opens", || async {
        let count = "select count(distinct customer_id) from customer_stores where gifted_at is not null";
        let count: i64 = sqlx::query_scalar(count).fetch_one(&customers).await?;
        Ok((count == people).then_some(()))
    })
    .await
}

/// OR-1, OR-5, OR-8, PO-1: a guest gives a song to somebody whom nobody knew; that one is told by mail, in which nothing of
/// what strangers wrote can be clicked, comes in by a link, and downloads it; a refund takes it away. The guest has nothing of
/// it, and the order says to whom it went.
#[tokio::test]
async fn a_guest_gives_a_song() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let song = shop.song("RAIN", SONG).await?;
    let order = give(&shop.guest(), &song, "bob@example.com").await?;
    let told = mail::arrival(&house, "bob@example.com", "Ada").await?.text;
    assert!(told.contains("Song RAIN") && told.contains("evil . example") && !told.contains("evil.example"), "{told}");
    assert!(!told.contains("Lovelace") && !told.contains("ada@example.com"), "{told}");
    opened(&house, 1).await?;
    let session = sign_in(&house, "bob@example.com").await?;
    let ask =
        |method: Method, path: &str| house.http.request(method, &format!("/account/v1/{path}")).bearer_auth(&session);
    let library = send(ask(Method::GET, "library")).await?.expect(200)?;
    let item = &library["data"][0];
    assert_eq!((&item["product"], &item["source"], &item["givers"]), (&json!(song), &json!("gift"), &json!(["Ada"])));
    assert_eq!(item["orders"], json!([]));
    let path = format!("library/{}/downloads", text(item, "/id")?);
    let link = send(ask(Method::POST, &path).json(&json!({}))).await?.expect(201)?;
    let (_, file) = text(&link, "/url")?.split_once("/files/").context("an address")?;
    let file = || house.http.request(Method::GET, &format!("/files/{file}"));
    assert_eq!(file().send().await?.bytes().await?, SONG);
    let seen = send(ask(Method::GET, &format!("orders/{}", text(&order, "/id")?))).await?;
    assert_eq!(seen.status, 404, "the order is its buyer's");

    let of_order = format!("/admin/v1/orders/{}", text(&order, "/id")?);
    let seen = shop.owner.get(&of_order).await?.expect(200)?;
    let bob = customer(&shop, "bob@example.com").await?;
    assert_eq!(
        (&seen["lines"][0]["gift"]["email"], &seen["lines"][0]["recipient"]),
        (&json!("bob@example.com"), &bob["id"])
    );
    assert_eq!((&bob["lifecycle"], &bob["name"]), (&json!("lead"), &json!("")));
    let ada = sign_in(&house, "ada@example.com").await?;
    let own = |path: &str| house.http.request(Method::GET, &format!("/account/v1/{path}")).bearer_auth(&ada);
    assert_eq!(send(own("library")).await?.expect(200)?["data"], json!([]));
    let shown = send(own(&format!("orders/{}", text(&order, "/id")?))).await?.expect(200)?;
    assert_eq!(
        (&shown["lines"][0]["gift"]["name"], &shown["lines"][0]["recipient"]),
        (&json!("Bob Recipient"), &Value::Null)
    );

    let why = json!({ "reason": "It was the wrong song." });
    let refund = shop.owner.request(Method::POST, &format!("{of_order}/refunds")).header("Idempotency-Key", "once");
    send(refund.json(&why)).await?.expect(201)?;
    send(file()).await?.problem(410, "link_dead")?;
    assert_eq!(send(ask(Method::GET, "library")).await?.expect(200)?["data"], json!([]));
    Ok(())
}

/// OR-1, CA-4, CA-6: a customer's cart holds gifts to several people, staff change them, the check-out page of a link shows
/// them, and who registers later has theirs; what cannot be given is refused.
#[tokio::test]
async fn gifts_of_a_customer_reach_who_registers_later() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (song, mug) = (shop.song("RAIN", SONG).await?, shop.product("MUG", 1_000).await?);
    let (ada, account) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let cart = shop.owner.post("/admin/v1/carts", &json!({ "customer": account["id"] })).await?.expect(201)?;
    let items = format!("/admin/v1/carts/{}/items", text(&cart, "/id")?);
    let mut line = to("bob@example.com");
    line["product"] = json!(song);
    shop.owner.post(&items, &line).await?.expect(200)?;
    line["gift"]["email"] = json!("carl@example.com");
    let filled = shop.owner.post(&items, &line).await?.expect(200)?;
    assert_eq!((filled["items"].as_array().map(Vec::len), &filled["total"]), (Some(2), &json!(2 * 990)));
    line["product"] = json!(mug);
    shop.owner.post(&items, &line).await?.problem(422, "gift_not_digital")?;
    let second = format!("{items}/{}", text(&filled, "/items/1/id")?);
    shop.owner.patch(&second, &json!({ "quantity": 2 })).await?.problem(422, "gift_single")?;
    shop.owner.patch(&second, &json!({ "gift": { "email": "dora" } })).await?.problem(400, "invalid")?;
    let changed = shop.owner.patch(&second, &json!({ "gift": { "email": "dora@example.com" } })).await?.expect(200)?;
    assert_eq!(changed["items"][1]["gift"], json!({ "email": "dora@example.com", "name": null, "message": null }));
    let third = shop.owner.post(&items, &json!({ "product": song })).await?.expect(200)?;
    let third = format!("{items}/{}", text(&third, "/items/2/id")?);
    let none = shop.owner.patch(&third, &to("eve@example.com")).await?.expect(200)?;
    assert_eq!(none["items"][2]["gift"]["email"], "eve@example.com");
    let none = shop.owner.patch(&third, &json!({ "gift": null })).await?.expect(200)?;
    assert_eq!(none["items"][2]["gift"], Value::Null);

    let token = ada.checkout(text(&cart, "/id")?, "ada@example.com", "test").await?;
    let order = ada.capture(&token, "pm_test_ok").await?.expect(200)?;
    assert_eq!(order["lines"][0]["gift"]["message"], "For you.\nSee evil.example");
    let own = ada.get("customers/library").await?.expect(200)?;
    assert_eq!((own.as_array().map(Vec::len), &own[0]["source"]), (Some(1), &json!("purchase")));
    let (dora, _) = shop.register("Dora@example.com", "Dora").await?;
    let theirs = dora.get("customers/library").await?.expect(200)?;
    assert_eq!((&theirs[0]["source"], &theirs[0]["givers"]), (&json!("gift"), &json!(["Ada"])));
    mail::arrival(&house, "bob@example.com", "Song RAIN").await?;
    Ok(())
}

/// CU-15, OR-10: nothing of whom something was given to is left anywhere once they are erased, the order of whoever bought it
/// included; that it was a gift, and so nobody else's, is known.
#[tokio::test]
async fn whoever_was_given_something_is_forgotten() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let song = shop.song("RAIN", SONG).await?;
    let (ada, _) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let order = give(&ada, &song, "Wobble.Recipient@wobblemail.example.com").await?;
    let open = text(&ada.get("carts").await?.expect(200)?, "/id")?.to_owned();
    ada.post(&format!("carts/{open}/{song}"), &to("wobble.recipient@wobblemail.example.com")).await?.expect(200)?;
    mail::arrival(&house, "obble.", "Song RAIN").await?;
    opened(&house, 1).await?;
    let bob = customer(&shop, "wobble.recipient@wobblemail.example.com").await?;
    let begun = erase(&shop, text(&bob, "/id")?, "once").await?.expect(202)?;
    done(&shop, text(&begun, "/id")?).await?;
    assert_eq!(found_of(&house, &["wobble"]).await?, Vec::<String>::new());
    let seen = shop.owner.get(&format!("/admin/v1/orders/{}", text(&order, "/id")?)).await?.expect(200)?;
    assert_eq!(seen["lines"][0]["gift"], json!({ "email": null, "name": null, "message": null }));
    let cart = ada.get(&format!("carts/{open}")).await?.expect(200)?;
    assert_eq!((cart["items"].clone(), ada.get("customers/library").await?.expect(200)?), (json!([]), json!([])));
    Ok(())
}
