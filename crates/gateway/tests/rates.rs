//! Who comes too often: by credentials, by address, and at the doors where credentials are tried.
mod support;

use http::{Method, StatusCode};
use kit::settings::Settings;
use support::{Answer, House};

const PRODUCTS: &str = "/admin/v1/products";

async fn house(set: impl FnOnce(&mut Settings)) -> anyhow::Result<House> {
    House::with(set, Vec::new()).await
}

/// How many of `requests` are let through in a row before one comes too often.
async fn let_through(house: &House, requests: impl Iterator<Item = (String, &str)>) -> anyhow::Result<usize> {
    let mut count = 0;
    for (with, path) in requests {
        if house.get(path, &with).await?.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        count += 1;
    }
    Ok(count)
}

/// ID-27: made-up credentials do not buy requests: an address has its own measure, whatever it presents.
#[tokio::test]
async fn an_address_is_counted_whatever_it_presents() -> anyhow::Result<()> {
    let house = house(|settings| settings.rate_limit = 1).await?;
    let rotating = (0..100).map(|n| (format!("authorization: Bearer staff_{n}"), PRODUCTS));
    assert!(let_through(&house, rotating).await? < 20);
    Ok(())
}

/// ID-27: the same credentials are the same however they are spelled, and what is none counts as none.
#[tokio::test]
async fn credentials_are_counted_by_their_meaning() -> anyhow::Result<()> {
    for spellings in [
        ["Bearer staff_ok", "bearer staff_ok", "Bearer   staff_ok", "BEARER staff_ok "],
        ["Basic abc", "Basic abcd", "Bearer", "nonsense"],
    ] {
        let house = house(|settings| settings.rate_limit = 1).await?;
        let spelled = spellings.iter().map(|text| (format!("authorization: {text}"), PRODUCTS));
        assert_eq!(let_through(&house, spelled).await?, 2, "{spellings:?}");
    }
    Ok(())
}

/// ID-27: tries of passwords and codes have a measure of their own per address, whichever door they are tried at.
#[tokio::test]
async fn tries_of_credentials_are_few() -> anyhow::Result<()> {
    let house = house(|settings| (settings.login_burst, settings.login_rate) = (3, 3)).await?;
    let doors = [
        "/admin/v1/sessions",
        "/admin/v1/sessions/mfa",
        "/storefront/v1/customers",
        "/storefront/v1/customers/login/",
        "/storefront/v1/customers/request-creation-code",
    ];
    let post = async |path: &str, with: &str| house.send(Method::POST, path, with, "").await;
    for door in &doors[..3] {
        assert_ne!(post(door, "").await?.status, StatusCode::TOO_MANY_REQUESTS, "{door}");
    }
    for (n, door) in doors.iter().enumerate() {
        let refused: Answer = post(door, &format!("authorization: Bearer store_{n}")).await?;
        assert_eq!(refused.code(), "too_many_requests", "{door}");
        assert!((1..=20).contains(&refused.header("retry-after").parse::<u32>()?), "{door}");
        assert_eq!(refused.header("ratelimit-policy"), "\"sign-in\";q=3;w=60");
    }
    assert_eq!(house.get(PRODUCTS, "authorization: Bearer staff_ok").await?.status, StatusCode::OK, "no try");
    Ok(())
}
