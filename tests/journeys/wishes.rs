//! A wish list, from the wish to the purchase.
use anyhow::Context;
use e2e::{House, Shop, eventually, http::text};
use serde_json::json;

/// CA-10, CU-7: a customer wishes for two things, buys one of them, and takes the other off; staff see it on the profile.
#[tokio::test]
async fn a_wish_comes_true() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (mug, jug) = (shop.product("MUG", 1_000).await?, shop.product("JUG", 2_000).await?);
    let (ada, _) = shop.register("ada@example.com", "Ada").await?;
    for product in [&mug, &jug] {
        let wish = ada.post("customers/wishlist", &json!({ "product": product })).await?.expect(201)?;
        assert_eq!((&wish["product_id"], &wish["bought_at"]), (&json!(product), &json!(null)));
    }
    let order = ada.buy(&mug, "ada@example.com").await?;
    let bought = eventually("the wish has come true", || async {
        let list = ada.get("customers/wishlist").await?.expect(200)?;
        let mugs = list.as_array().context("a list")?.iter().find(|wish| wish["product_id"] == json!(mug)).cloned();
        Ok(mugs.filter(|wish| !wish["bought_at"].is_null()))
    })
    .await?;
    assert_eq!(bought["order"], order["id"]);
    ada.delete(&format!("customers/wishlist/{jug}")).await?.expect(200)?;
    ada.delete(&format!("customers/wishlist/{jug}")).await?.problem(404, "wish_not_found")?;
    shop.guest().get("customers/wishlist").await?.problem(401, "unauthenticated")?;
    let known = shop.owner.get("/admin/v1/customers?q=ada@example.com").await?.expect(200)?;
    let id = text(&known, "/data/0/id")?;
    let seen = shop.owner.get(&format!("/admin/v1/customers/{id}/wishlist")).await?.expect(200)?;
    assert_eq!((seen["data"].as_array().map(Vec::len), &seen["data"][0]["product_id"]), (Some(1), &json!(mug)));
    let profile = shop.owner.get(&format!("/admin/v1/customers/{id}/profile")).await?.expect(200)?;
    assert_eq!(profile["wishlist"]["data"], seen["data"]);
    Ok(())
}
