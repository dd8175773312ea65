//! The demo's shop front: what a newcomer does in the first minute.
use anyhow::Context;
use e2e::{
    House, Shop, mail,
    shop::{buyer, customer},
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{PHONE, driver::Browser};

/// A front of `shop`; answers its address.
async fn serve(house: &House, shop: &Shop<'_>) -> anyhow::Result<String> {
    let mail = house.sent("mail").display().to_string();
    let place = shop::Place { api: house.http.base().to_owned(), key: shop.store.key.clone(), mail };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let routes = shop::router(&place)?;
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

async fn fill(browser: &Browser, form: &str, fields: &[(&str, &str)]) -> anyhow::Result<()> {
    for (name, text) in fields {
        browser.fill(&format!("#{form} [name={name}]"), text).await?;
    }
    Ok(())
}

/// CU-1, OR-1: a guest buys on a telephone, with nothing but the storefront API behind the pages, and is a customer at
/// once; a declined card is told, and the cart stays.
#[tokio::test]
async fn a_guest_buys_in_the_shop_front() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_250).await?;
    shop.owner.post("/admin/v1/vouchers", &json!({ "code": "HELLO", "percent": 10 })).await?.expect(201)?;
    let Some(browser) = Browser::open(&serve(&house, &shop).await?, PHONE).await? else { return Ok(()) };
    browser.go("/").await?;
    browser.sees("/", &["Corner Shop", "Product MUG", "12.50"]).await?;
    browser.picture("shop-products").await?;
    browser.click(".card").await?;
    browser.sees("/", &["Quantity", "Add to cart"]).await?;
    browser.click("#add button").await?;
    browser.sees("/", &["Cart (1)", "Voucher code", "Total"]).await?;
    fill(&browser, "voucher", &[("code", "NOTHING")]).await?;
    browser.click("#voucher button").await?;
    browser.find_shown("#page .wrong").await?;
    browser.ask("document.querySelector('#voucher').reset()").await?;
    fill(&browser, "voucher", &[("code", "HELLO")]).await?;
    browser.click("#voucher button").await?;
    browser.sees("/", &["11.25"]).await?;
    browser.picture("shop-cart").await?;
    browser.click("#pay").await?;
    browser.sees("/", &["Check out", "11.25"]).await?;
    let who = [("email", "ada@example.com"), ("name", "Ada Lovelace"), ("line1", "Lindenstr. 9"), ("city", "Berlin")];
    fill(&browser, "buy", &who).await?;
    fill(&browser, "buy", &[("way", "Test card that is declined")]).await?;
    browser.click("#buy button").await?;
    browser.find_shown("#buy .wrong").await?;
    fill(&browser, "buy", &[("way", "Test card that pays")]).await?;
    browser.picture("shop-checkout").await?;
    browser.click("#buy button").await?;
    browser.sees("/", &["Thank you", "ada@example.com"]).await?;
    browser.click("#order").await?;
    browser.sees("/", &["1 × Product MUG", "11.25"]).await?;
    browser.fits("shop-order").await?;
    let ada = buyer(&shop, "ada@example.com").await?;
    assert_eq!((&ada["lifecycle"], &ada["orders_count"]), (&json!("customer"), &json!(1)), "{mug}: {ada}");
    browser.close().await
}

/// ID-1, ID-2: somebody registers with a code in the shop front, is signed in, buys on the payment provider's page and
/// finds the order in the account; signing out forgets them.
#[tokio::test]
async fn a_newcomer_registers_in_the_shop_front() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_250).await?;
    let front = serve(&house, &shop).await?;
    let Some(browser) = Browser::open(&front, PHONE).await? else { return Ok(()) };
    browser.go("/#/account").await?;
    fill(&browser, "new", &[("identity", "grace@example.com")]).await?;
    browser.click("#new button").await?;
    let code = mail::code(&house, "grace@example.com").await?;
    browser.find_shown("#register").await?;
    let about = [("code", &*code), ("name", "Grace Hopper"), ("password", "a long enough password")];
    fill(&browser, "register", &about).await?;
    browser.picture("shop-register").await?;
    browser.click("#register button").await?;
    browser.sees("/", &["Grace Hopper", "You have not bought anything yet."]).await?;
    browser.go("/#/").await?;
    browser.click(".card").await?;
    browser.click("#add button").await?;
    browser.click("#pay").await?;
    let prefilled = "return document.querySelector('#buy [name=email]')?.value";
    browser.find_shown("#buy").await?;
    assert_eq!(browser.ask(prefilled).await?, "grace@example.com");
    fill(&browser, "buy", &[("line1", "Lindenstr. 9"), ("city", "Berlin"), ("way", "On the payment")]).await?;
    browser.click("#buy button").await?;
    browser.sees("/", &["Waiting for the payment"]).await?;
    let there = browser.ask("return document.getElementById('provider').href").await?;
    let there = there.as_str().and_then(|url| url.split_once("/pay/")).context("an address")?.1.to_owned();
    let paid = house.http.request(reqwest::Method::POST, &format!("/pay/{there}"));
    let paid = paid.header("Sec-Fetch-Site", "same-origin").form(&[("decision", "pay")]).send().await?;
    assert!(paid.status().is_success() || paid.status().is_redirection(), "{}", paid.status());
    browser.sees("/", &["Thank you", "grace@example.com"]).await?;
    browser.go("/#/account").await?;
    browser.find_shown("#orders").await?;
    browser.picture("shop-account").await?;
    browser.click("#leave").await?;
    browser.sees("/", &["I am new here", "Sign in"]).await?;
    assert_eq!(customer(&shop, "grace@example.com").await?["registration"], "registered");
    browser.close().await
}

/// ID-1, CA-9, OR-1: somebody who has an account fills a cart, signs in on a telephone, goes on with the same cart, finds their
/// details filled in, buys at once and finds the order in the account.
#[tokio::test]
async fn a_customer_signs_in_and_buys_in_the_shop_front() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_250).await?;
    shop.register("ada@example.com", "Ada Lovelace").await?;
    let Some(browser) = Browser::open(&serve(&house, &shop).await?, PHONE).await? else { return Ok(()) };
    browser.go("/").await?;
    browser.click(".card").await?;
    browser.click("#add button").await?;
    browser.sees("/", &["Cart (1)"]).await?;
    browser.go("/#/account").await?;
    fill(&browser, "sign-in", &[("identity", "ada@example.com"), ("password", "not what it was")]).await?;
    browser.click("#sign-in button").await?;
    browser.find_shown("#sign-in .wrong").await?;
    browser.ask("document.querySelector('#sign-in').reset()").await?;
    fill(&browser, "sign-in", &[("identity", "ada@example.com"), ("password", "a long enough password")]).await?;
    browser.click("#sign-in button").await?;
    browser.sees("/", &["Ada Lovelace", "You have not bought anything yet.", "Cart (1)"]).await?;
    browser.picture("shop-signed-in").await?;
    browser.go("/#/checkout").await?;
    browser.find_shown("#buy").await?;
    let filled =
        "return [...document.querySelectorAll('#buy [name=email], #buy [name=name]')].map(of => of.value).join()";
    assert_eq!(browser.ask(filled).await?, "ada@example.com,Ada Lovelace");
    fill(&browser, "buy", &[("line1", "Lindenstr. 9"), ("city", "Berlin"), ("way", "Test card that pays")]).await?;
    browser.click("#buy button").await?;
    browser.sees("/", &["Thank you", "ada@example.com"]).await?;
    browser.go("/#/account").await?;
    browser.find_shown("#orders").await?;
    browser.sees("/", &["Ada Lovelace", "12.50"]).await?;
    browser.fits("shop-bought").await?;
    let ada = buyer(&shop, "ada@example.com").await?;
    assert_eq!((&ada["registration"], &ada["orders_count"]), (&json!("registered"), &json!(1)), "{ada}");
    browser.close().await
}
