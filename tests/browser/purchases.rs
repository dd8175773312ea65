//! What was bought: staff look through orders and transactions, whoever bought through theirs.
use e2e::{House, Shop, http::text};

use crate::{DESKTOP, PHONE, driver::Browser, enter_portal, sign_in};

/// OR-2, OR-4, OR-6, OR-8, PO-1: orders and transactions are narrowed down, an order has its receipt, and whoever bought
/// sees theirs, with what is in the library; on a telephone, too.
#[tokio::test]
async fn what_was_bought_is_looked_through() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (mug, song) = (shop.product("MUG", 1_000).await?, shop.song("RAIN", b"a song about rain").await?);
    let order = shop.guest().buy(&mug, "ada@example.com").await?;
    shop.guest().buy(&song, "ada@example.com").await?;
    e2e::shop::buyer(&shop, "ada@example.com").await?;
    let (id, number) = (text(&order, "/id")?, text(&order, "/number")?);
    sign_in(&browser, &shop.owner).await?;
    let pages = [
        ("/console/orders", "orders", vec![number, "Ada Lovelace", "Paid", "2 orders"]),
        ("/console/orders?payment=refunded", "orders-none", vec!["No such orders", "0 orders"]),
        ("/console/transactions", "transactions", vec!["Payment", "2 transactions", "Came in"]),
        ("/console/transactions?kind=refund", "transactions-none", vec!["No such transactions"]),
    ];
    for (page, name, texts) in &pages {
        browser.go(page).await?;
        browser.sees(page.split('?').next().unwrap_or_default(), texts).await?;
        browser.fits(name).await?;
    }
    browser.go("/console/orders").await?;
    browser.fill("#q", number).await?;
    browser.click("#filter").await?;
    browser.sees("/console/orders", &["1 order", number]).await?;
    browser.click("#orders a").await?;
    let page = format!("/console/orders/{id}");
    browser.sees(&page, &["Receipts", "-000001"]).await?;
    browser.fits("order").await?;
    browser.click("[aria-labelledby='receipts'] a").await?;
    anyhow::ensure!(browser.text().await?.contains("Corner Shop"), "the receipt is not shown");
    let width = browser.ask("return getComputedStyle(document.body).maxWidth").await?;
    anyhow::ensure!(width == "736px", "the receipt has no style: {width}");
    browser.fits("receipt").await?;
    browser.resize(PHONE).await?;
    browser.fits("receipt-phone").await?;
    for (page, name, _) in &pages {
        browser.go(page).await?;
        browser.fits(&format!("{name}-phone")).await?;
    }
    portal(&house, &browser).await?;
    owed(&shop, &browser, &mug).await?;
    browser.close().await
}

/// What is due of an order is paid on its page: a payment that was declined leaves it due.
async fn owed(shop: &Shop<'_>, browser: &Browser, mug: &str) -> anyhow::Result<()> {
    let guest = shop.guest();
    let token = guest.checkout(&guest.cart(mug, 3).await?, "ada@example.com", "manual").await?;
    let order = guest.capture(&token, "").await?.expect(200)?;
    let page = format!("/account/orders/{}", text(&order, "/id")?);
    browser.go(&page).await?;
    browser.sees(&page, &["30.00 EUR", "Pending"]).await?;
    browser.fits("portal-order-due").await?;
    browser.click("input[value=bank]").await?;
    browser.click("#pay").await?;
    browser.sees("/pay/test/", &["Pay 30.00 EUR", "Decline"]).await?;
    browser.click("#decline").await?;
    browser.go(&page).await?;
    browser.click("input[value=card]").await?;
    browser.click("#pay").await?;
    browser.sees(&page, &["30.00 EUR", "Paid", "Receipts"]).await?;
    browser.fits("portal-order-paid").await
}

/// The same for whoever bought, on a telephone.
async fn portal(house: &House, browser: &Browser) -> anyhow::Result<()> {
    enter_portal(house, browser, "ada@example.com").await?;
    browser.click("#library").await?;
    browser.sees("/account/library", &["Bought", "Active"]).await?;
    browser.fits("portal-library").await?;
    browser.click("#library button").await?;
    browser.sees("/account/library", &["Download", "5 times"]).await?;
    browser.fits("portal-library-link").await?;
    browser.go("/account/orders").await?;
    browser.sees("/account/orders", &["Corner Shop", "10.00 EUR"]).await?;
    browser.fits("portal-orders").await?;
    browser.click("#orders a").await?;
    browser.find_shown("#receipts").await?;
    browser.fits("portal-order").await
}
