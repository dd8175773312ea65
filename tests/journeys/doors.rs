//! Attacks on the doors of customers, from outside.
use anyhow::Context;
use e2e::{
    Form, House, Shop, eventually,
    http::{send, text},
    mail,
};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode, header};
use serde_json::json;
use testing::openid::OpenId;

/// The password that [`Shop::register`] chooses.
const PASSWORD: &str = "a long enough password";

/// ID-9, ID-10: staff close somebody's doors: their session ends in every process, they do not come in again, and elsewhere
/// nothing changes; opened again, they come in.
#[tokio::test]
async fn inactivity_reaches_every_process() -> anyhow::Result<()> {
    let house = House::start(Form::Separate, Vec::new()).await?;
    let (shop, other) = (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Far Shop", "EUR").await?);
    let (ada, customer) = shop.register("ada@example.com", "Ada").await?;
    // The next code is the only one there.
    std::fs::remove_dir_all(house.sent("mail"))?;
    let (elsewhere, _) = other.register("ada@example.com", "Ada").await?;
    let login = json!({ "identity": "ada@example.com", "password": PASSWORD });
    ada.get("customers/me").await?.expect(200)?;
    let path = format!("/admin/v1/customers/{}", text(&customer, "/id")?);
    let why = json!({ "reason": "Charged back." });
    shop.owner.post(&format!("{path}/inactivate"), &why).await?.expect(200)?;
    eventually("the session is over", || async { Ok((ada.get("customers/me").await?.status == 401).then_some(())) })
        .await?;
    shop.guest().post("customers/login", &login).await?.problem(401, "bad_credentials")?;
    elsewhere.get("customers/me").await?.expect(200)?;
    other.guest().post("customers/login", &login).await?.expect(200)?;
    shop.owner.post(&format!("{path}/activate"), &why).await?.expect(200)?;
    let again = shop.guest().post("customers/login", &login).await?.expect(200)?;
    ada.with_token(text(&again, "/token")?).get("customers/me").await?.expect(200)?;
    Ok(())
}

/// ID-5, ID-10: a token that somebody planted before the sign-in, in a header or a cookie, is never the one after it, and
/// opens nothing then either.
#[tokio::test]
async fn a_planted_session_is_never_the_one_after() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.register("ada@example.com", "Ada").await?;
    let planted = format!("customer_{}", "A".repeat(43));
    let victim = shop.guest().with_token(&planted);
    let login = json!({ "identity": "ada@example.com", "password": PASSWORD });
    victim.post("customers/login", &login).await?.problem(401, "unauthenticated")?;
    let (eve, _) = shop.register("eve@example.com", "Eve").await?;
    let hers = eve.token().context("a token")?;
    let signed_in = eve.post("customers/login", &login).await?.expect(200)?;
    assert_ne!(text(&signed_in, "/token")?, hers);
    assert_eq!(eve.get("customers/me").await?.expect(200)?["email"], "eve@example.com", "still Eve's, and only hers");

    shop.guest().post("customers/magic-link", &json!({ "email": "ada@example.com" })).await?.expect(202)?;
    let link = mail::link(&house, "ada@example.com", "Corner Shop").await?;
    let cookie = format!("__Host-patron_portal=portal_{}", "A".repeat(43));
    let follow = house.http.request(Method::POST, &format!("/account/link/{link}")).header(header::COOKIE, &cookie);
    let follow = follow.header(header::ORIGIN, house.http.base()).header("sec-fetch-site", "same-origin");
    let answer = follow.send().await?;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let set = answer.headers().get(header::SET_COOKIE).context("a cookie")?.to_str()?.to_owned();
    assert!(set.starts_with("__Host-patron_portal=portal_") && !set.starts_with(&cookie), "{set}");
    let home = |cookie: &str| house.http.request(Method::GET, "/account").header(header::COOKIE, cookie);
    let own = set.split(';').next().unwrap_or_default();
    assert!(home(own).send().await?.text().await?.contains("ada@example.com"));
    assert!(!home(&cookie).send().await?.text().await?.contains("ada@example.com"));
    Ok(())
}

/// ID-4: what a client says beside the provider's token counts for nothing: neither the address nor the name, nor who they
/// are; and nobody signs in by saying so alone.
#[tokio::test]
async fn only_the_providers_token_counts() -> anyhow::Result<()> {
    let provider = OpenId::start().await?;
    let client = "shop.apps.example.com";
    let extra = vec![("PATRON_GOOGLE_CLIENTS", client.to_owned()), ("PATRON_GOOGLE_ISSUER", provider.issuer())];
    let house = House::start(Form::One, extra).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, eve) = shop.register("eve@example.com", "Eve").await?;
    provider.know("ada-1", &json!({"email": "ada@example.com", "email_verified": true, "name": "Ada"})).await?;
    let token = provider.token(&provider.issuer(), ("ada-1", client), "").await?;
    let body = json!({ "idToken": token, "clientId": client, "email": "eve@example.com", "name": "Eve",
                       "customer": eve["id"], "email_verified": true, "sub": "eve-1" });
    let signed_in = shop.guest().post("customers/login-with-google", &body).await?;
    assert!(signed_in.status == 200 || signed_in.status == 201, "{}", signed_in.status);
    let signed_in = signed_in.body;
    assert_eq!((&signed_in["email"], &signed_in["name"]), (&json!("ada@example.com"), &json!("Ada")));
    assert_ne!(signed_in["id"], eve["id"]);
    let foreign = json!({ "idToken": token, "clientId": "other.example.com" });
    shop.guest().post("customers/login-with-google", &foreign).await?.problem(401, "bad_token")?;
    let alone = json!({ "email": "eve@example.com", "idToken": "eve@example.com" });
    shop.guest().post("customers/login-with-google", &alone).await?.problem(401, "bad_token")?;
    Ok(())
}

/// ID-8, ID-15: a guest has no token to get, and in the portal neither saves addresses nor reviews: what a shopper holds
/// opens nothing of a shop front, and says nothing beside its key.
#[tokio::test]
async fn guests_save_and_review_nothing() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&product, "ada@example.com").await?;
    for password in ["", PASSWORD] {
        let login = json!({ "identity": "ada@example.com", "password": password });
        assert!(shop.guest().post("customers/login", &login).await?.status >= 400);
    }
    shop.guest().post("customers/login-with-sms", &json!({ "identity": "ada@example.com" })).await?;
    let review = json!({ "subject": product, "rating": 5, "content": "Lovely." });
    let place = json!({ "name": "Ada", "line1": "12 St James's Square", "city": "London", "postal_code": "SW1Y 4JH",
                        "country": "GB" });
    shop.guest().post("reviews", &review).await?.problem(401, "unauthenticated")?;
    shop.guest().post("customers/places", &place).await?.problem(401, "unauthenticated")?;

    e2e::shop::buyer(&shop, "ada@example.com").await?;
    shop.guest().post("customers/magic-link", &json!({ "email": "ada@example.com" })).await?.expect(202)?;
    let token = mail::link(&house, "ada@example.com", "Corner Shop").await?;
    let enter = house.http.request(Method::POST, "/account/v1/sessions").json(&json!({ "token": token }));
    let portal = text(&send(enter).await?.expect(201)?, "/token")?.to_owned();
    let shopper = shop.guest().with_token(&portal);
    for path in ["reviews", "customers/places"] {
        let body = if path == "reviews" { &review } else { &place };
        shopper.post(path, body).await?.problem(401, "unauthenticated")?;
        let request =
            house.http.request(Method::POST, &format!("/storefront/v1/{path}")).bearer_auth(&portal).json(body);
        assert!([401, 403].contains(&send(request).await?.status), "{path}");
    }
    let reviews = house.tables("reviews").await?;
    let count: i64 = sqlx::query_scalar("select count(*) from reviews").fetch_one(&reviews).await?;
    assert_eq!(count, 0);
    Ok(())
}

/// ID-27, ID-2: so many passwords at once that not all can be judged in time: the rest is told to come back, and meanwhile
/// others look around, and sign in without a password.
#[tokio::test]
async fn a_flood_of_passwords_drowns_nobody_else() -> anyhow::Result<()> {
    let house = House::start(Form::One, vec![("PATRON_RATE_LIMIT", "0".to_owned())]).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_000).await?;
    shop.register("ada@example.com", "Ada").await?;
    let cores = std::thread::available_parallelism()?.get();
    let registered = mail::code(&house, "ada@example.com").await?;
    // Each as another person: a few tries at one would be held up by themselves.
    let wrong = |n: usize| json!({ "identity": format!("nobody{n}@example.com"), "password": "not the password" });
    // Two seconds of every core, and half as much again, however fast it hashes.
    let (shop, wrong) = (&shop, &wrong);
    let flood =
        join_all((0..300 * cores).map(|n| async move { shop.guest().post("customers/login", &wrong(n)).await }));
    let others = async {
        let sms = json!({ "identity": "ada@example.com" });
        shop.guest().post("customers/login-with-sms", &sms).await?.expect(200)?;
        for _ in 0..20 {
            shop.guest().get("products").await?.expect(200)?;
        }
        let code = eventually("the code to sign in", || async {
            let newest = mail::code(&house, "ada@example.com").await?;
            Ok((newest != registered).then_some(newest))
        });
        let body = json!({ "identity": "ada@example.com", "code": code.await?, "for": "login" });
        shop.guest().post("customers/verify-code", &body).await?.expect(200)
    };
    let (answers, others) = tokio::join!(flood, others);
    others?;
    let mut counts = [0, 0];
    for answer in answers {
        let answer = answer?;
        match answer.status {
            401 => counts[0] += 1,
            503 => {
                assert!(!answer.header("retry-after").is_empty());
                counts[1] += 1;
            }
            status => anyhow::bail!("{status}"),
        }
    }
    assert!(counts[0] > 0 && counts[1] > 0, "some are judged, the rest is sent away: {counts:?}");
    let login = json!({ "identity": "ada@example.com", "password": PASSWORD });
    shop.guest().post("customers/login", &login).await?.expect(200)?;
    Ok(())
}
