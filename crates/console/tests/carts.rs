//! The cart editor where there is little to show: an empty cart, a cart that is not there, services that are away.
mod support;

use axum::http::StatusCode;
use support::{Browser, CART};

/// CA-4: an empty cart says what to do next, to whoever may do it.
#[tokio::test]
async fn an_empty_cart_says_what_to_do() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get(&format!("/console/carts/{CART}")).await?;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for text in
        ["Cart of Ada Lovelace", "Nothing is in this cart yet", "Part of a name or SKU", "Put something in first"]
    {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains("id=\"check-out-now\"") && !page.text.contains("id=\"make-link\""), "{}", page.text);
    assert!(page.text.contains("name=\"version\" value=\"3\""), "{}", page.text);
    Ok(())
}

/// CA-4: a cart that is not there has the page of what is not there; who may not look at carts is told so.
#[tokio::test]
async fn a_cart_that_is_not_there_has_a_page() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    for id in ["cart_01957000000070008000000000000044", "cart_1", "somebody-elses-key"] {
        let page = browser.get(&format!("/console/carts/{id}")).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{id}");
        assert!(page.text.contains("belongs to another store"), "{id}: {}", page.text);
    }
    let mut browser = Browser::signed_in("moderator", &[]).await?;
    let page = browser.get(&format!("/console/carts/{CART}")).await?;
    assert!(page.status == StatusCode::FORBIDDEN && page.text.contains("carts.read"), "{}", page.text);
    Ok(())
}

/// CA-4: without carts there is no page but a word that it is over soon; without the others there is one, and it says what
/// is missing.
#[tokio::test]
async fn services_that_are_away_are_named() -> anyhow::Result<()> {
    let path = format!("/console/carts/{CART}?q=chart");
    let page = Browser::signed_in("owner", &["carts"]).await?.get(&path).await?;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("does not answer") && !page.header("retry-after").is_empty(), "{}", page.text);
    let page = Browser::signed_in("owner", &["catalog", "customers", "orders"]).await?.get(&path).await?;
    assert_eq!(page.status, StatusCode::OK);
    for text in ["Not available just now", "Cart of Somebody", "Nothing is in this cart yet"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    Ok(())
}
