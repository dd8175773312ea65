//! The pages about webhooks.
use e2e::{House, Shop};

use crate::{DESKTOP, PHONE, driver::Browser, sign_in};

/// NO-5: an owner makes a webhook and is shown its secret once, sends a test, sees what became of it, changes the secret,
/// and switches it off; on a telephone, too.
#[tokio::test]
async fn an_owner_looks_after_a_webhook() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    sign_in(&browser, &shop.owner).await?;
    browser.go("/console/team/webhooks").await?;
    browser.fits("webhooks-none").await?;
    browser.fill("#url", "https://hooks.example.com/patron").await?;
    browser.click("input[name=event][value='order.placed']").await?;
    browser.click("#make-webhook").await?;
    browser.find_shown("#secret").await?;
    browser.fits("webhooks-made").await?;
    let secret = browser.ask("return document.querySelector('#secret').innerText").await?;
    assert!(secret.as_str().is_some_and(|secret| secret.starts_with("whsec_")), "{secret}");
    browser.go("/console/team/webhooks").await?;
    let list = browser.text().await?;
    assert!(list.contains("https://hooks.example.com/patron") && !list.contains("whsec_"), "{list}");
    browser.click("a[href^='/console/team/webhooks/']").await?;
    browser.click("#test").await?;
    let path = browser.ask("return location.pathname").await?;
    browser.sees(path.as_str().unwrap_or_default(), &["ping"]).await?;
    browser.fits("webhook-tested").await?;
    browser.resize(PHONE).await?;
    browser.fits("webhook-phone").await?;
    browser.click("#rotate").await?;
    browser.find_shown("#secret").await?;
    let other = browser.ask("return document.querySelector('#secret').innerText").await?;
    assert_ne!(other, secret);
    browser.click("#disable").await?;
    browser.find_shown("#enable").await?;
    browser.fits("webhook-off").await?;
    browser.close().await
}
