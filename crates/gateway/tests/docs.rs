//! The page for readers, which loads nothing from elsewhere.
mod support;

use http::StatusCode;
use support::House;

#[tokio::test]
async fn the_page_brings_everything_along() -> anyhow::Result<()> {
    let house = House::new().await?;
    let page = house.get("/docs", "").await?;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("default-src 'none'"), "{policy}");
    let html = std::str::from_utf8(&page.body)?;
    for elsewhere in ["http://", "https://", "src=\"//", "onload=", "<style"] {
        assert!(!html.contains(elsewhere), "{elsewhere}");
    }
    for (place, script) in html.match_indices("<script").map(|(at, _)| &html[at..]).enumerate() {
        let source = script.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let file = house.get(source, "").await?;
        assert_eq!(file.status, StatusCode::OK, "script {place}: {source}");
        assert!(file.header("content-type").starts_with("text/javascript"));
        assert!(script.split('>').nth(1).is_some_and(|inline| inline.starts_with("</script")), "inline script");
    }
    Ok(())
}

#[tokio::test]
async fn the_document_can_be_kept() -> anyhow::Result<()> {
    let house = House::new().await?;
    let document = house.get("/openapi.json", "").await?;
    assert_eq!(document.json()["openapi"], "3.1.0");
    let known = house.get("/openapi.json", &format!("if-none-match: {}", document.header("etag"))).await?;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    Ok(())
}

#[tokio::test]
async fn the_keys_of_the_house_are_public() -> anyhow::Result<()> {
    let house = House::new().await?;
    let keys = house.get("/.well-known/jwks.json", "").await?.json();
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["crv"]), (&"OKP".into(), &"Ed25519".into()));
    assert_eq!(keys["keys"][0]["x"].as_str().map(str::len), Some(43));
    Ok(())
}
