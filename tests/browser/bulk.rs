//! Staff at work on many customers at once.
use e2e::{House, Shop, eventually, http::text, shop::customer};

use crate::{DESKTOP, PHONE, driver::Browser, sign_in};

/// Waits until the page of a job, which looks again by itself, says that all three are done.
async fn ended(browser: &Browser) -> anyhow::Result<()> {
    eventually("the job ends", || async {
        let shown = browser.text().await?;
        Ok((shown.contains("3 of 3 done") && shown.contains("Succeeded")).then_some(()))
    })
    .await
}

/// CU-8, CU-18: a clerk ticks two and tags them, has all that the list finds tagged and then erased by a job that asks how
/// many they are, and reads on a tab of its own what happened.
#[tokio::test]
async fn a_clerk_changes_many() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    for email in ["ada@example.com", "bob@example.com", "eve@example.com"] {
        shop.guest().buy(&mug, email).await?;
    }
    eventually("all are customers", || async {
        let list = shop.owner.get("/admin/v1/customers?filter[orders_count][gte]=1").await?.expect(200)?;
        Ok((list["data"].as_array().map(Vec::len) == Some(3)).then_some(()))
    })
    .await?;
    sign_in(&browser, &shop.owner).await?;
    let list = "/console/customers?columns=tags";
    browser.go(list).await?;
    browser.sees("/console/customers", &["ada@example.com"]).await?;
    browser.click("#customers tbody tr:nth-child(1) input").await?;
    browser.click("#customers tbody tr:nth-child(2) input").await?;
    browser.picture("bulk-list").await?;
    browser.click("#bulk-ask").await?;
    browser.sees("/console/customers/bulk/ask", &["It concerns 2 customers", "Add this tag"]).await?;
    browser.picture("bulk-ask").await?;
    browser.fill("#add", "fair").await?;
    browser.click("#do").await?;
    browser.sees("/console/customers/bulk", &["2 customers were changed"]).await?;

    browser.go(list).await?;
    browser.sees("/console/customers", &["fair"]).await?;
    browser.ask("document.getElementById('whom').value = 'all'").await?;
    browser.click("#bulk-ask").await?;
    browser.sees("/console/customers/bulk/ask", &["It concerns 3 customers: all that the list finds"]).await?;
    browser.fill("#add", "everybody").await?;
    browser.click("#do").await?;
    ended(&browser).await?;
    browser.picture("bulk-job").await?;

    let ada = customer(&shop, "ada@example.com").await?;
    let timeline = format!("/console/customers/{}/timeline", text(&ada, "/id")?);
    eventually("what happened is told", || async {
        browser.go(&timeline).await?;
        let told = browser.text().await?;
        let all = ["Tags were changed", "by you", "Placed an order", "Paid 10.00 EUR", "A message was sent"];
        Ok(all.iter().all(|part| told.contains(part)).then_some(()))
    })
    .await?;
    browser.picture("timeline").await?;
    browser.resize(PHONE).await?;
    browser.picture("timeline-phone").await?;
    browser.go(list).await?;
    browser.picture("bulk-list-phone").await?;
    browser.resize(DESKTOP).await?;

    browser.go(list).await?;
    browser
        .ask("document.getElementById('whom').value = 'all'; document.getElementById('action').value = 'delete'")
        .await?;
    browser.click("#bulk-ask").await?;
    browser.sees("/console/customers/bulk/ask", &["It concerns 3 customers", "There is no way back"]).await?;
    browser.fill("#reason", "They asked for it").await?;
    browser.fill("#confirm", "2").await?;
    browser.click("#do").await?;
    browser.sees("/console/customers/bulk", &["confirm with the number of customers concerned, which is 3"]).await?;
    browser.picture("bulk-erase").await?;
    browser.fill("#reason", "They asked for it").await?;
    browser.fill("#confirm", "3").await?;
    browser.click("#do").await?;
    ended(&browser).await?;
    browser.go(list).await?;
    browser.sees("/console/customers", &["No customers yet"]).await?;
    browser.close().await
}
