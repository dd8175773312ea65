//! Staff at work on lists of customers.
use e2e::{House, Shop, eventually};

use crate::{DESKTOP, PHONE, driver::Browser, sign_in};

/// CU-5, CU-6, CU-17, EX-1, EX-2: a clerk narrows the list down, chooses columns, saves the filters and drops them, takes the list
/// away, and looks at who stays; on a telephone, too.
#[tokio::test]
async fn a_clerk_works_on_a_list() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    for email in ["ada@example.com", "ada@example.com", "eve@example.com"] {
        shop.guest().buy(&mug, email).await?;
    }
    let lea = shop.guest();
    let cart = lea.cart(&mug, 2).await?;
    lea.put(&format!("carts/{cart}/contact"), &serde_json::json!({ "email": "lea@example.com", "name": "Lea" }))
        .await?
        .expect(200)?;
    eventually("both are customers", || async {
        let list = shop.owner.get("/admin/v1/customers?filter[orders_count][gte]=1").await?.expect(200)?;
        Ok((list["data"].as_array().map(Vec::len) == Some(2)).then_some(()))
    })
    .await?;
    sign_in(&browser, &shop.owner).await?;

    let list = "/console/customers?tab=all&segment=repeat&columns=activity%2Cengagement";
    browser.go(list).await?;
    browser.sees("/console/customers", &["ada@example.com", "Active", "Frequent", "Save these filters as"]).await?;
    browser.fits("customers-segment").await?;
    browser.fill("#name", "Regulars").await?;
    browser.click("#save button").await?;
    browser.sees("/console/customers", &["ada@example.com", "Regulars"]).await?;
    browser.click("#export button").await?;
    let exports = "/console/customers/exports";
    browser.sees(exports, &["Customers, CSV"]).await?;
    eventually("the file is written", || async {
        browser.go(exports).await?;
        Ok(browser.text().await?.contains("Download").then_some(()))
    })
    .await?;
    browser.sees(exports, &["1 of 1 rows", "Succeeded"]).await?;
    browser.fits("exports").await?;

    let segments = "/console/customers/segments";
    browser.go(segments).await?;
    browser.sees(segments, &["Regulars"]).await?;
    browser.fits("segments").await?;
    browser.click("button[name='id']").await?;
    browser.sees(segments, &["No segments yet"]).await?;

    browser.go("/console/carts").await?;
    browser.sees("/console/carts", &["Lea", "2 × Product MUG"]).await?;
    browser.fits("open-carts").await?;
    browser.click("#export button").await?;
    browser.sees(exports, &["Open carts, CSV"]).await?;
    browser.ask("document.getElementById('another-list').value = 'transactions'").await?;
    browser.click("#export-another").await?;
    browser.sees(exports, &["Transactions, CSV", "Open carts, CSV", "Customers, CSV"]).await?;
    browser.go("/console/carts?state=abandoned&sort=created_at").await?;
    browser.sees("/console/carts", &["No such carts"]).await?;
    browser.fits("abandoned-carts").await?;
    let retention = "/console/customers/retention";
    browser.go(retention).await?;
    browser.sees(retention, &["BOUGHT AGAIN", "How active buyers are", "Who came back"]).await?;
    browser.fits("retention").await?;

    browser.resize(PHONE).await?;
    for (page, name) in [(list, "customers-segment"), (exports, "exports"), (retention, "retention")] {
        browser.go(page).await?;
        browser.fits(&format!("{name}-phone")).await?;
    }
    browser.close().await
}
