//! Staff take customers in from files.
use std::io::Write;

use e2e::{House, Shop};

use crate::{DESKTOP, PHONE, driver::Browser, sign_in};

/// A file with these bytes, under a name that browsers send.
fn file(bytes: &[u8]) -> anyhow::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile()?;
    file.write_all(bytes)?;
    Ok(file)
}

async fn upload(browser: &Browser, file: &tempfile::NamedTempFile) -> anyhow::Result<()> {
    browser.go("/console/customers/imports").await?;
    browser.fill("#file", &file.path().to_string_lossy()).await?;
    browser.click("#upload").await
}

/// CU-3, CU-8: a clerk uploads what another shop exported, looks at the columns, has it checked and takes it in; and then what
/// a German spreadsheet wrote, with semicolons and umlauts.
#[tokio::test]
async fn a_clerk_takes_customers_in() -> anyhow::Result<()> {
    let house = House::one().await?;
    let Some(browser) = Browser::open(house.http.base(), DESKTOP).await? else { return Ok(()) };
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    sign_in(&browser, &shop.owner).await?;
    browser.click("#imports").await?;
    browser.sees("/console/customers/imports", &["Upload a file of customers", "No imports yet"]).await?;
    let shopify = "First Name,Last Name,Email,Accepts Email Marketing,Default Address Address1,Default Address City,\
        Default Address Country Code,Phone,Total Spent,Tags\r\n\
        Ada,King,ada@example.com,yes,Allee 1,Berlin,DE,+49 30 901820,12.50,vip\r\n\
        Bob,,bob@example,no,,,,,0.00,\r\nEve,Moor,eve@example.com,no,,,,call me,0.00,\r\n";
    // A browser reads a file when it sends it: each stays until the end.
    let shopify = file(shopify.as_bytes())?;
    upload(&browser, &shopify).await?;
    let shown = ["An import of 3 rows", "Say what the columns are", "Read as utf-8", "ada@example.com · bob@example"];
    browser.sees("/console/customers/imports/", &shown).await?;
    browser.picture("import-columns").await?;
    browser.resize(PHONE).await?;
    browser.picture("import-columns-phone").await?;
    browser.resize(DESKTOP).await?;
    browser.fill("#tags", "moved").await?;
    browser.click("#check").await?;
    let shown = ["What would become of the rows", "This cannot be read as what the column is", "Not taken", "Left out"];
    browser.sees("/console/customers/imports/", &shown).await?;
    browser.picture("import-checked").await?;
    browser.click("#start").await?;
    browser
        .sees("/console/customers/imports/", &["What became of the rows", "What became of each line", "Succeeded"])
        .await?;
    browser.picture("import-done").await?;

    let german = file(b"Vorname;Nachname;E-Mail;Stra\xdfe;PLZ;Ort\r\nJ\xfcrgen;Gr\xfcn;juergen@example.com;Gr\xfcner Weg 2;10115;Berlin\r\n")?;
    upload(&browser, &german).await?;
    browser.sees("/console/customers/imports/", &["Read as windows-1252", "Grüner Weg 2"]).await?;
    browser.click("#check").await?;
    browser.find_shown("#start").await?;
    browser.click("#start").await?;
    browser.sees("/console/customers/imports/", &["Succeeded"]).await?;
    browser.go("/console/customers?tab=leads").await?;
    browser.sees("/console/customers", &["Jürgen Grün", "Ada King"]).await?;
    browser.go("/console/customers/imports").await?;
    browser.sees("/console/customers/imports", &["Succeeded"]).await?;
    browser.picture("imports").await?;
    let archive = file(b"PK\0\0")?;
    upload(&browser, &archive).await?;
    browser.sees("/console/customers/imports", &["Nothing was uploaded: this is not a text file"]).await?;
    browser.close().await
}
