//! The ways in that have pages of their own, in a browser.
use anyhow::{Context, ensure};
use e2e::{House, Shop, mail, shop::buyer};
use serde_json::json;

use crate::{DESKTOP, PHONE, driver::Browser, next_code};

/// ID-8, ID-14, ID-15: a guest who has bought asks for a link on a telephone, follows it, and is in by one click only; asked
/// for once more after signing out, the same link still lets in.
#[tokio::test]
async fn a_guest_comes_in_by_link() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), PHONE).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_250).await?;
    shop.guest().buy(&mug, "grace@example.com").await?;
    buyer(&shop, "grace@example.com").await?;
    browser.go("/account").await?;
    browser.picture("portal-ask").await?;
    browser.fill("#email", "grace@example.com").await?;
    browser.click("#submit").await?;
    browser.find_shown("#sent").await?;
    let link = format!("/account/link/{}", mail::link(&house, "grace@example.com", "Patron").await?);
    for _ in 0..2 {
        browser.go(&link).await?;
        browser.find_shown("#enter").await?;
        browser.go("/account").await?;
        browser.find_shown("#email").await?; // looking at a link signs nobody in
        browser.go(&link).await?;
        browser.click("#enter").await?;
        browser.find_shown("#stores").await?;
        let shown = browser.text().await?;
        ensure!(
            shown.contains("grace@example.com") && shown.contains("Corner Shop") && shown.contains("1 order"),
            "{shown}"
        );
        browser.picture("portal-home").await?;
        browser.click("#sign-out").await?;
        browser.find_shown("#email").await?;
    }
    browser.close().await
}

/// ID-20: who has lost the authenticator comes in by a recovery code, once.
#[tokio::test]
async fn a_recovery_code_lets_in_once() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let made = shop.owner.post("/admin/v1/me/recovery-codes", &json!({})).await?;
    let code = made.body["recovery_codes"][0].as_str().context("a code")?.to_owned();
    for (code, shown) in [(&*code, "Customers"), (&*code, "not right"), (&*next_code(&shop.owner)?, "Customers")] {
        browser.go("/console/sign-in").await?;
        browser.fill("#email", &shop.owner.email).await?;
        browser.fill("#password", &shop.owner.password).await?;
        browser.click("#submit").await?;
        browser.fill("#code", code).await?;
        browser.click("#submit").await?;
        if shown == "Customers" {
            browser.sees("/console/customers", &[shown]).await?;
            browser.click("#account").await?;
            browser.click("#sign-out").await?;
            browser.find_shown("#email").await?;
        } else {
            browser.find_shown("#failure").await?;
            let page = browser.text().await?;
            ensure!(page.contains(shown), "{page}");
        }
    }
    browser.close().await
}
