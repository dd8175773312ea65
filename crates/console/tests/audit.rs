//! The pages of the audit (AD-1).
mod support;

use axum::http::StatusCode;
use support::Browser;

/// AD-1: the page shows who did what to what, with what changed and in whose name, and escapes what came from outside.
#[tokio::test]
async fn the_audit_is_shown() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get("/console/audit").await?;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["2 entries", "Ingrid Solberg", "Product updated", "in the name of Customer cus_1", "203.0.113.7"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(page.text.contains("/console/audit?target=prd_1") && !page.text.contains("<b>Mug</b>"));
    let page = browser.get("/console/audit?action=cart.updated&from=2026-03-01&to=2026-03-02").await?;
    assert!(page.text.contains("1 entry") && !page.text.contains("Product updated"));
    let page = browser.get("/console/audit?from=yesterday").await?;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("A day is written like") && page.text.contains("id=\"filters\""));
    Ok(())
}

/// AD-1: verifying says whether the audit is whole, and names the first entry that is not as it was written.
#[tokio::test]
async fn the_audit_is_verified() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get("/console/audit/verify").await?;
    assert!(page.text.contains("The audit is whole") && page.text.contains("2:9f86d081"));
    let page = browser.get("/console/audit/verify?noted=2:00ff").await?;
    assert!(page.text.contains("The audit is broken at entry #2") && page.text.contains("written anew"));
    Ok(())
}

/// AD-1: the access review says who may do what, and when they last did.
#[tokio::test]
async fn access_is_reviewed() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get("/console/audit/access").await?;
    for part in [
        "owner@example.com",
        "1 permission<",
        "audit.read",
        "Product updated, 7 ×",
        "Accounting",
        "API key",
        "from 192.0.2.0/24",
        "2 permissions",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    Ok(())
}

/// ID-22: whoever may not read the audit has no way to it, and is told which permission is missing.
#[tokio::test]
async fn the_audit_is_for_those_who_may_read_it() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("moderator", &[]).await?;
    for path in ["/console/audit", "/console/audit/verify", "/console/audit/access"] {
        let page = browser.get(path).await?;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("audit.read"), "{}", page.text);
    }
    assert!(!browser.get("/console/customers").await?.text.contains("href=\"/console/audit\""));
    Ok(())
}
