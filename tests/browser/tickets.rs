//! Support tickets on the pages of those who answer and of those who ask.
use e2e::{House, Shop, http::text};
use serde_json::json;

use crate::{DESKTOP, PHONE, driver::Browser, enter_portal, sign_in};

/// Fills the page anew in a window as narrow as a telephone.
async fn on_a_phone(browser: &Browser, (path, name): (&str, &str), sees: &str) -> anyhow::Result<()> {
    browser.resize(PHONE).await?;
    browser.go(path).await?;
    browser.sees(path, &[sees]).await?;
    browser.fits(name).await?;
    browser.resize(DESKTOP).await
}

/// ST-1, ST-2, ST-3: an agent finds what waits, notes something, takes the ticket and answers it; in the portal its
/// customer reads the answer but not the note, replies, and asks for something else.
#[tokio::test]
async fn a_ticket_on_its_pages() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (ada, known) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let mug = shop.product("MUG", 1_250).await?;
    let order = ada.buy(&mug, "ada@example.com").await?;
    let new = json!({ "subject": "The mug has no handle", "text": "It came\nwithout one.", "order": order["id"] });
    let ticket = ada.post("customers/tickets", &new).await?.expect(201)?;
    let page = format!("/console/tickets/{}", text(&ticket, "/id")?);

    sign_in(&browser, &shop.owner).await?;
    browser.go("/console/tickets").await?;
    browser.sees("/console/tickets", &["The mug has no handle", "Ada Lovelace", "1 ticket"]).await?;
    browser.fits("tickets").await?;
    browser.click("#tickets tbody a").await?;
    browser.sees(&page, &["It came\nwithout one.", "Seen to by"]).await?;
    browser.fill("#text", "The parcel looked opened.").await?;
    browser.click("#note").await?;
    browser.sees(&page, &["The parcel looked opened.", "Note among staff"]).await?;
    browser.ask("document.querySelector('#assignee').selectedIndex = 1; return 0").await?;
    browser.fill("#tags", "parcel, handle").await?;
    browser.click("#save").await?;
    browser.sees(&page, &["parcel", "handle"]).await?;
    browser.fill("#text", "We send you another one.").await?;
    let label = house.folder().join("Return label.pdf");
    std::fs::write(&label, b"%PDF-1.7\na label")?;
    browser.fill("#files", &label.display().to_string()).await?;
    browser.click("#reply").await?;
    browser.sees(&page, &["We send you another one.", "Return label.pdf", "PDF, 16 bytes", "Pending"]).await?;
    browser.fits("ticket").await?;
    on_a_phone(&browser, (&page, "ticket-phone"), "We send you another one.").await?;
    on_a_phone(&browser, ("/console/tickets", "tickets-phone"), "Nothing waits for you").await?;

    let theirs = format!("/console/customers/{}/tickets", text(&known, "/id")?);
    browser.go(&theirs).await?;
    browser.sees(&theirs, &["The mug has no handle", "Open a ticket for them"]).await?;
    browser.fits("customer-tickets").await?;

    enter_portal(&house, &browser, "ada@example.com").await?;
    browser.click("#tickets").await?;
    browser.sees("/account/tickets", &["The mug has no handle", "Pending"]).await?;
    browser.fits("portal-tickets").await?;
    let own = format!("/account/tickets/{}", text(&ticket, "/id")?);
    browser.click("#tickets a").await?;
    let seen = browser.sees(&own, &["We send you another one.", "You,"]).await?;
    anyhow::ensure!(!seen.contains("looked opened"), "a customer reads a note: {seen}");
    browser.fill("#text", "Thank you!").await?;
    let program = house.folder().join("setup.exe");
    std::fs::write(&program, b"MZ\x90\0\x03\0\0\0\x04\0\0\0")?;
    browser.fill("#files", &program.display().to_string()).await?;
    browser.click("#reply").await?;
    browser.sees(&own, &["Nothing was sent: this kind of file is not taken"]).await?;
    let photo = house.folder().join("mug.png");
    std::fs::write(&photo, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR a mug")?;
    browser.fill("#files", &photo.display().to_string()).await?;
    browser.click("#reply").await?;
    browser.sees(&own, &["Thank you!", "mug.png", "Return label.pdf", "Open"]).await?;
    browser.fits("portal-ticket").await?;
    on_a_phone(&browser, (&own, "portal-ticket-phone"), "Thank you!").await?;
    browser.go("/account/tickets").await?;
    browser.fill("#subject", "An invoice").await?;
    browser.fill("#text", "Please send me one.").await?;
    browser.click("#send").await?;
    browser.find_shown("#thread").await?;
    anyhow::ensure!(browser.text().await?.contains("Please send me one."), "the new ticket is not shown");
    browser.close().await
}
