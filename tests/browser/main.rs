//! The staff console in a real browser, in front of the whole house.
use anyhow::Context;
use e2e::{House, Member, Shop, http::text, shop::customer};
use totp_rs::{Algorithm, Builder, Secret};

mod access;
mod accounts;
mod bulk;
mod cart_editor;
mod catalog;
mod checkout;
mod desk;
mod driver;
mod entrances;
mod imports;
mod letters;
mod lists;
mod payment_link;
mod purchases;
mod shop_front;
mod tickets;
mod webhooks;

use driver::Browser;

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// Signs `member` in with both factors, and waits for the first page.
async fn sign_in(browser: &Browser, member: &Member) -> anyhow::Result<String> {
    browser.go("/console").await?;
    browser.fill("#email", &member.email).await?;
    browser.fill("#password", &member.password).await?;
    browser.click("#submit").await?;
    browser.fill("#code", &next_code(member)?).await?;
    browser.click("#submit").await?;
    browser.sees("/console/customers", &["Customers"]).await
}

/// The code of the next half minute: that of this one was used when the member was hired, and each works once.
fn next_code(member: &Member) -> anyhow::Result<String> {
    let wrong = |error| anyhow::anyhow!("{error:?}");
    let secret = Secret::try_from_base32(&member.totp_secret).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
    let totp = totp.with_secret(secret).build().map_err(wrong)?;
    Ok(totp.generate(totp.next_step_current()).to_string())
}

/// CU-5, CU-7, ID-20: sign in with both factors, search while typing, open a customer and their order, sign out.
#[tokio::test]
async fn staff_find_a_customer_and_their_order() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_250).await?;
    let order = shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
    shop.guest().buy(&mug, "grace.hopper@example.com").await?;
    let (ada, _) =
        (customer(&shop, "ada.lovelace@example.com").await?, customer(&shop, "grace.hopper@example.com").await?);

    sign_in(&browser, &shop.owner).await?;
    browser.sees("/console/customers", &["ada.lovelace@example.com", "grace.hopper@example.com"]).await?;
    browser.ask("window.samePage = true").await?;
    browser.fill("#q", "ada.lovelace").await?;
    let rows = browser.sees("/console/customers", &["ada.lovelace@example.com", "1 customer found by"]).await?;
    assert!(!rows.contains("grace.hopper@example.com"), "{rows}");
    assert_eq!(browser.ask("return window.samePage === true").await?, true, "the search loads no page anew");

    browser.click("#customers tbody a").await?;
    let profile = format!("/console/customers/{}", text(&ada, "/id")?);
    browser.sees(&profile, &["ada.lovelace@example.com", "12.50 EUR", "Corner Shop"]).await?;
    browser.click("a[href^='/console/orders/']").await?;
    let number = text(&order, "/number").context("an order has a number")?.to_owned();
    let page = format!("/console/orders/{}", text(&order, "/id")?);
    browser.sees(&page, &[&format!("Order {number}"), "Product MUG", "12.50 EUR", "ada.lovelace@example.com"]).await?;

    browser.click("#account").await?;
    browser.click("#sign-out").await?;
    browser.sees("/console/sign-in", &["You are signed out."]).await?;
    browser.go(&profile).await?;
    browser.sees("/console/sign-in", &["Sign in to the console"]).await?;
    browser.close().await
}

/// ID-23: on a phone as anywhere, a moderator sees masked data, the reason, and no more.
#[tokio::test]
async fn a_moderator_sees_a_masked_console() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), PHONE).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_250).await?;
    let order = shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
    let ada = customer(&shop, "ada.lovelace@example.com").await?;
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;

    sign_in(&browser, &moderator).await?;
    let profile = format!("/console/customers/{}", text(&ada, "/id")?);
    let mut shown = browser.sees("/console/customers", &["Personal data is hidden", "a***@example.com"]).await?;
    browser.go(&profile).await?;
    shown += &browser.sees(&profile, &["Personal data is hidden", "a***@example.com", "carts.read"]).await?;
    browser.click("a[href^='/console/orders/']").await?;
    let page = format!("/console/orders/{}", text(&order, "/id")?);
    shown += &browser.sees(&page, &["Personal data is hidden", "12.50 EUR"]).await?;
    for secret in ["Lovelace", "ada.lovelace", "Unter den Linden", "901820"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    browser.fits("masked-order-phone").await?;
    browser.close().await
}

/// Comes into the account portal by a link that is asked for and mailed.
async fn enter_portal(house: &House, browser: &Browser, email: &str) -> anyhow::Result<()> {
    browser.go("/account").await?;
    browser.fill("#email", email).await?;
    browser.click("#submit").await?;
    browser.go(&format!("/account/link/{}", e2e::mail::link(house, email, "Patron").await?)).await?;
    browser.click("#enter").await?;
    browser.sees("/account", &["Your stores", "Corner Shop"]).await?;
    Ok(())
}

/// ID-14, ID-15: on a phone: ask for a link, open it, click, see one's stores, sign out.
#[tokio::test]
async fn a_shopper_comes_in_by_link() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), PHONE).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.register("ada@example.com", "Ada").await?;
    browser.go("/account").await?;
    browser.fill("#email", "ada@example.com").await?;
    browser.click("#submit").await?;
    browser.sees("/account", &["Check your mail", "ada@example.com"]).await?;
    let mail = e2e::mail::arrival(&house, "ada@example.com", "/account/link/").await?;
    let link = mail.text.split("/account/link/").nth(1).and_then(|rest| rest.split_whitespace().next());
    let page = format!("/account/link/{}", link.context("a link")?);
    browser.go(&page).await?;
    browser.sees(&page, &["Sign in to see your purchases"]).await?;
    browser.click("#enter").await?;
    browser.sees("/account", &["Your stores", "Corner Shop", "ada@example.com"]).await?;
    browser.click("#sign-out").await?;
    browser.sees("/account", &["You are signed out."]).await?;
    browser.close().await
}
