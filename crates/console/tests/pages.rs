//! The console's pages through its router, in front of stand-ins for the services.
mod support;

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use support::{Browser, CODE, PASSWORD, PROXY, STORES};
use tower::ServiceExt;

/// ID-20: e-mail and password, then the second factor, then the page that was asked for.
#[tokio::test]
async fn signing_in_takes_both_factors() -> anyhow::Result<()> {
    let mut browser = Browser::new(&[]).await?;
    let page = browser.get("/console/customers?q=ada").await?;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(page.header("location"), "/console/sign-in?next=%2Fconsole%2Fcustomers%3Fq%3Dada");

    let next = ("next", "/console/customers?q=ada");
    let form = [("email", "owner@example.com"), ("password", PASSWORD), next];
    let page = browser.post("/console/sign-in", &form).await?;
    assert_eq!(page.header("location"), "/console/sign-in/code?next=%2Fconsole%2Fcustomers%3Fq%3Dada");
    assert!(!browser.cookies.iter().any(|(name, _)| name == "__Host-patron_staff"));

    let page = browser.post("/console/sign-in/code", &[("code", "000000"), next]).await?;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("That code is not right"));

    let page = browser.post("/console/sign-in/code", &[("code", CODE), next]).await?;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/console/customers?q=ada"));
    let page = browser.get("/console/customers?q=ada").await?;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Ada Lovelace") && page.text.contains("Ingrid Solberg"));
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_keeps_the_address_and_tells_nothing_more() -> anyhow::Result<()> {
    let mut browser = Browser::new(&[]).await?;
    let form = [("email", "owner@example.com"), ("password", "wrong"), ("next", "")];
    let page = browser.post("/console/sign-in", &form).await?;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("The e-mail address or the password is not right."));
    assert!(page.text.contains(r#"value="owner@example.com""#) && !page.text.contains("wrong\""));
    Ok(())
}

/// ID-10: signing out ends the session for every browser that holds its token.
#[tokio::test]
async fn signing_out_ends_the_session() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("moderator", &[]).await?;
    assert_eq!(browser.get("/console/customers").await?.status, StatusCode::OK);
    let page = browser.post("/console/sign-out", &[]).await?;
    assert_eq!(page.header("location"), "/console/sign-in?why=signed_out");
    browser.cookies.push(("__Host-patron_staff".to_owned(), "staff_moderator".to_owned()));
    assert_eq!(browser.get("/console/customers").await?.status, StatusCode::SEE_OTHER);
    Ok(())
}

#[tokio::test]
async fn posts_from_elsewhere_do_nothing() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("moderator", &[]).await?;
    let page = browser.post_from("cross-site", "/console/sign-out", &[]).await?;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("Nothing was done"));
    assert_eq!(browser.get("/console/customers").await?.status, StatusCode::OK);
    Ok(())
}

/// No other credential than a staff session opens the console.
#[tokio::test]
async fn other_tokens_open_nothing() -> anyhow::Result<()> {
    for token in ["store_test", "sk_test", "customer_test", "staff_nobody"] {
        let mut browser = Browser::new(&[]).await?;
        browser.cookies.push(("__Host-patron_staff".to_owned(), token.to_owned()));
        let page = browser.get("/console/customers").await?;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{token}");
    }
    Ok(())
}

/// CU-5: tabs, search, filters and pages of the list; cursors keep what was asked for.
#[tokio::test]
async fn the_list_is_searched_filtered_and_paged() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get("/console/customers").await?;
    assert!(page.text.contains("48 customers") && page.text.contains("Spent"));
    assert!(page.text.contains(r#"id="next" href="/console/customers?tab=customers&#38;after=25""#), "{}", page.text);

    let page = browser.get("/console/customers?tab=customers&after=25").await?;
    assert!(page.text.contains(r#"id="previous""#) && !page.text.contains(r#"id="next""#));

    let page = browser.get("/console/customers?tab=leads&registration=registered").await?;
    assert!(page.text.contains("4 leads") && !page.text.contains(">Spent<"));

    let page = browser.get("/console/customers?tab=all&q=nobody+of+this+name").await?;
    assert!(page.text.contains("Nobody matches"));
    Ok(())
}

/// A live search gets the rows and the summary, nothing else.
#[tokio::test]
async fn a_live_search_swaps_rows_only() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let request = || Request::get("/console/customers?tab=all&q=hopper").header("hx-request", "true");
    let page = browser.send(request(), String::new()).await?;
    assert!(page.text.contains("Grace Hopper") && page.text.contains("hx-swap-oob"));
    assert!(!page.text.contains("<html"));
    // Going back in the history takes the whole page.
    let page = browser.send(request().header("hx-history-restore-request", "true"), String::new()).await?;
    assert!(page.text.contains("<html"));
    // Signed out meanwhile: the whole page goes to the sign-in.
    browser.cookies.clear();
    let page = browser.send(request(), String::new()).await?;
    assert_eq!(page.header("hx-redirect"), "/console/sign-in?next=%2Fconsole%2Fcustomers%3Ftab%3Dall%26q%3Dhopper");
    Ok(())
}

#[tokio::test]
async fn what_a_list_cannot_do_is_said() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    for query in ["sort=email", "tab=carts", "status=gone", "q=a&q=b"] {
        let page = browser.get(&format!("/console/customers?{query}")).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(page.text.contains("Not understood") && page.text.contains("Ingrid Solberg"), "{query}");
    }
    Ok(())
}

/// CU-7: everything about one customer in one place; every order links to its detail.
#[tokio::test]
async fn a_profile_shows_the_whole_customer() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get("/console/customers/cus_01957000000070008000000000000000").await?;
    let expected = [
        "Ada Lovelace",
        "person0@example.com",
        "Hamburg",
        "1042",
        "79.20 EUR",
        "Sea charts",
        "order 1042 at",
        "vip",
        "shoe_size",
    ];
    for text in expected {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(page.text.contains("/console/orders/ord_01957000000070008000000000000042"));
    let page = browser.get("/console/orders/ord_01957000000070008000000000000042").await?;
    for text in ["Order 1042", "Payment captured", "pay_8f2c", "27 Feb 2026, 18:31", "4.90 EUR"] {
        assert!(page.text.contains(text), "{text}");
    }
    Ok(())
}

/// CU-7: a part that does not answer is named, the rest is shown.
#[tokio::test]
async fn a_part_that_is_away_does_not_take_the_profile_along() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &["carts", "notifications"]).await?;
    let page = browser.get("/console/customers/cus_01957000000070008000000000000000").await?;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("79.20 EUR"));
    assert_eq!(page.text.matches("Not available just now.").count(), 2);
    Ok(())
}

/// CU-7: of what somebody bought, too, each part that does not answer is named, and the page is there.
#[tokio::test]
async fn purchases_are_shown_as_far_as_they_are_there() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &["carts", "orders", "reviews"]).await?;
    let page = browser.get("/console/customers/cus_01957000000070008000000000000000/purchases").await?;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Products bought", "Subscriptions", "Transactions", "Wish list", "Reviews"] {
        assert!(page.text.contains(part), "{part}");
    }
    assert_eq!(page.text.matches("Not available just now.").count(), 5);
    Ok(())
}

/// ID-23: without customers.pii every page shows masked data as such and says why.
#[tokio::test]
async fn a_moderator_sees_no_personal_data() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("moderator", &[]).await?;
    let pages = [
        "/console/customers",
        "/console/customers/cus_01957000000070008000000000000000",
        "/console/orders/ord_01957000000070008000000000000042",
    ];
    for path in pages {
        let page = browser.get(path).await?;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains("Personal data is hidden") && page.text.contains("customers.pii"), "{path}");
        for secret in ["Lovelace", "person0@", "Hafenstraße", "203.0.113.7", "+49301234"] {
            assert!(!page.text.contains(secret), "{secret} on {path}");
        }
    }
    let page = browser.get("/console/customers?q=user3").await?;
    assert!(page.text.contains("found by id, user name, order number"));
    let page = browser.get("/console/customers/cus_01957000000070008000000000000000").await?;
    assert!(page.text.contains("“carts.read”") && page.text.contains("“messages.read”"));
    Ok(())
}

#[tokio::test]
async fn what_people_typed_is_text() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get("/console/customers?tab=all&q=%3Cscript%3E").await?;
    assert!(page.text.contains("alert(1)") && !page.text.contains("<script>alert"));
    Ok(())
}

#[tokio::test]
async fn problems_are_pages_too() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &["customers"]).await?;
    let page = browser.get("/console/nowhere").await?;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("Not found") && page.text.contains("Ingrid Solberg"));
    let page = browser.get("/console/orders/ord_1").await?;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let page = browser.get("/console/customers/cus_1").await?;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    let page = browser.get("/console/customers").await?;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains(r#"id="search""#), "the search stays at hand");
    let page = browser
        .send(
            Request::builder().method(Method::DELETE).uri("/console/customers").header("sec-fetch-site", "same-origin"),
            String::new(),
        )
        .await?;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    Ok(())
}

#[tokio::test]
async fn without_identity_pages_say_so() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &["identity"]).await?;
    let page = browser.get("/console/customers").await?;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!browser.cookies.is_empty(), "nobody is signed out by an outage");
    Ok(())
}

#[tokio::test]
async fn a_member_of_several_places_switches_between_them() -> anyhow::Result<()> {
    let mut browser = Browser::new(&[]).await?;
    browser.post("/console/sign-in", &[("email", "both@example.com"), ("password", PASSWORD)]).await?;
    let page = browser.get("/console/customers").await?;
    assert!(page.text.contains("Harbour Books") && page.text.contains("Corner Café"), "{}", page.text);
    let page =
        browser.post("/console/store", &[("store", STORES[2].0), ("back", "/console/customers?tab=leads")]).await?;
    assert_eq!(page.header("location"), "/console/customers?tab=leads");
    let page = browser.get("/console/customers").await?;
    assert!(page.text.contains(&format!(r#"value="{}" aria-current="true""#, STORES[2].0)));
    let page = browser.post("/console/store", &[("store", "sto_01957000000070008000000000000077")]).await?;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn colours_are_kept() -> anyhow::Result<()> {
    let mut browser = Browser::new(&[]).await?;
    assert!(browser.get("/console/sign-in").await?.text.contains(r#"data-theme="auto">"#));
    browser.post("/console/theme", &[("theme", "dark"), ("back", "/console/customers")]).await?;
    assert!(browser.get("/console/sign-in").await?.text.contains(r#"data-bs-theme="dark""#));
    Ok(())
}

/// Pages load nothing from elsewhere, run no inline script, are kept by nobody; files are kept for ever.
#[tokio::test]
async fn pages_and_files_say_what_browsers_may_do() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get("/console/customers").await?;
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(!page.text.contains("style=\"") && !page.text.contains("onclick"));
    for attribute in ["src=\"", "<link rel=\"stylesheet\" href=\""] {
        for rest in page.text.split(attribute).skip(1) {
            let path = rest.split('"').next().unwrap_or_default();
            assert!(path.starts_with("/console/static/"), "{path}");
            let file = browser.get(path).await?;
            assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable", "{path}");
        }
    }
    let file = browser.get("/console/static/0000000000000000/console.css").await?;
    assert_eq!((file.status, file.header("cache-control")), (StatusCode::OK, "no-store"));
    Ok(())
}

/// ID-28: the recorded address is the browser's own, beyond a proxy that is trusted and no other.
#[tokio::test]
async fn the_browsers_address_is_told() -> anyhow::Result<()> {
    for (peer, told) in [(PROXY, "192.0.2.1"), ("203.0.113.9", "203.0.113.9")] {
        let (router, identity) = support::console(&[]).await?;
        let peer = SocketAddr::new(peer.parse()?, 40_000);
        let request = Request::get("/console/customers")
            .header(header::COOKIE, "__Host-patron_staff=staff_owner")
            .header("x-forwarded-for", "192.0.2.1")
            .extension(ConnectInfo(peer))
            .body(Body::empty())?;
        assert_eq!(router.oneshot(request).await?.status(), StatusCode::OK);
        assert_eq!(*identity.addresses.lock().unwrap(), [told]);
    }
    Ok(())
}

/// OR-2: the list of orders, narrowed down, and where nobody answers it says so; who may read no orders has none.
#[tokio::test]
async fn orders_are_listed() -> anyhow::Result<()> {
    let mut browser = Browser::signed_in("owner", &[]).await?;
    let page = browser.get("/console/orders?payment=paid&from=2026-02-01").await?;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["1042", "Ada Lovelace", "79.20 EUR", "value=\"paid\" selected", "value=\"2026-02-01\"", "Show all"] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    let page = browser.get("/console/orders?q=9999").await?;
    assert!(page.text.contains("No such orders"));
    assert_eq!(browser.get("/console/orders?from=yesterday").await?.status, StatusCode::BAD_REQUEST);
    assert!(!browser.get("/console/transactions").await?.status.is_success(), "nobody knows the ledger here");
    let mut browser = Browser::signed_in("owner", &["orders"]).await?;
    assert_eq!(browser.get("/console/orders").await?.status, StatusCode::SERVICE_UNAVAILABLE);
    Ok(())
}
