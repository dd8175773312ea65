//! The account portal: a link by mail, and every store of the shopper behind it.
use anyhow::Context;
use e2e::{
    House, Shop, eventually,
    http::{send, text},
    mail,
};
use reqwest::{Method, header};
use serde_json::{Value, json};

async fn stores(house: &House, token: &str) -> anyhow::Result<Vec<String>> {
    let answer = send(house.http.request(Method::GET, "/account/v1/stores").bearer_auth(token)).await?.expect(200)?;
    let names = answer["data"].as_array().context("a list")?;
    Ok(names.iter().filter_map(|store| Some(store["name"].as_str()?.to_owned())).collect())
}

/// ID-14, ID-15, ID-8: a guest of two stores comes in by one link, as often as they like; looking at its page, as mail
/// scanners do, changes nothing; a click signs in.
#[tokio::test]
async fn one_link_opens_all_stores() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (one, two) =
        (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Harbour Books", "EUR").await?);
    Shop::open(&house, "Far Shop", "EUR").await?;
    for shop in [&one, &two] {
        let product = shop.product("MUG", 1_000).await?;
        shop.guest().buy(&product, "ada@example.com").await?;
        e2e::shop::buyer(shop, "ada@example.com").await?;
    }
    let ask =
        |email: &str| house.http.request(Method::POST, "/account/v1/magic-links").json(&json!({ "email": email }));
    let nobody = send(ask("nobody@example.com")).await?.expect(202)?;
    let answer = send(ask("ada@example.com")).await?.expect(202)?;
    let token = mail::link(&house, "ada@example.com", "Patron").await?;
    assert_eq!(answer, nobody);

    let page = house.http.request(Method::GET, &format!("/account/link/{token}")).send().await?;
    assert!(page.headers().get(header::SET_COOKIE).is_none() && page.text().await?.contains("method=\"post\""));
    let head = house.http.request(Method::HEAD, &format!("/account/link/{token}")).send().await?;
    assert!(head.status().is_success() && head.headers().get(header::SET_COOKIE).is_none());
    let sessions = house.tables("identity").await?;
    let count: i64 = sqlx::query_scalar("select count(*) from portal_sessions").fetch_one(&sessions).await?;
    assert_eq!(count, 0, "looking signs nobody in");

    let enter = || house.http.request(Method::POST, "/account/v1/sessions").json(&json!({ "token": token }));
    let session = send(enter()).await?.expect(201)?;
    let bearer = text(&session, "/token")?.to_owned();
    assert_eq!(session["shopper"]["email"], "ada@example.com");
    eventually("both purchases count", || async {
        let mut names = stores(&house, &bearer).await?;
        names.sort();
        Ok((names == ["Corner Shop", "Harbour Books"]).then_some(()))
    })
    .await?;
    send(enter()).await?.expect(201)?;

    let gone = send(house.http.request(Method::DELETE, "/account/v1/sessions/current").bearer_auth(&bearer)).await?;
    assert_eq!(gone.status, 204);
    let me = send(house.http.request(Method::GET, "/account/v1/me").bearer_auth(&bearer)).await?;
    me.problem(401, "unauthenticated")?;
    Ok(())
}

/// ID-14: asked for from a store's My Account, the link comes in that store's name.
#[tokio::test]
async fn a_store_sends_links_in_its_own_name() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (ada, _) = shop.register("ada@example.com", "Ada").await?;
    let body: Value = json!({ "email": "ada@example.com" });
    shop.guest().post("customers/magic-link", &body).await?.expect(202)?;
    let token = mail::link(&house, "ada@example.com", "Corner Shop").await?;
    let enter = house.http.request(Method::POST, "/account/v1/sessions").json(&json!({ "token": token }));
    let bearer = text(&send(enter).await?.expect(201)?, "/token")?.to_owned();
    assert_eq!(stores(&house, &bearer).await?, ["Corner Shop"]);
    // A portal session is no customer's token, and the other way round.
    ada.with_token(&bearer).get("customers/me").await?.problem(401, "unauthenticated")?;
    let own = house.http.request(Method::GET, "/account/v1/me").bearer_auth(ada.token().unwrap_or_default());
    send(own).await?.problem(401, "unauthenticated")?;
    Ok(())
}

/// ID-3, ID-11, ID-13: over HTTP: a phone is proven and signs in by text message, a password is forgotten and reset, the
/// account is closed.
#[tokio::test]
async fn a_customer_manages_how_they_sign_in() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (ada, customer) = shop.register("ada@example.com", "Ada").await?;
    let phone = json!({ "phone": "+4930901820" });
    ada.post("customers/request-phone-verification", &phone).await?.expect(200)?;
    let code = mail::text_code(&house, "+4930901820").await?;
    let proven = json!({ "phone": "+4930901820", "code": &code });
    assert_eq!(ada.post("customers/verify-phone-number", &proven).await?.expect(200)?["phone"], "+4930901820");
    let sent = shop.guest().post("customers/login-with-sms", &phone).await?.expect(200)?;
    assert_eq!(sent, json!({ "status": "OK", "method": "sms" }));
    // Only the new one is tried, since tries are counted.
    let next = eventually("the code to sign in", || async {
        let newest = mail::text_code(&house, "+4930901820").await?;
        Ok((newest != code).then_some(newest))
    });
    let body = json!({ "identity": "+4930901820", "code": next.await?, "for": "login" });
    let signed_in = shop.guest().post("customers/verify-code", &body).await?.expect(200)?;
    assert_eq!(signed_in["id"], customer["id"]);
    assert_eq!(ada.get("customers/sessions").await?.expect(200)?.as_array().map(Vec::len), Some(2));

    let second = ada.with_token(text(&signed_in, "/token")?);
    second.delete("customers/sessions").await?.expect(200)?;
    ada.get("customers/me").await?.problem(401, "unauthenticated")?;
    second.post("customers/account-closure", &json!({})).await?.expect(200)?;
    let code = eventually("the code to close", || async {
        let mails = mail::to(&house, "ada@example.com")?;
        let closing = mails.iter().rev().find(|mail| mail.text.contains("close your account"));
        let words = closing.map(|mail| mail.text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let is_code = |word: &&String| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
        Ok(words.and_then(|words| words.iter().find(is_code).cloned()))
    })
    .await?;
    second.post("customers/confirm-account-closure", &json!({ "code": code })).await?.expect(200)?;
    second.get("customers/me").await?.problem(401, "unauthenticated")?;
    let login = json!({ "identity": "ada@example.com", "password": "a long enough password" });
    shop.guest().post("customers/login", &login).await?.problem(401, "bad_credentials")?;
    // Then everything else of theirs goes, too, but for a last word.
    mail::arrival(&house, "ada@example.com", "closed").await?;
    let of = format!("/admin/v1/customers/{}", text(&customer, "/id")?);
    eventually("the person is erased", || async { Ok((shop.owner.get(&of).await?.status == 404).then_some(())) }).await
}

/// CU-16: what a shopper agrees to in the portal counts in the store that they name, or in all; another's is not theirs.
#[tokio::test]
async fn preferences_count_where_they_are_meant() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (one, two) =
        (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Harbour Books", "EUR").await?);
    let (stranger, _) = one.register("eve@example.com", "Eve").await?;
    let eve = stranger.get("customers/me").await?.expect(200)?;
    for shop in [&one, &two] {
        let product = shop.product("MUG", 1_000).await?;
        shop.guest().buy(&product, "ada@example.com").await?;
    }
    let ask =
        || house.http.request(Method::POST, "/account/v1/magic-links").json(&json!({ "email": "ada@example.com" }));
    let token = eventually("both stores know Ada", || async {
        send(ask()).await?.expect(202)?;
        Ok(mail::link(&house, "ada@example.com", "Patron").await.ok())
    })
    .await?;
    let enter = house.http.request(Method::POST, "/account/v1/sessions").json(&json!({ "token": token }));
    let portal = text(&send(enter).await?.expect(201)?, "/token")?.to_owned();
    let set = |body: Value| {
        let request = house.http.request(Method::PUT, "/account/v1/preferences").bearer_auth(&portal);
        send(request.json(&body))
    };
    let all = set(json!({ "consents": { "email": true, "sms": true } })).await?.expect(200)?;
    let records = all["data"].as_array().context("a list")?;
    assert_eq!(records.len(), 2);
    let first = text(&records[0], "/customer_id")?;
    let since = set(json!({ "consents": { "email": false }, "customer_id": first })).await?.expect(200)?;
    let emails: Vec<_> =
        since["data"].as_array().into_iter().flatten().map(|known| &known["consents"]["email"]).collect();
    assert_eq!(emails, [&json!(false), &json!(true)]);
    let other = json!({ "consents": { "email": true }, "customer_id": eve["id"] });
    set(other).await?.problem(404, "customer_not_found")?;
    set(json!({ "consents": { "fax": true } })).await?.expect(400)?;
    Ok(())
}
