//! Staff at work on one customer, and what that means in the shop.
use anyhow::Context;
use e2e::{
    House, Member, Shop, eventually,
    http::{send, text},
    shop::customer,
};
use reqwest::{Method, header};
use serde_json::{Value, json};

/// CU-8, ID-9: staff give a customer another e-mail address: the sessions end, the login is at the new address, which is
/// unproved; then they close the doors, and open them again.
#[tokio::test]
async fn a_login_moves_and_doors_close() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (ada, registered) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let clerk = Member::hire(&house, &shop.store.id, "customer_service").await?;
    let path = format!("/admin/v1/customers/{}", text(&registered, "/id")?);
    let seen = clerk.get(&path).await?;
    let stale = clerk.request(Method::PATCH, &path).header(header::IF_MATCH, "\"99\"");
    send(stale.json(&json!({ "name": "x" }))).await?.problem(412, "stale_version")?;
    let change = clerk.request(Method::PATCH, &path).header(header::IF_MATCH, seen.header("etag"));
    let moved = send(change.json(&json!({ "email": "countess@example.com", "business": null }))).await?.expect(200)?;
    assert_eq!((text(&moved, "/email")?, text(&moved, "/name")?), ("countess@example.com", "Ada Lovelace"));
    eventually("the session has ended", || async { Ok((ada.get("customers/me").await?.status == 401).then_some(())) })
        .await?;
    let log_in = |email: &str| json!({ "identity": email, "password": "a long enough password" });
    shop.guest().post("customers/login", &log_in("ada@example.com")).await?.problem(401, "bad_credentials")?;
    let back = shop.guest().post("customers/login", &log_in("countess@example.com")).await?.expect(200)?;
    let sign_in = clerk.get(&format!("{path}/sessions")).await?.expect(200)?;
    assert_eq!((&sign_in["email_proved"], &sign_in["methods"]), (&json!(false), &json!(["password"])));
    assert_eq!(sign_in["sessions"].as_array().map(Vec::len), Some(1));

    let here = shop.guest().with_token(text(&back, "/token")?);
    clerk.post(&format!("{path}/inactivate"), &json!({ "reason": "Charged back." })).await?.expect(200)?;
    eventually("every door is closed", || async { Ok((here.get("customers/me").await?.status == 401).then_some(())) })
        .await?;
    shop.guest().post("customers/login", &log_in("countess@example.com")).await?.problem(401, "bad_credentials")?;
    clerk.post(&format!("{path}/activate"), &json!({})).await?.expect(200)?;
    shop.guest().post("customers/login", &log_in("countess@example.com")).await?.expect(200)?;
    Ok(())
}

/// CU-7, CU-9, CU-10, CU-11, CU-12, CU-16: what the customer keeps and agrees to the staff see, and the other way round.
#[tokio::test]
async fn both_sides_see_the_same() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (ada, registered) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let path = format!("/admin/v1/customers/{}", text(&registered, "/id")?);
    let place = json!({ "street1": "Lindenstraße 9", "city": "Berlin", "postal_code": "10969", "country": "de" });
    let place = ada.post("customers/places", &place).await?.expect(201)?;
    assert_eq!(place["label"], json!(["Lindenstraße 9", "10969 Berlin", "GERMANY"]));
    let office = json!({ "line1": "1 Main St", "city": "Springfield", "region": "IL", "postal_code": "62701",
        "country": "US", "residential": false, "default_billing": true });
    shop.owner.post(&format!("{path}/addresses"), &office).await?.expect(201)?;
    let places = ada.get("customers/places").await?.expect(200)?;
    let defaults = |list: &Value, kind: &str| -> Vec<String> {
        let all = list.as_array().into_iter().flatten();
        all.filter(|place| place[kind] == true).filter_map(|place| place["line1"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(defaults(&places, "default_billing"), ["1 Main St"]);
    assert_eq!(defaults(&places, "default_shipping"), ["Lindenstraße 9"]);
    ada.delete(&format!("customers/places/{}", text(&place, "/id")?)).await?.expect(200)?;

    ada.put("customers/consents", &json!({ "email": true })).await?.expect(200)?;
    shop.owner.post(&format!("{path}/consents"), &json!({ "consents": { "email": false } })).await?.expect(200)?;
    let consents = ada.get("customers/consents").await?.expect(200)?;
    assert_eq!(
        (&consents["consents"], &consents["history"][1]["source"]),
        (&json!({ "email": false }), &json!("storefront"))
    );
    shop.owner.post(&format!("{path}/notes"), &json!({ "text": "Called." })).await?.expect(201)?;
    shop.owner.post(&format!("{path}/tags"), &json!({ "add": ["vip"] })).await?.expect(200)?;
    ada.get("customers/directory").await?.problem(403, "no_member")?;
    shop.owner.patch(&path, &json!({ "access": { "directory": true } })).await?.expect(200)?;
    assert_eq!(ada.get("customers/directory").await?.expect(200)?, json!([{ "name": "Ada Lovelace" }]));

    let profile = shop.owner.get(&format!("{path}/profile")).await?.expect(200)?;
    assert_eq!((&profile["notes"]["data"][0]["text"], &profile["tags"]), (&json!("Called."), &json!(["vip"])));
    let author = profile["notes"]["data"][0]["written_by"].as_str().context("a name")?;
    assert!(!author.is_empty() && profile["addresses"]["data"].as_array().map(Vec::len) == Some(1), "{profile}");
    assert_eq!(text(&customer(&shop, "ada@example.com").await?, "/default_address/line1")?, "1 Main St");
    Ok(())
}
