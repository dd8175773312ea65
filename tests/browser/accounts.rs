//! Staff at work on accounts that nobody should have made.
use e2e::{House, Shop, eventually};

use crate::{DESKTOP, PHONE, driver::Browser, sign_in};

/// Waits until the page of a job says so.
async fn ended(browser: &Browser, done: &str) -> anyhow::Result<()> {
    eventually("the job ends", || async {
        let shown = browser.text().await?;
        Ok((shown.contains(done) && shown.contains("Succeeded")).then_some(()))
    })
    .await
}

/// AD-2, AD-3: an owner has all accounts looked through, sees who is suspected and why, sets a schedule, ticks one, types how
/// many it is, and finds what became of it.
#[tokio::test]
async fn an_owner_cleans_up() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.register("ada.lovelace@example.com", "Ada Lovelace").await?;
    shop.register("grace@example.com", "Grace Hopper").await?;
    shop.register("robot@mailinator.com", "www.pills.top").await?;
    shop.register("second@mailinator.com", "asdfgh").await?;
    sign_in(&browser, &shop.owner).await?;
    browser.click("#accounts-link").await?;
    browser.sees("/console/customers/accounts", &["Nobody has looked yet"]).await?;
    browser.click("#run").await?;
    ended(&browser, "4 of 4 done").await?;
    browser.click("#result").await?;
    let seen = ["4 accounts", "Suspected spam", "50 %", "Url in name (+70)", "Disposable domain (+60)"];
    browser.sees("/console/customers/accounts", &seen).await?;
    browser.picture("accounts").await?;
    browser.resize(PHONE).await?;
    browser.picture("accounts-phone").await?;
    browser.resize(DESKTOP).await?;
    browser.ask("document.getElementById('schedule').value = 'weekly'").await?;
    browser.click("#set-schedule").await?;
    browser.sees("/console/customers/accounts", &["Next: "]).await?;

    let passes = "update customers set last_activity_at = last_activity_at - interval '2 hours'";
    sqlx::query(passes).execute(&house.tables("customers").await?).await?;
    browser.click("#accounts tbody tr:nth-child(1) input").await?;
    browser.click("#clean-some").await?;
    browser.sees("/console/customers/accounts/ask", &["It concerns 1 account", "Keep out from now on"]).await?;
    browser.picture("cleanup-ask").await?;
    browser.fill("#reason", "Made by a script").await?;
    browser.fill("#confirm", "2").await?;
    browser.click("#do").await?;
    browser.sees("/console/customers/accounts/clean", &["confirm with the number of customers concerned"]).await?;
    browser.click("#block-emails").await?;
    browser.fill("#reason", "Made by a script").await?;
    browser.fill("#confirm", "1").await?;
    browser.click("#do").await?;
    ended(&browser, "1 of 1 done").await?;
    browser.picture("cleanup-job").await?;
    let shown = browser.text().await?;
    assert!(shown.contains("Accounts are removed") && shown.contains("What became of each"), "{shown}");
    browser.close().await
}
