//! Receipts: from the purchase to the paper, for whoever bought and whoever sold, and after an erasure (OR-6, PO-1).
use anyhow::Context;
use e2e::{
    House, Shop, eventually,
    http::{send, text},
};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use crate::tickets::sign_in;

/// A file by its address: status, headers, content.
async fn file(request: reqwest::RequestBuilder) -> anyhow::Result<(StatusCode, HeaderMap, Vec<u8>)> {
    let answer = request.send().await?;
    Ok((answer.status(), answer.headers().clone(), answer.bytes().await?.to_vec()))
}

async fn look(house: &House, cookie: &str, path: &str) -> anyhow::Result<String> {
    let answer = house.http.request(Method::GET, path).header("cookie", cookie).send().await?;
    anyhow::ensure!(answer.status() == 200, "{path} answers {}", answer.status());
    Ok(answer.text().await?)
}

async fn bought(house: &House, bearer: &str) -> anyhow::Result<Value> {
    eventually("the purchase is known", || async {
        let own = send(house.http.request(Method::GET, "/account/v1/orders").bearer_auth(bearer)).await?.expect(200)?;
        Ok((own["data"].as_array().map(Vec::len) == Some(1)).then_some(own))
    })
    .await
}

/// OR-6, OR-2, PO-1, PL-4: whoever bought finds the order in the portal and takes its receipt away as a page and as a PDF;
/// staff do the same, a refund adds a credit note, and nobody of another store has any of it.
#[tokio::test]
async fn a_receipt_is_for_both_sides() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (shop, other) = (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Far Shop", "EUR").await?);
    let product = shop.product("MUG", 1_000).await?;
    let order = shop.guest().buy(&product, "ada@example.com").await?;
    let id = text(&order, "/id")?;
    e2e::shop::buyer(&shop, "ada@example.com").await?;
    let admin = format!("/admin/v1/orders/{id}");
    let receipts = shop.owner.get(&format!("{admin}/receipts")).await?.expect(200)?;
    let number = text(&receipts, "/data/0/number")?;
    assert_eq!((&receipts["data"][0]["kind"], number.ends_with("-000001")), (&json!("receipt"), true));
    let (status, head, pdf) = file(shop.owner.request(Method::GET, &format!("{admin}/receipt"))).await?;
    assert_eq!((status.as_u16(), head["content-type"].to_str()?), (200, "application/pdf"));
    assert_eq!(head["content-disposition"], format!("attachment; filename=\"receipt-{number}.pdf\""));
    assert_eq!(head["cache-control"], "private, no-store");
    assert_eq!(head["x-content-type-options"], "nosniff");
    assert!(head["content-security-policy"].to_str()?.contains("default-src 'none'") && pdf.starts_with(b"%PDF-"));
    shop.owner.get(&format!("{admin}/receipt?format=docx")).await?.problem(400, "invalid")?;
    other.owner.get(&format!("{admin}/receipt")).await?.problem(404, "order_not_found")?;
    other.owner.get(&format!("{admin}/receipts")).await?.problem(404, "order_not_found")?;

    let refund = shop.owner.request(Method::POST, &format!("{admin}/refunds")).header("Idempotency-Key", "once");
    send(refund.json(&json!({ "amount": { "amount": 100, "currency": "EUR" }, "reason": "A scratch." })))
        .await?
        .expect(201)?;
    let receipts = shop.owner.get(&format!("{admin}/receipts")).await?.expect(200)?;
    assert_eq!(
        (&receipts["data"][1]["kind"], &receipts["data"][1]["corrects"]),
        (&json!("credit_note"), &json!(number))
    );
    assert_eq!(receipts["data"][1]["total"]["amount"], 100);

    let bearer = sign_in(&house, "ada@example.com").await?;
    assert_eq!(bought(&house, &bearer).await?["data"][0]["id"], id);
    let own = format!("/account/v1/orders/{id}");
    let seen = send(house.http.request(Method::GET, &own).bearer_auth(&bearer)).await?.expect(200)?;
    assert_eq!((&seen["email"], &seen["note"]), (&json!("ada@example.com"), &Value::Null));
    let (_, _, again) = file(house.http.request(Method::GET, &format!("{own}/receipt")).bearer_auth(&bearer)).await?;
    assert_eq!(again, pdf, "it is the same for both, to the byte");
    let cookie = format!("__Host-patron_portal={bearer}");
    assert!(look(&house, &cookie, "/account/orders").await?.contains("Corner Shop"));
    let page = look(&house, &cookie, &format!("/account/orders/{id}")).await?;
    assert!(page.contains(number) && page.contains("Credit note"), "{page}");
    let paper = format!("/account/orders/{id}/receipts/{}/html", text(&receipts, "/data/0/id")?);
    let paper = look(&house, &cookie, &paper).await?;
    assert!(paper.contains("ada@example.com") && paper.contains("10.00 EUR"), "{paper}");
    assert!(look(&house, &cookie, "/account/library").await?.contains("nothing in your library yet"));
    let eve = shop.guest().buy(&product, "eve@example.com").await?;
    let theirs = format!("/account/v1/orders/{}", text(&eve, "/id")?);
    for path in [theirs.clone(), format!("{theirs}/receipt"), format!("{theirs}/receipts")] {
        send(house.http.request(Method::GET, &path).bearer_auth(&bearer)).await?.problem(404, "order_not_found")?;
    }
    Ok(())
}

/// OR-6, CU-15: after an erasure the receipt has its number, lines, totals and country, and nobody's name in any form.
#[tokio::test]
async fn an_erasure_leaves_the_receipt() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_000).await?;
    let order = shop.guest().buy(&product, "zebedee@example.com").await?;
    let path = format!("/admin/v1/orders/{}/receipt", text(&order, "/id")?);
    let before = shop.owner.get(&format!("{path}?format=json")).await?.expect(200)?;
    assert_eq!(before["email"], "zebedee@example.com");
    let known = e2e::shop::buyer(&shop, "zebedee@example.com").await?;
    let customer = text(&known, "/id")?;
    let erasure = shop.owner.request(Method::POST, &format!("/admin/v1/customers/{customer}/erasure"));
    let erasure =
        erasure.header("Idempotency-Key", "gone").json(&json!({ "confirm": customer, "reason": "They asked." }));
    send(erasure).await?.expect(202)?;
    let after = eventually("nobody is named", || async {
        let after = shop.owner.get(&format!("{path}?format=json")).await?.expect(200)?;
        Ok(after["email"].is_null().then_some(after))
    })
    .await?;
    for part in ["number", "lines", "total", "issued_at", "seller"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    let (_, _, page) = file(shop.owner.request(Method::GET, &format!("{path}?format=html"))).await?;
    let page = String::from_utf8(page).context("text")?.to_lowercase();
    assert!(!page.contains("zebedee") && page.contains("10.00 eur"), "{page}");
    Ok(())
}
