//! A photo of oneself, from the shop front to the console, and to the end of it.
use anyhow::Context;
use e2e::{
    House, Shop,
    http::{form, send, text},
};
use reqwest::Method;
use serde_json::{Value, json};

const PORTRAIT: &[u8] = b"GIF89a, Ada at the engine";

/// CU-4, ID-23, CU-15: a customer hands in a photo of themselves; whoever has its address sees it, staff without customers.pii
/// do not have it; staff replace it, its owner takes it off, and an erasure takes the last one with it.
#[tokio::test]
async fn a_photo_is_shown_as_long_as_it_is_there() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (ada, account) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let id = text(&account, "/id")?;
    let of_ada = format!("/admin/v1/customers/{id}");
    let own = ada.request(Method::PUT, "customers/me/photo");
    let shown = send(form(own, "ada.exe", PORTRAIT)).await?.expect(200)?;
    let see = async |customer: &Value| {
        let (_, path) = text(customer, "/photo_url")?.split_once("/files/").context("an address")?;
        let answer = house.http.request(Method::GET, &format!("/files/{path}")).send().await?;
        let (status, head) = (answer.status().as_u16(), answer.headers().clone());
        anyhow::Ok((status, head, answer.bytes().await?.to_vec()))
    };
    let (status, head, bytes) = see(&shown).await?;
    assert_eq!((status, &*bytes, &head["content-type"]), (200, PORTRAIT, &"image/gif".parse()?));
    assert_eq!(
        (&head["cache-control"], &head["x-content-type-options"]),
        (&"private, no-cache".parse()?, &"nosniff".parse()?)
    );
    let seen = shop.owner.get(&of_ada).await?.expect(200)?;
    assert_eq!(seen["photo_url"], shown["photo_url"]);
    let program = ada.request(Method::PUT, "customers/me/photo");
    send(form(program, "a.png", b"<svg onload='alert(1)'/>")).await?.problem(415, "file_type_refused")?;
    let large = ada.request(Method::PUT, "customers/me/photo");
    send(form(large, "a.gif", &[PORTRAIT, &[0; 5 << 20]].concat())).await?.problem(400, "invalid")?;
    let other = ada.request(Method::PUT, "customers/cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41/photo");
    send(form(other, "a.gif", PORTRAIT)).await?.problem(404, "customer_not_found")?;

    let stale = shop.owner.request(Method::PUT, &format!("{of_ada}/photo")).header("If-Match", "\"1\"");
    send(form(stale, "b.gif", PORTRAIT)).await?.problem(412, "stale_version")?;
    let put = shop.owner.request(Method::PUT, &format!("{of_ada}/photo"));
    let replaced = send(form(put, "b.gif", b"GIF89a, Ada at a ball")).await?.expect(200)?;
    assert_eq!((see(&shown).await?.0, &*see(&replaced).await?.2), (404, &b"GIF89a, Ada at a ball"[..]));
    let bare = ada.delete("customers/me/photo").await?.expect(200)?;
    assert_eq!((&bare["photo_url"], see(&replaced).await?.0), (&Value::Null, 404));

    let own = ada.request(Method::PUT, "customers/me/photo");
    let last = send(form(own, "c.gif", PORTRAIT)).await?.expect(200)?;
    let forget = json!({ "reason": "Asked for in writing.", "confirm": id });
    let forget = shop.owner.request(Method::POST, &format!("{of_ada}/erasure")).json(&forget);
    send(forget.header("Idempotency-Key", "forget")).await?.expect(202)?;
    e2e::eventually("the photo is gone", || async { Ok((see(&last).await?.0 == 404).then_some(())) }).await
}
