//! What holds on every route.
mod support;

use http::{Method, StatusCode};
use serde_json::json;
use support::House;

const SHOP: &str = "authorization: Bearer store_ok";
const STAFF: &str = "authorization: Bearer staff_ok";
const PRODUCTS: &str = "/admin/v1/products";
const MUG: &str = "/admin/v1/products/prd_1";

#[tokio::test]
async fn every_answer_names_its_request() -> anyhow::Result<()> {
    let house = House::new().await?;
    let kept = house.get("/storefront/v1/products", &format!("{SHOP}\nx-request-id: order-42")).await?;
    assert_eq!((kept.status, kept.header("request-id")), (StatusCode::OK, "order-42"));
    let fresh = house.get("/nowhere", "x-request-id: a b").await?;
    assert_eq!(fresh.code(), "not_found");
    assert!(fresh.header("request-id").starts_with("req_"));
    Ok(())
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems() -> anyhow::Result<()> {
    let house = House::new().await?;
    assert_eq!(house.get("/admin/v1/nothing", STAFF).await?.code(), "not_found");
    let wrong = house.send(Method::DELETE, PRODUCTS, STAFF, "").await?;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed".to_owned()));
    assert_eq!(wrong.header("allow"), "GET,HEAD,POST");
    let shop = house.get("/storefront/v1/nothing", SHOP).await?;
    assert_eq!(shop.json()["errors"], json!(["There is nothing at this address."]));
    assert_eq!(shop.json()["error"], shop.json()["detail"]);
    Ok(())
}

/// ID-5: an invalid token is refused, never silently anonymous.
#[tokio::test]
async fn each_door_takes_its_own_credentials() -> anyhow::Result<()> {
    let house = House::new().await?;
    for refused in
        ["", "authorization: Basic abc", "authorization: Bearer nobody", &format!("{SHOP}\ncustomer-token: x")]
    {
        let answer = house.get("/storefront/v1/products", refused).await?;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::UNAUTHORIZED, "unauthenticated".to_owned()),
            "{refused}"
        );
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    assert_eq!(house.get("/storefront/v1/products", STAFF).await?.code(), "wrong_caller");
    assert_eq!(house.get(PRODUCTS, SHOP).await?.code(), "wrong_caller");
    assert_eq!(house.get(PRODUCTS, STAFF).await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn credentials_are_exchanged_once_a_while() -> anyhow::Result<()> {
    let house = House::new().await?;
    for _ in 0..3 {
        assert_eq!(house.get(PRODUCTS, STAFF).await?.status, StatusCode::OK);
    }
    assert_eq!(house.exchanged(), 1);
    house.get("/storefront/v1/products", SHOP).await?;
    house.get("/storefront/v1/products", &format!("{SHOP}\ncustomer-token: customer_ok")).await?;
    assert_eq!(house.exchanged(), 3);
    Ok(())
}

/// ID-28: where a request came from is found out here, and nothing that a client sends passes for it.
#[tokio::test]
async fn services_hear_what_the_gateway_says() -> anyhow::Result<()> {
    let house = House::new().await?;
    let forged = "client-ip: 192.0.2.1\nx-forwarded-for: 192.0.2.1\nclient-agent: forged\nuser-agent: shop/1\n\
                  grpc-timeout: 99H\nidempotency-fingerprint: forged\nidempotency-key: k";
    let answer = house.get("/storefront/v1/products", &format!("{SHOP}\n{forged}")).await?;
    assert_eq!(answer.status, StatusCode::OK);
    let call = house.last_call();
    let heard = |name: &str| call.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((heard("client-ip"), heard("client-agent")), ("198.51.100.7".to_owned(), "shop/1".to_owned()));
    assert!(heard("grpc-timeout").ends_with('m'));
    assert_eq!(heard("idempotency-key"), "", "a GET has no key");
    assert_eq!(heard("idempotency-fingerprint"), "");
    assert_eq!(heard("x-request-id"), answer.header("request-id"));
    assert!(!heard("authorization").contains("store_ok"));

    let behind = |settings: &mut kit::settings::Settings| settings.trusted_proxies = vec!["198.51.100.0/24".to_owned()];
    let house = House::with(behind, Vec::new()).await?;
    house.get("/storefront/v1/products", &format!("{SHOP}\nx-forwarded-for: 203.0.113.9, 192.0.2.1")).await?;
    assert_eq!(house.last_call()["client-ip"], "192.0.2.1");
    Ok(())
}

#[tokio::test]
async fn bodies_are_read_strictly_for_staff() -> anyhow::Result<()> {
    let house = House::new().await?;
    let json = format!("{STAFF}\ncontent-type: application/json");
    let product = |more: &str| {
        format!(
            r#"{{"name": "Mug", "sku": "M", "kind": "physical", "price": {{"amount": 1, "currency": "EUR"}}{more}}}"#
        )
    };
    let post = |with: String, body: String| {
        let house = &house;
        async move { house.send(Method::POST, PRODUCTS, &with, &body).await }
    };
    for (body, pointer, code) in [
        (product(r#", "colour": "red""#), "/colour", "unknown_field"),
        (product("").replace("\"amount\": 1", "\"amount\": \"1\""), "/price/amount", "wrong_type"),
        (product("").replace("\"sku\": \"M\",", ""), "/sku", "required"),
        ("{".to_owned(), "", "malformed"),
        (product("").replace("Mug", ""), "/name", "required"),
    ] {
        let answer = post(json.clone(), body.clone()).await?;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid".to_owned()), "{body}");
        assert_eq!(answer.json()["violations"][0]["pointer"], pointer, "{body}");
        assert_eq!(answer.json()["violations"][0]["code"], code, "{body}");
    }
    let created = post(json.clone(), product("")).await?;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.header("location"), "/admin/v1/products/prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46");
    assert_eq!(post(STAFF.to_owned(), product("")).await?.code(), "unsupported_media_type");
    assert_eq!(post(format!("{STAFF}\ncontent-type: text/plain"), product("")).await?.code(), "unsupported_media_type");
    let large = post(json.clone(), " ".repeat(1024 * 1024 + 1)).await?;
    assert_eq!((large.status, large.code()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large".to_owned()));
    let long = post(format!("{json}\nx-filler: {}", "x".repeat(17 * 1024)), product("")).await?;
    assert_eq!(long.code(), "header_too_large");
    Ok(())
}

/// PL-3: keys reach the service that decides, together with what they stand for.
#[tokio::test]
async fn idempotency_keys_go_along() -> anyhow::Result<()> {
    let house = House::new().await?;
    let body = r#"{"name": "Mug", "sku": "M", "kind": "physical", "price": {"amount": 1, "currency": "EUR"}}"#;
    let send = |key: &str, body: String| {
        let with = format!("{STAFF}\ncontent-type: application/json\nidempotency-key: {key}");
        let house = &house;
        async move { house.send(Method::POST, PRODUCTS, &with, &body).await }
    };
    let mut fingerprints = Vec::new();
    for body in [body.to_owned(), body.to_owned(), body.replace("Mug", "Jug")] {
        assert_eq!(send("seen", body).await?.header("idempotent-replayed"), "true");
        assert_eq!(house.last_call()["idempotency-key"], "seen");
        fingerprints.push(house.last_call()["idempotency-fingerprint"].clone());
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
    assert_ne!(fingerprints[0], fingerprints[2]);
    assert_eq!(send("fresh", body.to_owned()).await?.header("idempotent-replayed"), "");
    assert_eq!(send(&"k".repeat(256), body.to_owned()).await?.code(), "invalid");
    Ok(())
}

/// PL-3: versions go out as tags and come back as conditions.
#[tokio::test]
async fn versions_are_tags() -> anyhow::Result<()> {
    let house = House::new().await?;
    assert_eq!(house.get(MUG, STAFF).await?.header("etag"), "\"3\"");
    let known = house.get(MUG, &format!("{STAFF}\nif-none-match: \"2\", \"3\"")).await?;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(house.get(MUG, &format!("{STAFF}\nif-none-match: \"2\"")).await?.status, StatusCode::OK);
    let patch = |tag: &str| {
        let with = format!("{STAFF}\ncontent-type: application/json\nif-match: {tag}");
        let house = &house;
        async move { house.send(Method::PATCH, MUG, &with, r#"{"name": "Jug"}"#).await }
    };
    for current in ["\"3\"", "*"] {
        assert_eq!(patch(current).await?.status, StatusCode::OK, "{current}");
    }
    for stale in ["\"2\"", "\"abc\""] {
        let stale = patch(stale).await?;
        assert_eq!((stale.status, stale.code()), (StatusCode::PRECONDITION_FAILED, "stale_version".to_owned()));
        assert_eq!(stale.json()["current_version"], 3);
    }
    assert_eq!(patch("3").await?.code(), "invalid");
    Ok(())
}

#[tokio::test]
async fn lists_refuse_what_they_do_not_know() -> anyhow::Result<()> {
    let house = House::new().await?;
    for unknown in ["colour=red", "filter[sku]=M", "offset=2", "limit=many", "include=all"] {
        assert_eq!(house.get(&format!("{PRODUCTS}?{unknown}"), STAFF).await?.code(), "invalid", "{unknown}");
    }
    assert_eq!(house.get(&format!("{MUG}?colour=red"), STAFF).await?.code(), "invalid");
    assert_eq!(house.get("/storefront/v1/products/%FF", SHOP).await?.code(), "invalid");
    let list = house.get(&format!("{PRODUCTS}?q=mug&sort=-price&limit=5&include=total"), STAFF).await?.json();
    assert_eq!(list["data"][0]["price"], json!({"amount": 1999, "currency": "EUR"}));
    assert_eq!(list["page"], json!({"has_more": false, "next": null, "prev": null}));
    assert_eq!(house.get("/storefront/v1/products?colour=red", SHOP).await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn shop_fronts_may_end_with_a_slash() -> anyhow::Result<()> {
    let house = House::new().await?;
    let list = house.get("/storefront/v1/products/?limit=2", SHOP).await?;
    assert_eq!((list.status, &list.json()[0]["price"]), (StatusCode::OK, &json!(1999)));
    assert_eq!(house.get("/admin/v1/products/", STAFF).await?.code(), "not_found");
    Ok(())
}

#[tokio::test]
async fn trouble_behind_is_told_without_its_words() -> anyhow::Result<()> {
    let house = House::new().await?;
    let down = house.get("/admin/v1/products/prd_gone", STAFF).await?;
    assert_eq!((down.status, down.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    for defect in ["prd_panic", "prd_raw"] {
        let answer = house.get(&format!("/admin/v1/products/{defect}"), STAFF).await?;
        assert_eq!((answer.status, answer.code()), (StatusCode::INTERNAL_SERVER_ERROR, "internal".to_owned()));
        assert!(!answer.json()["detail"].as_str().unwrap_or_default().contains("relation"));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() -> anyhow::Result<()> {
    let house = House::new().await?;
    let slow = house.get("/admin/v1/products/prd_slow", STAFF).await?;
    assert_eq!((slow.status, slow.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    slow.code();
    Ok(())
}

#[tokio::test]
async fn rates_are_limited_and_told() -> anyhow::Result<()> {
    let house = House::with(|settings| settings.rate_limit = 1, Vec::new()).await?;
    for left in ["\"default\";r=1;t=1", "\"default\";r=0;t=2"] {
        let answer = house.get(PRODUCTS, STAFF).await?;
        assert_eq!((answer.status, answer.header("ratelimit")), (StatusCode::OK, left));
        assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=2;w=2");
    }
    let refused = house.get(PRODUCTS, STAFF).await?;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_requests".to_owned()));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(house.get("/storefront/v1/products", SHOP).await?.status, StatusCode::OK, "somebody else");
    Ok(())
}

#[tokio::test]
async fn browsers_of_any_shop_may_call() -> anyhow::Result<()> {
    let house = House::new().await?;
    let asks = "origin: https://shop.example.com\naccess-control-request-method: POST\n\
                access-control-request-headers: authorization,customer-token,idempotency-key";
    let allowed = house.send(Method::OPTIONS, "/storefront/v1/checkouts", asks, "").await?;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://shop.example.com");
    assert!(allowed.header("access-control-allow-headers").contains("customer-token"));
    assert_eq!(allowed.header("access-control-allow-credentials"), "");
    let failed = house.get("/storefront/v1/products", "origin: https://shop.example.com").await?;
    assert_eq!(failed.status, StatusCode::UNAUTHORIZED);
    assert_eq!(failed.header("access-control-allow-origin"), "https://shop.example.com");
    let staff = house.send(Method::OPTIONS, PRODUCTS, asks, "").await?;
    assert_eq!(staff.header("access-control-allow-origin"), "");
    Ok(())
}

#[tokio::test]
async fn answers_are_neither_kept_nor_sniffed() -> anyhow::Result<()> {
    let house = House::new().await?;
    let answer = house.get(PRODUCTS, STAFF).await?;
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    let zipped = house.get("/openapi.json", "accept-encoding: gzip").await?;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    Ok(())
}
