//! What a crash or a time-out leaves behind, and the reaper that finishes or undoes it.
use chrono::TimeDelta;

use crate::shop::{CHARGES, ORDERS, PAYMENTS, Shop};

/// OR-1: a gateway that took the money but did not answer: pending first, then the order, charged once.
#[tokio::test]
async fn a_taken_payment_is_finished() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let token = shop.checkout().await?.token;
    let outcome = shop.capture(&token, "pm_test_timeout").await?;
    assert_eq!(outcome.status, "pending");
    assert_eq!(shop.status(&token).await?.order.expect("a draft").status, "pending");
    let _reapers = [shop.reap(), shop.reap()];
    shop.rig.clock.advance(TimeDelta::seconds(12));
    let order = shop.until(&token, "completed").await?.order.expect("an order");
    assert_eq!((&*order.payment_status, order.transactions.len()), ("paid", 1));
    assert_eq!(order.history.last().expect("a change").actor, "system orders");
    assert_eq!((shop.count(CHARGES).await?, shop.count(PAYMENTS).await?), (1, 1));
    assert_eq!(shop.events().await?, ["OrderPlaced", "PaymentCaptured", "LibraryChanged"]);
    Ok(())
}

/// OR-1: killed between charging and finishing. The payment is left started, the money taken.
#[tokio::test]
async fn killed_after_charging() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let token = shop.checkout().await?.token;
    let capture = shop.capturing(&token, "pm_test_timeout");
    shop.until(&token, "pending").await?;
    while shop.count(CHARGES).await? == 0 {
        tokio::task::yield_now().await;
    }
    capture.abort();
    let _reaper = shop.reap();
    shop.rig.clock.advance(TimeDelta::seconds(12));
    shop.until(&token, "completed").await?;
    assert_eq!(shop.capture(&token, "pm_test_ok").await?.status, "completed");
    assert_eq!((shop.count(CHARGES).await?, shop.count(PAYMENTS).await?), (1, 1));
    Ok(())
}

/// OR-1: killed before charging. The payment is undone and the same order paid by the next attempt.
#[tokio::test]
async fn killed_before_charging() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let token = shop.checkout().await?.token;
    let capture = shop.capturing(&token, "pm_test_timeout_lost");
    let draft = shop.until(&token, "pending").await?.order.expect("a draft");
    capture.abort();
    let _reaper = shop.reap();
    shop.rig.clock.advance(TimeDelta::seconds(12));
    let undone = shop.until(&token, "declined").await?;
    assert!(undone.message.contains("nothing was charged"));
    let order = shop.capture(&token, "pm_test_ok").await?.order.expect("an order");
    assert_eq!((order.id, order.number), (draft.id, draft.number));
    assert_eq!((shop.count(ORDERS).await?, shop.count(CHARGES).await?), (1, 1));
    assert_eq!(shop.events().await?, ["PaymentFailed", "OrderPlaced", "PaymentCaptured", "LibraryChanged"]);
    Ok(())
}

/// OR-1: whoever took a payment on has twelve seconds for it; a payment with time left is left alone.
#[tokio::test]
async fn a_lease_is_respected() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let early = shop.checkout().await?.token;
    let late = shop.checkout().await?.token;
    let first = shop.capturing(&early, "pm_test_timeout_lost");
    shop.until(&early, "pending").await?;
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    let second = shop.capturing(&late, "pm_test_timeout_lost");
    shop.until(&late, "pending").await?;
    let _reaper = shop.reap();
    shop.rig.clock.advance(TimeDelta::seconds(12) - TimeDelta::microseconds(1));
    shop.until(&early, "declined").await?;
    assert_eq!(shop.status(&late).await?.status, "pending");
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    shop.until(&late, "declined").await?;
    first.abort();
    second.abort();
    Ok(())
}

/// OR-1: several reapers share the work; nothing is settled twice.
#[tokio::test(flavor = "multi_thread")]
async fn reapers_share_the_work() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut running = Vec::new();
    let mut tokens = Vec::new();
    for _ in 0..6 {
        let token = shop.checkout().await?.token;
        running.push(shop.capturing(&token, "pm_test_timeout"));
        shop.until(&token, "pending").await?;
        tokens.push(token);
    }
    let _reapers = [shop.reap(), shop.reap(), shop.reap()];
    shop.rig.clock.advance(TimeDelta::seconds(12));
    for token in &tokens {
        shop.until(token, "completed").await?;
    }
    assert_eq!(shop.count(CHARGES).await?, 6);
    assert_eq!(shop.count("select count(*) from transactions").await?, 6);
    assert_eq!(shop.events().await?.iter().filter(|event| *event == "OrderPlaced").count(), 6);
    running.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(())
}
