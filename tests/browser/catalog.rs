//! The pages about what is sold.
use e2e::{House, Shop};

use crate::{DESKTOP, PHONE, driver::Browser, sign_in};

/// CA-1, CA-11: staff add a product with a plan, change it, take it off sale and find it again; and say how the store ships
/// and what tax it charges; on a telephone, too.
#[tokio::test]
async fn staff_look_after_what_is_sold() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    sign_in(&browser, &shop.owner).await?;
    browser.go("/console/products").await?;
    browser.find_shown("#empty").await?;
    browser.click("#new").await?;
    browser.fits("product-new").await?;
    browser.fill("#name", "Coffee of the month").await?;
    browser.fill("#sku", "COFFEE").await?;
    browser.fill("#price", "12.999").await?;
    browser.fill("#plan-1", "Monthly").await?;
    browser.fill("#price-1", "9,90").await?;
    browser.fill("#target-1", "Kitchen").await?;
    browser.click("#save").await?;
    browser.find_shown("#failure").await?;
    browser.fits("product-refused").await?;
    browser.ask("document.querySelector('#price').value = ''").await?;
    browser.fill("#price", "12.99").await?;
    browser.click("#save").await?;
    browser.find_shown("#inactivate").await?;
    browser.fits("product").await?;
    browser.click("#inactivate").await?;
    browser.find_shown("#activate").await?;
    browser.resize(PHONE).await?;
    browser.fits("product-phone").await?;
    browser.go("/console/products?q=offee&active=false&plans=true").await?;
    let list = browser.text().await?;
    assert!(list.contains("COFFEE") && list.contains("12.99 EUR") && list.contains("plan from 9.90 EUR"), "{list}");
    browser.fits("products-phone").await?;
    browser.resize(DESKTOP).await?;
    browser.fits("products").await?;
    browser.go("/console/products/shipping").await?;
    browser.fill("#name-new", "Post").await?;
    browser.fill("#price-new", "4.90").await?;
    browser.fill("#countries-new", "de, at").await?;
    browser.click("#add-method").await?;
    browser.find_shown("#name-1").await?;
    browser.fits("shipping").await?;
    browser.go("/console/products/promotions/offers").await?;
    browser.fill("#name-new", "Three for less").await?;
    browser.fill("#percent-new", "12,5").await?;
    browser.fill("#pieces-new", "3").await?;
    browser.fill("#products-new", "COFFEE").await?;
    browser.click("#add-promotion").await?;
    browser.find_shown("#name-1").await?;
    browser.fits("offers").await?;
    browser.go("/console/products/promotions/vouchers").await?;
    browser.fill("#code-new", "spring").await?;
    browser.fill("#amount-new", "5").await?;
    browser.fill("#uses-new", "100").await?;
    browser.click("#add-promotion").await?;
    browser.find_shown("#name-1").await?;
    browser.resize(PHONE).await?;
    browser.fits("vouchers-phone").await?;
    browser.resize(DESKTOP).await?;
    browser.go("/console/products/taxes").await?;
    browser.fill("#name-new", "VAT").await?;
    browser.fill("#country-new", "de").await?;
    browser.fill("#rate-new", "19").await?;
    browser.click("#add-rate").await?;
    browser.find_shown("#name-1").await?;
    browser.fits("taxes").await?;
    browser.resize(PHONE).await?;
    browser.fits("taxes-phone").await?;
    browser.close().await
}
