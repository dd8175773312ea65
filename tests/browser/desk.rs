//! Staff at work on one customer.
use e2e::{House, Shop, http::text};

use crate::{DESKTOP, PHONE, driver::Browser, sign_in};

/// CU-8, CU-9, CU-10, CU-11, CU-16: a clerk adds a customer, tags them, notes something and changes it, keeps an address,
/// records consent, changes the record, looks at how they sign in, and closes the doors after a question.
#[tokio::test]
async fn a_clerk_works_on_a_customer() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, ada) = shop.register("ada@example.com", "Ada Lovelace").await?;
    sign_in(&browser, &shop.owner).await?;

    browser.click("#new").await?;
    browser.fill("#email", "ADA@example.com").await?;
    browser.click("#save").await?;
    browser.sees("/console/customers/new", &["Nothing was changed"]).await?;
    browser.ask("document.querySelector('#email').value = ''; return 0").await?;
    browser.fill("#email", "grace@example.com").await?;
    browser.fill("#name", "Grace Hopper").await?;
    browser.fill("#contacts", "telegram: @grace").await?;
    browser.fits("customer-new").await?;
    browser.click("#save").await?;
    let made = e2e::shop::customer(&shop, "grace@example.com").await?;
    let made = format!("/console/customers/{}", text(&made, "/id")?);
    browser.sees(&made, &["Grace Hopper", "@grace"]).await?;

    let profile = format!("/console/customers/{}", text(&ada, "/id")?);
    browser.go(&profile).await?;
    browser.fill("#tag", "vip").await?;
    browser.click("#add-tag").await?;
    browser.sees(&profile, &["vip", "×", "Ada Lovelace"]).await?;
    browser.fits("customer-overview").await?;

    let notes = format!("{profile}/notes");
    browser.go(&notes).await?;
    browser.fill("#text", "Called about the parcel.").await?;
    browser.click("#add-note").await?;
    browser.sees(&notes, &["Called about the parcel.", "Change it, until"]).await?;
    browser.click("article summary").await?;
    browser.fill("article textarea", " Twice.").await?;
    browser.click("article button").await?;
    browser.sees(&notes, &["Called about the parcel. Twice.", "(changed"]).await?;
    browser.fits("customer-notes").await?;

    let addresses = format!("{profile}/addresses");
    browser.go(&addresses).await?;
    for (field, value) in [("#line1", "Lindenstraße 9"), ("#postal", "10969"), ("#city", "Berlin"), ("#country", "DE")]
    {
        browser.fill(field, value).await?;
    }
    browser.click("#save").await?;
    browser.sees(&addresses, &["Lindenstraße 9\n10969 Berlin\nGERMANY", "Bills go here", "Parcels go here"]).await?;
    browser.fits("customer-addresses").await?;

    let consents = format!("{profile}/consents");
    browser.go(&consents).await?;
    browser.fill("#source", "On the phone").await?;
    browser.click("button[value='email yes']").await?;
    browser.sees(&consents, &["Agreed", "On the phone", "They withdrew"]).await?;
    browser.fits("customer-consents").await?;

    let edit = format!("{profile}/edit");
    browser.go(&edit).await?;
    browser.fill("#business", "Analytical Engines").await?;
    browser.fits("customer-edit").await?;
    browser.click("#save").await?;
    browser.sees(&profile, &["Analytical Engines", "Ada Lovelace"]).await?;

    let doors = format!("{profile}/sign-in");
    browser.go(&doors).await?;
    browser.sees(&doors, &["Password", "Proved", "Sign out everywhere"]).await?;
    browser.fits("customer-sign-in").await?;
    browser.click("#end-all").await?;
    browser.sees(&doors, &["What they had open has ended.", "Nowhere."]).await?;

    browser.click("#standing").await?;
    let standing = format!("{profile}/standing");
    browser.sees(&standing, &["Keep this customer out?"]).await?;
    browser.fill("#reason", "Charged back.").await?;
    browser.fits("customer-standing").await?;
    browser.click("#confirm").await?;
    browser.sees(&profile, &["Inactive", "Activate"]).await?;

    browser.resize(PHONE).await?;
    for (path, name) in [
        (&profile, "overview"),
        (&notes, "notes"),
        (&addresses, "addresses"),
        (&consents, "consents"),
        (&edit, "edit"),
        (&doors, "sign-in"),
    ] {
        browser.go(path).await?;
        browser.fits(&format!("customer-{name}-phone")).await?;
    }
    browser.close().await
}
