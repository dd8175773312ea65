//! Who comes too often.
mod support;

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response, StatusCode, header},
};
use http_body_util::BodyExt;
use support::console;
use tower::ServiceExt;

async fn send(router: &Router, method: &str, path: &str, from: [u8; 4]) -> anyhow::Result<Response<Body>> {
    let peer = SocketAddr::new(IpAddr::from(from), 40_000);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .extension(ConnectInfo(peer))
        .body(Body::from("email=owner%40example.com&password=guess&code=000000"))?;
    Ok(router.clone().oneshot(request).await?)
}

/// ID-27: sign-in pages take ten tries from an address at once, and then so many a minute; other addresses and pages
/// that only read go on.
#[tokio::test]
async fn tries_are_limited_by_address() -> anyhow::Result<()> {
    let (router, _) = console(&[]).await?;
    let (stranger, somebody) = ([203, 0, 113, 9], [198, 51, 100, 7]);
    for n in 0..10 {
        let path = if n % 2 == 0 { "/console/sign-in" } else { "/console/sign-in/code" };
        assert_ne!(send(&router, "POST", path, stranger).await?.status(), StatusCode::TOO_MANY_REQUESTS, "{n}");
    }
    for path in ["/console/sign-in", "/console/sign-in/code"] {
        let refused = send(&router, "POST", path, stranger).await?;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!((1..=6).contains(&refused.headers()[header::RETRY_AFTER].to_str()?.parse::<u32>()?));
        assert!(refused.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let text = String::from_utf8(refused.into_body().collect().await?.to_bytes().to_vec())?;
        assert!(text.contains("Too many attempts"), "{text}");
    }
    assert_eq!(send(&router, "GET", "/console/sign-in", stranger).await?.status(), StatusCode::OK);
    let other = send(&router, "POST", "/console/sign-in", somebody).await?;
    assert_ne!(other.status(), StatusCode::TOO_MANY_REQUESTS);
    Ok(())
}
