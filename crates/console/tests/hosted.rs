//! Hosted pages through the console's router, in front of stand-ins for the services.
mod support;

use axum::http::{Method, Request, StatusCode};
use support::{Browser, LINKED, PAGE};

const BUTTONS: [&str; 2] = [r#"name="decision" value="pay""#, r#"name="decision" value="decline""#];

/// OR-3: the page says what is paid, to whom, and that it is pretended; looking at it decides nothing.
#[tokio::test]
async fn a_test_payment_waits_for_a_decision() -> anyhow::Result<()> {
    let mut browser = Browser::new(&[]).await?;
    let head = browser.send(Request::builder().method(Method::HEAD).uri(PAGE), String::new()).await?;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
    for _ in 0..2 {
        let page = browser.get(&format!("{PAGE}?decision=pay")).await?;
        assert_eq!(page.status, StatusCode::OK);
        for shown in BUTTONS.into_iter().chain(["79.20 EUR", "Harbour Books", "pretend payment"]) {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        assert!(page.header("content-security-policy").contains("form-action 'self'"));
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "same-origin"));
    }
    Ok(())
}

/// OR-3: the first decision stands, whatever is sent after it.
#[tokio::test]
async fn the_first_decision_stands() -> anyhow::Result<()> {
    for (first, other, outcome) in [("pay", "decline", ">Paid<"), ("decline", "pay", ">Not paid<")] {
        let mut browser = Browser::new(&[]).await?;
        for decision in [first, first, other] {
            let answer = browser.post(PAGE, &[("decision", decision)]).await?;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, PAGE));
            let page = browser.get(PAGE).await?;
            assert!(page.text.contains(outcome) && !page.text.contains("<form"), "{}", page.text);
        }
    }
    Ok(())
}

/// OR-3: only the page itself decides, and only by one of its buttons.
#[tokio::test]
async fn nothing_else_decides_a_test_payment() -> anyhow::Result<()> {
    let mut browser = Browser::new(&[]).await?;
    for site in ["cross-site", "same-site", "none"] {
        let page = browser.post_from(site, PAGE, &[("decision", "pay")]).await?;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{site}");
    }
    for form in [&[("decision", "maybe")][..], &[]] {
        let page = browser.post(PAGE, form).await?;
        assert!(page.status.is_client_error() && page.text.contains("<h1"), "{}", page.text);
    }
    assert!(browser.get(PAGE).await?.text.contains(BUTTONS[0]), "it still waits");
    Ok(())
}

/// OR-3: an address that was guessed or cut off is a page that is not there, whatever is done with it.
#[tokio::test]
async fn an_unknown_secret_is_no_page() -> anyhow::Result<()> {
    let mut browser = Browser::new(&[]).await?;
    for address in ["/pay/test/pay_1_guess", "/pay/test/%3Cb%3E", "/pay/test/", "/pay/other/page"] {
        let page = browser.get(address).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        assert!(page.text.contains("There is nothing at this address") && !page.text.contains("/console/customers"));
        assert!(page.header("content-security-policy").contains("default-src 'self'"), "{address}");
    }
    let page = browser.post("/pay/test/pay_1_guess", &[("decision", "pay")]).await?;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    Ok(())
}

/// A shopper's page shows nothing of the console, even to staff, and works without what it can do without.
#[tokio::test]
async fn hosted_pages_are_not_the_console() -> anyhow::Result<()> {
    for away in [&[][..], &["identity"]] {
        let mut browser = Browser::signed_in("owner", away).await?;
        let page = browser.get(PAGE).await?;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("Ingrid Solberg") && !page.text.contains("/console/sign-out"), "{}", page.text);
        assert_eq!(page.text.contains("Harbour Books"), away.is_empty());
        assert!(page.text.contains("79.20 EUR"));
    }
    let page = Browser::new(&["orders"]).await?.get(PAGE).await?;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("Try again"));
    Ok(())
}

/// OR-2: the page behind a link shows what was bought and where it is; of an address that was guessed there is none.
#[tokio::test]
async fn an_order_is_shown_to_whoever_has_the_link() -> anyhow::Result<()> {
    let mut browser = Browser::new(&[]).await?;
    let page = browser.get(LINKED).await?;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    for shown in ["Order 1042", "Harbour Books", "79.20 EUR", "1.00 EUR", "DHL 00340", "Completed"] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    assert!(!page.text.contains("<i>") && !page.text.contains("<form"), "{}", page.text);
    for address in ["/order/orderlink_guess", "/order/%3Cb%3E"] {
        let page = browser.get(address).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        assert!(page.text.contains("There is nothing at this address"));
    }
    assert!(Browser::new(&["identity"]).await?.get(LINKED).await?.text.contains("Order 1042"));
    Ok(())
}

/// OR-2: staff who write orders make a link, see it once, and revoke it; others see that there is one.
#[tokio::test]
async fn staff_make_and_revoke_links() -> anyhow::Result<()> {
    const ORDER: &str = "/console/orders/ord_01957000000070008000000000000042";
    let mut browser = Browser::signed_in("owner", &[]).await?;
    assert!(browser.get(ORDER).await?.text.contains("Make a link"));
    let made = browser.post(&format!("{ORDER}/links"), &[("key", "link_1")]).await?;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.text.contains(&format!("https://shop.example.com{LINKED}")), "{}", made.text);
    let page = browser.get(ORDER).await?;
    let revoke = format!("{ORDER}/links/olnk_01957000000070008000000000000052/revoke");
    assert!(page.text.contains(&revoke) && !page.text.contains(LINKED), "{}", page.text);
    let revoked = browser.post(&revoke, &[]).await?;
    assert_eq!((revoked.status, revoked.header("location")), (StatusCode::SEE_OTHER, ORDER));
    assert!(!browser.get(ORDER).await?.text.contains(&revoke));
    Ok(())
}
