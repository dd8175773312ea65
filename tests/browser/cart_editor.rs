//! Staff who buy for a customer, from the customer's page to the order in their account.
use anyhow::Context;
use e2e::{House, Member, Shop, http::text};
use serde_json::json;

use crate::{DESKTOP, PHONE, driver::Browser, enter_portal, sign_in};

/// The same at the size of a telephone, too.
async fn fits_everywhere(browser: &Browser, name: &str) -> anyhow::Result<()> {
    browser.fits(name).await?;
    browser.resize(PHONE).await?;
    browser.fits(&format!("{name}-phone")).await?;
    browser.resize(DESKTOP).await
}

/// Empties the field that `selector` names, and types `text` there.
async fn refill(browser: &Browser, selector: &str, text: &str) -> anyhow::Result<()> {
    browser.ask(&format!("document.querySelector('{selector}').value = ''; return 0")).await?;
    browser.fill(selector, text).await
}

/// CA-4, CA-5, CA-6, CA-7, CA-8: an agent opens a cart for a customer, adds by SKU and by name, changes the quantity, enters
/// a code, makes a link, says where it came from and checks out; the customer finds the order in their account.
#[tokio::test]
async fn staff_buy_for_a_customer() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_250).await?;
    let euros = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
    let plan = json!({ "name": "Monthly", "interval": "month", "count": 1, "price": euros(900) });
    let tea = json!({ "name": "Box of tea", "sku": "TEA", "kind": "physical", "price": euros(1_000), "plans": [plan] });
    shop.owner.post("/admin/v1/products", &tea).await?.expect(201)?;
    shop.owner.post("/admin/v1/vouchers", &json!({ "code": "HELLO", "percent": 10 })).await?.expect(201)?;
    let post = json!({ "name": "Post", "price": euros(490), "countries": ["DE"] });
    shop.owner.post("/admin/v1/shipping-methods", &post).await?.expect(201)?;
    let (_, ada) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let agent = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    sign_in(&browser, &agent).await?;

    browser.go(&format!("/console/customers/{}", text(&ada, "/id")?)).await?;
    browser.click("#open-cart").await?;
    browser.sees("/console/carts/", &["Cart of Ada Lovelace", "Nothing is in this cart yet"]).await?;
    fits_everywhere(&browser, "cart-empty").await?;
    fill(&browser).await?;
    finish(&browser).await?;
    let order = buy(&browser).await?;
    account(&house, &browser, &order).await?;
    browser.close().await
}

/// Puts things into the cart, by SKU and by name, and takes one out again.
async fn fill(browser: &Browser) -> anyhow::Result<()> {
    let cart = "/console/carts/";
    browser.fill("#sku", "JUG").await?;
    browser.click("#add-sku").await?;
    browser.sees(cart, &["Nothing was changed: there is no such product."]).await?;
    fits_everywhere(browser, "cart-refused").await?;
    refill(browser, "#sku", "MUG").await?;
    browser.click("#add-sku").await?;
    browser.sees(cart, &["Product MUG", "1 × 12.50 EUR"]).await?;
    refill(browser, "#items input[name=quantity]", "2").await?;
    browser.click("#items button[value=save]").await?;
    browser.sees(cart, &["2 × 12.50 EUR", "25.00 EUR"]).await?;
    browser.fill("#q", "box").await?;
    browser.click("#search").await?;
    browser.sees(cart, &["Box of tea", "How it is bought"]).await?;
    fits_everywhere(browser, "cart-found").await?;
    browser.fill("#found select", "Monthly").await?;
    browser.click("#found button").await?;
    browser.sees(cart, &["1 × 9.00 EUR", "34.00 EUR"]).await?;
    fits_everywhere(browser, "cart-recurring").await?;
    browser.click("#items li:nth-child(2) button[value=remove]").await?;
    browser.find_shown("#items li:only-child").await?;
    Ok(())
}

/// A code, a way to ship, a link, and where it came from.
async fn finish(browser: &Browser) -> anyhow::Result<()> {
    let cart = "/console/carts/";
    browser.fill("#code", "NOTHING").await?;
    browser.click("#enter-code").await?;
    browser.sees(cart, &["there is no voucher with this code"]).await?;
    refill(browser, "#code", "hello").await?;
    browser.click("#enter-code").await?;
    browser.sees(cart, &["2.50 EUR off", "22.50 EUR"]).await?;
    browser.click("#ways input").await?;
    browser.click("#ship").await?;
    browser.sees(cart, &["Shipping: Post", "27.40 EUR"]).await?;
    browser.click("#attribution summary").await?;
    browser.fill("#funnel", "phone").await?;
    fits_everywhere(browser, "cart-attribution").await?;
    browser.click("#attribute").await?;
    browser.sees(cart, &["Funnel", "phone", "The sales_agent"]).await?;
    browser.click("#make-link").await?;
    browser.sees(cart, &["The new link, shown this once", "Revoke"]).await?;
    fits_everywhere(browser, "cart-link").await?;
    browser.click("#made-links button").await?;
    browser.sees(cart, &["Revoked"]).await.map(drop)
}

/// Checks out; answers the number of the order.
async fn buy(browser: &Browser) -> anyhow::Result<String> {
    browser.click("#check-out-now").await?;
    browser.sees("/console/carts/", &["The order looks placed by", "27.40 EUR"]).await?;
    for (field, value) in [("#line1", "Lindenstraße 9"), ("#postal_code", "10969"), ("#city", "Berlin")] {
        refill(browser, field, value).await?;
    }
    refill(browser, "#country", "DE").await?;
    browser.click("input[name=payment][value=card]").await?;
    fits_everywhere(browser, "cart-checkout-now").await?;
    browser.click("#pay").await?;
    let page = browser.sees("/console/orders/", &["Product MUG", "27.40 EUR", "Paid", "ada@example.com"]).await?;
    fits_everywhere(browser, "cart-order").await?;
    let number = page.split("Order ").nth(1).and_then(|rest| rest.split_whitespace().next());
    Ok(number.context("an order has a number")?.to_owned())
}

/// The order where whoever it is for finds it, on a telephone.
async fn account(house: &House, browser: &Browser, number: &str) -> anyhow::Result<()> {
    browser.resize(PHONE).await?;
    enter_portal(house, browser, "ada@example.com").await?;
    browser.go("/account/orders").await?;
    browser.sees("/account/orders", &[number, "27.40 EUR"]).await?;
    browser.fits("cart-account-phone").await
}
