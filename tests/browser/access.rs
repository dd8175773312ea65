//! The pages about who may come in and do what, on a desktop and on a phone, in light and in dark. With
//! `PATRON_TEST_PICTURES` set to a folder, a picture of each is kept there.
use anyhow::{Context, ensure};
use e2e::{House, Member, Shop, http::text, mail, shop::customer, staff::totp};
use serde_json::json;

use crate::{DESKTOP, PHONE, driver::Browser, next_code};

/// Goes to each of `paths` and looks at it in both colours.
async fn walk(browser: &Browser, paths: &[(&str, String)], screen: &str) -> anyhow::Result<()> {
    for theme in ["light", "dark"] {
        browser.go("/console/account").await?;
        browser.click("#account").await?;
        browser.click(&format!("button[name=theme][value={theme}]")).await?;
        browser.find_shown(&format!("html[data-bs-theme={theme}]")).await?;
        for (name, path) in paths {
            browser.go(path).await?;
            browser.fits(&format!("{screen}-{theme}-{name}")).await?;
        }
    }
    Ok(())
}

/// The secret of the authenticator that the page shows, beside a picture of it that the browser could draw.
async fn scan(browser: &Browser) -> anyhow::Result<String> {
    browser.find_shown("#picture").await?;
    let drawn = "return document.querySelector('#picture').complete && document.querySelector('#picture').naturalWidth";
    let drawn = browser.ask(drawn).await?;
    ensure!(drawn.as_u64() >= Some(200), "the picture is not drawn: {drawn}");
    let secret = browser.ask("return document.querySelector('#secret').innerText").await?;
    Ok(secret.as_str().context("a key")?.to_owned())
}

/// ID-20: somebody who is invited chooses a password, reads their authenticator's key from the picture, comes in, and
/// keeps recovery codes; then replaces the authenticator, which takes a new proof of who they are.
#[tokio::test]
async fn an_authenticator_is_set_up_and_replaced() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), PHONE).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let invitation = json!({ "email": "nina@example.com", "role": "sales_agent" });
    shop.owner.post("/admin/v1/invitations", &invitation).await?.expect(201)?;
    let letter = mail::arrival(&house, "nina@example.com", "token=").await?.text.replace("=3D", "=");
    let token = letter.split("token=").nth(1).and_then(|rest| rest.split_whitespace().next()).context("a link")?;
    browser.go(&format!("/console/invitation?token={token}")).await?;
    browser.fits("phone-invitation").await?;
    browser.fill("#name", "Nina New").await?;
    browser.fill("#password", "a long enough password").await?;
    browser.click("#submit").await?;
    let secret = scan(&browser).await?;
    browser.fits("phone-enrol").await?;
    browser.fill("#code", &totp(&secret)?).await?;
    browser.click("#submit").await?;
    browser.find_shown("#recovery-codes").await?;
    browser.fits("phone-recovery-codes").await?;
    let code = browser.ask("return document.querySelector('#recovery-codes code').innerText").await?;
    browser.click("#continue").await?;
    browser.sees("/console/customers", &["Customers"]).await?;

    browser.go("/console/account").await?;
    browser.click("#replace").await?;
    let other = scan(&browser).await?;
    ensure!(other != secret, "the same key once more");
    browser.fits("phone-replace").await?;
    browser.fill("#code", "000000").await?;
    browser.click("#submit").await?;
    browser.sees("/console/account/authenticator/confirm", &["That code is not right"]).await?;
    browser.fits("phone-replace-wrong").await?;
    browser.fill("#code", &totp(&other)?).await?;
    browser.click("#submit").await?;
    browser.sees("/console/account/authenticator/confirm", &["Your new recovery codes"]).await?;
    browser.fits("phone-replaced").await?;

    // A code of before is void; one of those that were just made proves who it is.
    browser.go("/console/account/confirm?next=/console/account").await?;
    browser.fits("phone-confirm").await?;
    browser.fill("#code", code.as_str().unwrap_or_default()).await?;
    browser.click("#submit").await?;
    browser.sees("/console/account/confirm", &["That is not right"]).await?;
    browser.close().await
}

/// ID-21, ID-24, ID-25, ID-26, AD-1: the pages about roles, keys, block lists, the audit and being logged in as a customer
/// are whole on a desktop and on a phone, in light and in dark.
#[tokio::test]
async fn pages_about_access_are_whole() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_250).await?;
    shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
    let ada = text(&customer(&shop, "ada.lovelace@example.com").await?, "/id")?.to_owned();
    furnish(&shop).await?;
    browser.go("/console").await?;
    browser.fits("desktop-sign-in").await?;
    browser.fill("#email", &shop.owner.email).await?;
    browser.fill("#password", &shop.owner.password).await?;
    browser.click("#submit").await?;
    browser.find_shown("#code").await?;
    browser.fits("desktop-factor").await?;
    browser.fill("#code", &next_code(&shop.owner)?).await?;
    browser.click("#submit").await?;
    browser.sees("/console/customers", &["Customers"]).await?;
    browser.go(&format!("/console/customers/{ada}/impersonate")).await?;
    browser.fill("#reason", "Cannot find the download.").await?;
    browser.click("#impersonate").await?;
    browser.sees(&format!("/console/customers/{ada}/impersonate"), &["The customer token"]).await?;
    browser.fits("desktop-impersonation-token").await?;
    let paths = [
        ("account", "/console/account".to_owned()),
        ("staff", "/console/team".to_owned()),
        ("roles", "/console/team/roles".to_owned()),
        ("keys", "/console/team/keys".to_owned()),
        ("blocks", "/console/team/blocks".to_owned()),
        ("audit", "/console/audit".to_owned()),
        ("verify", "/console/audit/verify".to_owned()),
        ("access", "/console/audit/access".to_owned()),
        ("impersonation", format!("/console/customers/{ada}/impersonate")),
        ("customer", format!("/console/customers/{ada}")),
    ];
    walk(&browser, &paths, "desktop").await?;
    browser.resize(PHONE).await?;
    walk(&browser, &paths, "phone").await?;
    browser.close().await
}

/// Something of everything that the pages show.
async fn furnish(shop: &Shop<'_>) -> anyhow::Result<()> {
    let role = json!({ "name": "Warehouse", "permissions": ["orders.read", "catalog.read"] });
    shop.owner.post("/admin/v1/roles", &role).await?.expect(201)?;
    let key = json!({ "name": "Accounting", "permissions": ["orders.read", "customers.read", "catalog.read"],
                      "allowed_ips": ["192.0.2.0/24", "2001:db8::/32"], "expires_at": "2040-03-02T12:00:00Z" });
    shop.owner.post("/admin/v1/api-keys", &key).await?.expect(201)?;
    for (kind, value) in [("email", "nobody@example.com"), ("ip", "198.51.100.0/24"), ("domain", "spam.example")] {
        let block = json!({ "kind": kind, "value": value, "reason": "Orders, and never pays: three times in March." });
        shop.owner.post("/admin/v1/blocks", &block).await?.expect(201)?;
    }
    let invitation = json!({ "email": "nina.with-a-rather-long-name@example.com", "role": "sales_agent" });
    shop.owner.post("/admin/v1/invitations", &invitation).await?.expect(201)?;
    Member::hire(shop.house, &shop.store.id, "moderator").await?;
    Ok(())
}
