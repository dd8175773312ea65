//! What staff write to customers, on the pages of those who write and of those who want no more of it.
use e2e::{House, Shop, http::text, mail, shop::buyer};
use serde_json::json;

use crate::{DESKTOP, PHONE, driver::Browser, sign_in};

/// That nothing of the page is wider than the window.
async fn fits(browser: &Browser, name: &str) -> anyhow::Result<()> {
    for (size, name) in [(PHONE, format!("{name}-phone")), (DESKTOP, name.to_owned())] {
        browser.resize(size).await?;
        browser.fits(&name).await?;
    }
    Ok(())
}

/// NO-6, CU-16: an owner writes to a customer on their page, is told why marketing does not go there, looks who of a segment
/// would get a campaign and sends it; its reader ends marketing on a page of two words.
#[tokio::test]
async fn an_owner_writes_and_a_reader_has_enough() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_250).await?;
    for email in ["ada@example.com", "bob@example.com"] {
        shop.guest().buy(&mug, email).await?;
    }
    let ada = buyer(&shop, "ada@example.com").await?;
    buyer(&shop, "bob@example.com").await?;
    let id = text(&ada, "/id")?;
    let buyers = json!({ "name": "Buyers", "filter": { "field": "orders_count", "op": "gte", "value": 1 } });
    shop.owner.post("/admin/v1/segments", &buyers).await?.expect(201)?;

    sign_in(&browser, &shop.owner).await?;
    let page = format!("/console/customers/{id}/messages");
    browser.go(&page).await?;
    browser.sees(&page, &["Write to them"]).await?;
    fits(&browser, "letter").await?;
    browser.fill("#subject", "Your mug").await?;
    browser.fill("#text", "Dear {{name}}, it has left.").await?;
    browser.ask("document.querySelector('#purpose').value = 'marketing'; return 0").await?;
    browser.click("#send").await?;
    browser.sees(&page, &["Nothing was sent: this customer has not agreed to marketing"]).await?;
    browser.ask("document.querySelector('#purpose').value = 'service'; return 0").await?;
    browser.click("#send").await?;
    browser.sees(&page, &["Messages"]).await?;
    mail::arrival(&house, "ada@example.com", "it has left").await?;
    browser.go(&page).await?;
    browser.sees(&page, &["Your mug", "Sent"]).await?;

    let agreed = json!({ "consents": { "email": true } });
    shop.owner.post(&format!("/admin/v1/customers/{id}/consents"), &agreed).await?.expect(200)?;
    browser.go("/console/campaigns").await?;
    browser.click("#new-campaign").await?;
    browser.fill("#name", "Spring").await?;
    browser.fill("#subject", "Spring at {{store}}").await?;
    browser.fill("#text", "Dear {{name|customer}},\n\nspring is here.").await?;
    let choose = "document.querySelector('#purpose').value = 'marketing'; document.querySelector('#segment').selectedIndex = 1; return 0";
    browser.ask(choose).await?;
    browser.click("#look").await?;
    let seen = ["1 of 2 customers would get it", "No consent: 1", "Spring at Corner Shop", "Dear Jane Doe"];
    browser.sees("/console/campaigns/new", &seen).await?;
    fits(&browser, "campaign-preview").await?;
    browser.click("#begin").await?;
    browser.sees("/console/campaigns/", &["2 of 2 customers looked at", "Not sent: No consent"]).await?;
    fits(&browser, "campaign").await?;
    let mail = mail::arrival(&house, "ada@example.com", "spring is here").await?.text.replace("\n ", "");
    browser.go("/console/campaigns").await?;
    browser.sees("/console/campaigns", &["Spring", "of 2"]).await?;
    fits(&browser, "campaigns").await?;
    browser.go("/console/campaigns/suppressed").await?;
    browser.sees("/console/campaigns/suppressed", &["Nothing came back yet"]).await?;

    let link = mail.split("/unsubscribe/").nth(1).unwrap_or_default();
    let token: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
    browser.go(&format!("/unsubscribe/{token}")).await?;
    browser.sees("/unsubscribe/", &["No more marketing mail from Corner Shop"]).await?;
    fits(&browser, "unsubscribe").await?;
    browser.click("#unsubscribe").await?;
    browser.sees("/unsubscribe/", &["You are unsubscribed"]).await?;
    fits(&browser, "unsubscribed").await?;
    browser.close().await
}
