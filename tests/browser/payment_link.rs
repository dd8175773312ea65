//! The page behind a payment link, on a telephone.
use anyhow::Context;
use e2e::{House, Shop, http::text};
use serde_json::json;

use crate::{PHONE, driver::Browser};

/// OR-2: an invoice is looked at and paid by a link on a telephone: once, and the page says so from then on.
#[tokio::test]
async fn an_invoice_is_paid_on_a_telephone() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), PHONE).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let guest = shop.guest();
    let cart = guest.cart(&shop.product("MUG", 1_250).await?, 2).await?;
    let order = guest.capture(&guest.checkout(&cart, "ada@example.com", "manual").await?, "").await?.expect(200)?;
    let links = format!("/admin/v1/orders/{}/payment-links", text(&order, "/id")?);
    let link = shop.owner.post(&links, &json!({})).await?.expect(201)?;
    let path = text(&link, "/url")?.split_once("/pay/link/").context("an address")?.1;
    let path = format!("/pay/link/{path}");

    browser.go(&path).await?;
    let page = browser.sees(&path, &["Corner Shop", "Product MUG", "25.00 EUR", "Pay 25.00"]).await?;
    assert!(!page.contains("ada@example.com"), "{page}");
    browser.fits("payment-link").await?;
    browser.click("input[value=bank]").await?;
    browser.click("#pay").await?;
    browser.sees("/pay/test/", &["Pay 25.00 EUR", "Decline"]).await?;
    browser.click("#decline").await?;
    browser.go(&path).await?;
    browser.sees(&path, &["declined", "Pay 25.00"]).await?;
    browser.click("input[value=card]").await?;
    browser.click("#pay").await?;
    browser.sees(&path, &["This order is paid"]).await?;
    browser.picture("payment-link-paid").await?;
    let seen = shop.owner.get(&format!("/admin/v1/orders/{}", text(&order, "/id")?)).await?.expect(200)?;
    assert_eq!((&seen["payment_status"], &seen["gateway"]), (&json!("paid"), &json!("manual")));
    browser.close().await
}
