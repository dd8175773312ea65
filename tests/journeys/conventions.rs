//! The conventions that hold for every route: keys, versions, cursors, problems.
use e2e::{
    Answer, House, Shop,
    http::{send, text},
};
use reqwest::Method;
use serde_json::json;

/// PL-3: the same key gives the stored answer; the same key for another request is refused.
#[tokio::test]
async fn a_repeated_request_gets_the_stored_answer() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = |sku: &str| json!({ "name": "Mug", "sku": sku, "kind": "physical", "price": { "amount": 1, "currency": "EUR" } });
    let create = |body: serde_json::Value, key: &'static str| {
        send(shop.owner.request(Method::POST, "/admin/v1/products").header("Idempotency-Key", key).json(&body))
    };
    let first = create(product("A"), "one").await?;
    let again = create(product("A"), "one").await?;
    assert_eq!((first.status, again.status, &first.body), (201, 201, &again.body));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    create(product("B"), "one").await?.problem(422, "idempotency_mismatch")?;
    create(product("A"), "two").await?.problem(409, "sku_taken")?;
    for key in ["", "☕", &"x".repeat(256)] {
        let request = shop.owner.request(Method::POST, "/admin/v1/products").json(&product("C"));
        let Ok(value) = reqwest::header::HeaderValue::from_bytes(key.as_bytes()) else { continue };
        let answer = send(request.header("Idempotency-Key", value)).await?;
        assert_eq!(answer.status, 400, "{key}: {}", answer.body);
    }
    Ok(())
}

/// PL-3: of many requests at once with one key, one is carried out; the others replay it or are told that it runs.
#[tokio::test]
async fn one_key_at_once_has_one_effect() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let cart = text(&shop.guest().get("carts").await?.expect(200)?, "/id")?.to_owned();
    let adds = (0..10).map(|_| {
        let add = shop.guest().request(Method::POST, &format!("carts/{cart}/{mug}"));
        send(add.header("Idempotency-Key", "add-once").json(&json!({ "quantity": 1 })))
    });
    let answers: Vec<Answer> = futures_util::future::try_join_all(adds).await?;
    for answer in answers {
        assert!(answer.status == 200 || answer.body["code"] == "idempotency_in_flight", "{}", answer.body);
    }
    assert_eq!(shop.guest().get(&format!("carts/{cart}")).await?.expect(200)?["total_items"], 1);
    Ok(())
}

/// PL-3: a stale If-Match is refused with the current version; what has not changed is 304.
#[tokio::test]
async fn versions_are_checked() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let path = format!("/admin/v1/products/{mug}");
    let seen = shop.owner.get(&path).await?;
    assert_eq!(seen.header("etag"), "\"1\"");
    let rename = |version: &'static str, name: &str| {
        send(shop.owner.request(Method::PATCH, &path).header("If-Match", version).json(&json!({ "name": name })))
    };
    assert_eq!(rename("\"1\"", "Cup").await?.header("etag"), "\"2\"");
    let stale = rename("\"1\"", "Jar").await?.problem(412, "stale_version")?;
    assert_eq!(stale["current_version"].to_string().trim_matches('"'), "2");
    rename("nonsense", "Jar").await?.expect(400)?;
    let unchanged = send(shop.owner.request(Method::GET, &path).header("If-None-Match", "\"2\"")).await?;
    assert_eq!((unchanged.status, unchanged.body), (304, serde_json::Value::Null));

    let cart = shop.guest().get("carts").await?.expect(200)?;
    let add = shop.guest().request(Method::POST, &format!("carts/{}/{mug}", text(&cart, "/id")?));
    send(add.header("If-Match", "\"99\"").json(&json!({}))).await?.problem(412, "stale_version")?;
    let cart = format!("carts/{}", shop.guest().cart(&mug, 1).await?);
    let seen = shop.guest().get(&cart).await?;
    let known = seen.header("etag").to_owned();
    shop.reprice(&mug, 900).await?;
    let again = send(shop.guest().request(Method::GET, &cart).header("If-None-Match", known)).await?.expect(200)?;
    assert_eq!(again["total"], 900, "a price that changed is not hidden by a version that did not");
    Ok(())
}

/// API §1: whatever is wrong with a request, the answer is a problem that says what.
#[tokio::test]
async fn bad_requests_are_told_what_is_wrong() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let post = |body: &'static str, kind: &'static str| {
        send(shop.owner.request(Method::POST, "/admin/v1/products").header("Content-Type", kind).body(body))
    };
    for (body, kind, status) in [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("", "application/json", 400),
        (r#"{"name": 7}"#, "application/json", 400),
        (r#"{"name": "Mug"}"#, "text/plain", 415),
    ] {
        let answer = post(body, kind).await?;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let unknown = json!({ "name": "Mug", "sku": "M", "kind": "physical", "price": { "amount": 1, "currency": "EUR" }, "colour": "red" });
    let unknown = shop.owner.post("/admin/v1/products", &unknown).await?.expect(400)?;
    assert_eq!(unknown["violations"][0]["pointer"], "/colour", "{unknown}");
    let faults = json!({ "name": "", "sku": "", "kind": "ghost", "price": { "amount": -1, "currency": "EUR" } });
    let faults = shop.owner.post("/admin/v1/products", &faults).await?.problem(400, "invalid")?;
    assert!(faults["violations"].as_array().is_some_and(|all| all.len() >= 4), "{faults}");

    let large = "x".repeat(2 << 20);
    let large = send(shop.owner.request(Method::POST, "/admin/v1/products").json(&json!({ "name": large }))).await?;
    assert_eq!(large.status, 413);
    shop.owner.get("/admin/v1/nothing").await?.expect(404)?;
    let wrong = send(shop.owner.request(Method::PUT, "/admin/v1/customers")).await?;
    assert!(wrong.status == 405 && !wrong.header("allow").is_empty(), "{}", wrong.body);
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "colour=red",
        "sort=colour",
        "filter[colour][eq]=red",
        "filter[status][like]=x",
        "filter[created_at][gt]=yesterday",
        "after=x&before=y",
    ] {
        let answer = shop.owner.get(&format!("/admin/v1/customers?{query}")).await?;
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
    }
    Ok(())
}

/// API §1, ID-5: bad credentials are 401 whatever they look like; shop clients get `error` and `errors` besides.
#[tokio::test]
async fn bad_credentials_are_never_anonymous() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    for key in ["", "nonsense", "store_nonsense", "sk_nonsense", "staff_nonsense", &shop.owner.token[..20]] {
        let answer = send(house.http.request(Method::GET, "/storefront/v1/about").bearer_auth(key)).await?;
        assert_eq!(answer.status, 401, "{key}: {}", answer.body);
        assert!(answer.body["error"].is_string() && answer.body["errors"][0].is_string(), "{}", answer.body);
        let answer = send(house.http.request(Method::GET, "/admin/v1/customers").bearer_auth(key)).await?;
        assert_eq!(answer.status, 401, "{key}: {}", answer.body);
        assert!(!answer.header("www-authenticate").is_empty());
    }
    shop.guest().with_token("customer_nonsense").get("products").await?.problem(401, "unauthenticated")?;
    let answer = send(house.http.request(Method::GET, "/admin/v1/customers").bearer_auth(&shop.store.key)).await?;
    assert!([401, 403].contains(&answer.status), "a publishable key opens no admin route: {}", answer.body);
    Ok(())
}

/// API §1: cursors go through the whole list once, and belong to the list they were made for.
#[tokio::test]
async fn cursors_go_through_the_list_once() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let other = Shop::open(&house, "Other", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    for i in 0..5 {
        shop.guest().buy(&mug, &format!("person{i}@example.com")).await?;
    }
    let mut seen = Vec::new();
    let mut path = "/admin/v1/customers?limit=2&include=total".to_owned();
    let mut cursor = String::new();
    loop {
        let page = shop.owner.get(&path).await?.expect(200)?;
        assert_eq!(page["page"]["total"].to_string().trim_matches('"'), "5");
        seen.extend(page["data"].as_array().into_iter().flatten().map(|row| row["id"].to_string()));
        let Some(next) = page["page"]["next"].as_str().filter(|next| !next.is_empty()) else { break };
        next.clone_into(&mut cursor);
        path = format!("/admin/v1/customers?limit=2&include=total&after={next}");
    }
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (5, 5));
    for query in [format!("after={cursor}&sort=name"), format!("after={cursor}x"), "after=AAAA".to_owned()] {
        shop.owner.get(&format!("/admin/v1/customers?{query}")).await?.problem(400, "invalid")?;
    }
    other.owner.get(&format!("/admin/v1/customers?limit=2&after={cursor}")).await?.problem(400, "invalid")?;
    Ok(())
}

/// API §1: every answer has a request id; a well-formed one from outside is kept.
#[tokio::test]
async fn every_answer_has_a_request_id() -> anyhow::Result<()> {
    let house = House::one().await?;
    let with =
        |id: &'static str| send(house.http.request(Method::GET, "/storefront/v1/about").header("X-Request-Id", id));
    let kept = with("abc-123").await?;
    assert_eq!((kept.header("request-id"), &kept.body["request_id"]), ("abc-123", &json!("abc-123")));
    let replaced = with("<script>").await?;
    assert!(!replaced.header("request-id").is_empty() && replaced.header("request-id") != "<script>");
    Ok(())
}
