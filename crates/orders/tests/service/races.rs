//! Captures at the same time.
use std::collections::HashSet;

use proto::orders::v1::CheckoutOutcome;

use crate::shop::{CHARGES, ORDERS, PAYMENTS, Shop};

async fn all(shop: &Shop, tokens: &[&str], method: &str) -> anyhow::Result<Vec<CheckoutOutcome>> {
    let running: Vec<_> = tokens.iter().map(|token| shop.capturing(token, method)).collect();
    let mut outcomes = Vec::new();
    for capture in running {
        outcomes.push(capture.await??);
    }
    Ok(outcomes)
}

fn orders(outcomes: &[CheckoutOutcome]) -> HashSet<&str> {
    outcomes.iter().map(|outcome| outcome.order.as_ref().map_or("none", |order| &*order.id)).collect()
}

/// OR-1: eight captures at once make one order, one payment, one charge, and all eight hear of it.
#[tokio::test(flavor = "multi_thread")]
async fn eight_captures_make_one_order() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let checkout = shop.checkout().await?;
    let outcomes = all(&shop, &[&*checkout.token; 8], "pm_test_ok").await?;
    assert!(outcomes.iter().all(|outcome| outcome.status == "completed"));
    assert_eq!(orders(&outcomes).len(), 1);
    assert_eq!((shop.count(ORDERS).await?, shop.count(PAYMENTS).await?, shop.count(CHARGES).await?), (1, 1, 1));
    assert_eq!(shop.events().await?, ["OrderPlaced", "PaymentCaptured", "LibraryChanged"]);
    Ok(())
}

/// OR-1: so do eight checkouts of the same cart.
#[tokio::test(flavor = "multi_thread")]
async fn eight_checkouts_make_one_order() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let mut checkouts = Vec::new();
    for _ in 0..8 {
        checkouts.push(shop.begin(&cart.id).await?);
    }
    let tokens: Vec<_> = checkouts.iter().map(|checkout| &*checkout.token).collect();
    let outcomes = all(&shop, &tokens, "pm_test_ok").await?;
    assert!(outcomes.iter().all(|outcome| outcome.status == "completed"));
    assert_eq!(orders(&outcomes).len(), 1);
    assert_eq!((shop.count(PAYMENTS).await?, shop.count(CHARGES).await?), (1, 1));
    Ok(())
}

/// OR-1: captures that race with different payment methods still take the money once.
#[tokio::test(flavor = "multi_thread")]
async fn a_race_of_methods_pays_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let token = shop.checkout().await?.token;
    let methods = ["pm_test_ok", "pm_test_declined", "pm_test_redirect", "pm_test_ok"];
    let running: Vec<_> = methods.iter().map(|method| shop.capturing(&token, method)).collect();
    for capture in running {
        capture.await??;
    }
    assert_eq!(shop.capture(&token, "pm_test_ok").await?.status, "completed");
    assert_eq!((shop.count(ORDERS).await?, shop.count(CHARGES).await?), (1, 1));
    assert_eq!(shop.count("select count(*) from transactions where status = 'succeeded'").await?, 1);
    Ok(())
}

/// Many buyers of one store at once: each gets an order and a number of their own.
#[tokio::test(flavor = "multi_thread")]
async fn buyers_do_not_share_numbers() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut checkouts = Vec::new();
    for _ in 0..12 {
        checkouts.push(shop.checkout().await?);
    }
    let tokens: Vec<_> = checkouts.iter().map(|checkout| &*checkout.token).collect();
    let outcomes = all(&shop, &tokens, "pm_test_ok").await?;
    let numbers: HashSet<_> =
        outcomes.iter().filter_map(|outcome| outcome.order.as_ref()).map(|order| &order.number).collect();
    assert_eq!((orders(&outcomes).len(), numbers.len()), (12, 12));
    Ok(())
}
