//! Carts that were filled before signing in, and carts that are left alone.
use anyhow::Context;
use e2e::{House, Shop, eventually, http::text, mail, shop::customer};
use serde_json::{Value, json};

const PASSWORD: &str = "a long enough password";

/// Products of a cart with their quantities.
fn contents(cart: &Value) -> Vec<(&str, u64)> {
    let items = cart["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| Some((item["product_id"].as_str()?, item["quantity"].as_u64()?))).collect()
}

/// CA-9: somebody fills a cart on a second device, signs in there by password, by code and anew, and goes on with
/// everything; of the same line the larger quantity stays, and the answer says so. A claimed cart is its customer's.
#[tokio::test]
async fn a_guests_cart_goes_along_at_sign_in() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (mug, jug) = (shop.product("MUG", 1_000).await?, shop.product("JUG", 2_000).await?);
    let (ada, _) = shop.register("ada@example.com", "Ada").await?;
    let (guest, own) = (shop.guest(), ada.cart(&mug, 2).await?);
    let filled = guest.cart(&mug, 3).await?;
    guest.post(&format!("carts/{filled}/{jug}"), &json!({})).await?.expect(200)?;

    let login = json!({ "identity": "ada@example.com", "password": PASSWORD, "cart": filled });
    let signed_in = guest.post("customers/login", &login).await?.expect(200)?;
    let merged = &signed_in["cart"];
    assert_eq!((&merged["id"], &merged["merged"], &merged["left_out"]), (&json!(own), &json!(true), &json!(0)));
    assert_eq!(contents(merged), [(&*mug, 3), (&*jug, 1)]);
    let again = guest.post("customers/login", &login).await?.expect(200)?;
    assert_eq!(&again["cart"], merged, "signing in again changes nothing");
    let there = guest.with_token(text(&signed_in, "/token")?);
    for name in [&own, &filled] {
        let cart = there.get(&format!("carts/{name}")).await?.expect(200)?;
        assert_eq!((&cart["id"], &cart["total"], contents(&cart)), (&json!(own), &json!(5_000), contents(merged)));
    }
    for request in
        [guest.put(&format!("carts/{own}/empty"), &json!({})).await?, guest.delete(&format!("carts/{own}")).await?]
    {
        request.problem(403, "other_customer")?;
    }

    let third = guest.cart(&jug, 5).await?;
    let known = mail::to(&house, "ada@example.com")?.len();
    let identity = json!({ "email": "ada@example.com" });
    guest.post("customers/login-with-sms", &identity).await?.expect(200)?;
    let code = mail::newer_code(&house, "ada@example.com", known).await?;
    let proof = json!({ "identity": "ada@example.com", "code": code, "cart": third });
    let by_code = guest.post("customers/verify-code", &proof).await?.expect(200)?;
    assert_eq!((&by_code["cart"]["id"], contents(&by_code["cart"])), (&json!(own), vec![(&*jug, 5)]));
    let plain = json!({ "identity": "ada@example.com", "password": PASSWORD, "cart": "cart_of_nobody" });
    let plain = guest.post("customers/login", &plain).await?.expect(200)?;
    assert_eq!(plain.get("cart"), None, "what is no cart keeps nobody out");

    let order = there.checkout(&own, "ada@example.com", "test").await?;
    let order = there.capture(&order, "pm_test_ok").await?.expect(200)?;
    assert_eq!(order["total"]["amount"], 13_000);
    Ok(())
}

/// CA-2, CA-3, CU-16: of two customers who leave a cart the one who agreed to mail is reminded, with a link to it; staff
/// find both carts.
#[tokio::test]
async fn who_leaves_a_cart_is_reminded_if_they_agreed() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (ada, _) = shop.register("ada@example.com", "Ada").await?;
    let (bob, _) = shop.register("bob@example.com", "Bob").await?;
    ada.put("customers/consents", &json!({ "email": true })).await?.expect(200)?;
    let carts = [ada.cart(&mug, 1).await?, bob.cart(&mug, 2).await?];
    let list = "/admin/v1/carts?filter[abandoned][eq]=true&sort=created_at";
    let found = shop.owner.get(list).await?.expect(200)?;
    assert_eq!(found["data"], json!([]));

    // As if they had been left half an hour ago.
    let back = "update carts set updated_at = updated_at - interval '31 minutes',
                  look_at = look_at - interval '31 minutes'";
    sqlx::query(back).execute(&house.tables("carts").await?).await?;
    let letter = mail::arrival(&house, "ada@example.com", "/checkout/cartlink_").await?;
    assert!(letter.text.contains("You left something at"), "{}", letter.text);
    let found = shop.owner.get(&format!("{list}&filter[product][eq]={mug}")).await?.expect(200)?;
    let rows = found["data"].as_array().context("a list")?;
    assert_eq!(rows.iter().map(|cart| &cart["id"]).collect::<Vec<_>>(), [&json!(carts[0]), &json!(carts[1])]);
    assert!(rows.iter().all(|cart| !cart["abandoned_at"].is_null() && cart["status"] == "open"));

    let id = customer(&shop, "bob@example.com").await?;
    let path = format!("/admin/v1/customers/{}/carts?filter[abandoned][eq]=true", text(&id, "/id")?);
    assert_eq!(shop.owner.get(&path).await?.expect(200)?["data"][0]["id"], json!(carts[1]));
    eventually("the event is out", || async {
        let told = "select count(*) from outbox where subject like '%CartAbandoned' and published_at is not null";
        let told: i64 = sqlx::query_scalar(told).fetch_one(&house.tables("carts").await?).await?;
        Ok((told == 2).then_some(()))
    })
    .await?;
    let to_bob = mail::to(&house, "bob@example.com")?;
    assert!(to_bob.iter().all(|mail| !mail.text.contains("cartlink_")), "he agreed to nothing");
    Ok(())
}
