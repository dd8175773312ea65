//! The page behind a check-out link, on a telephone.
use anyhow::Context;
use e2e::{House, Shop, http::text, shop::customer};
use serde_json::json;

use crate::{PHONE, driver::Browser};

/// CA-6: a link is opened, looked at and bought by on a telephone; it shows what is bought and whom it is for before anything
/// is, and leads nowhere afterwards.
#[tokio::test]
async fn a_link_is_bought_by_on_a_telephone() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), PHONE).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_250).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    let ada = customer(&shop, "ada@example.com").await?;
    let cart = shop.owner.post("/admin/v1/carts", &json!({ "customer": ada["id"] })).await?.expect(201)?;
    let of_cart = format!("/admin/v1/carts/{}", text(&cart, "/id")?);
    let item = json!({ "product": mug, "quantity": 2 });
    shop.owner.post(&format!("{of_cart}/items"), &item).await?.expect(200)?;
    let link = shop.owner.post(&format!("{of_cart}/checkout-links"), &json!({})).await?.expect(201)?;
    let path = text(&link, "/url")?.split_once("/checkout/").context("an address")?.1;
    let path = format!("/checkout/{path}");

    browser.go(&path).await?;
    browser.sees(&path, &["Your cart is ready"]).await?;
    browser.picture("checkout-link").await?;
    browser.click("#enter").await?;
    let page = browser.sees("/checkout", &["Corner Shop", "Product MUG", "25.00 EUR", "ada@example.com"]).await?;
    assert!(!page.contains("no longer valid"), "{page}");
    let filled = "return [...document.querySelectorAll('#name,#city,#country')].map(field => field.value).join()";
    assert_eq!(browser.ask(filled).await?, "Ada Lovelace,Berlin,DE");
    browser.fits("checkout-page").await?;
    browser.click("#pay").await?;
    browser.sees("/checkout", &["Thank you", "25.00 EUR", "A confirmation goes to"]).await?;
    browser.picture("checkout-done").await?;
    browser.go(&path).await?;
    browser.click("#enter").await?;
    browser.sees(&path, &["This link is no longer valid"]).await?;
    browser.close().await
}
