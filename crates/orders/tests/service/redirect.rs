//! Payments that send the shopper to the gateway's own page.
use chrono::TimeDelta;
use proto::orders::v1::{DecideTestPaymentRequest, GetTestPaymentRequest, TestPayment};
use tonic::Status;

use crate::shop::{CHARGES, ORDERS, Shop, reason};

async fn decide(shop: &Shop, secret: &str, approved: bool) -> Result<TestPayment, Status> {
    let request = DecideTestPaymentRequest { secret: secret.to_owned(), approved };
    let request = shop.rig.actors.system("console", request);
    Ok(shop.payments.clone().decide_test_payment(request).await?.into_inner())
}

/// A checkout whose shopper was sent away, and the secret of the page.
async fn sent_away(shop: &Shop) -> anyhow::Result<(String, String)> {
    let token = shop.checkout().await?.token;
    let outcome = shop.capture(&token, "pm_test_redirect").await?;
    assert_eq!((&*outcome.status, outcome.order), ("redirect", None));
    let secret = outcome.redirect_url.rsplit('/').next().unwrap_or_default().to_owned();
    assert_eq!(outcome.redirect_url, format!("{}/pay/test/{secret}", shop.rig.env.settings.public()));
    Ok((token, secret))
}

/// OR-3: the shopper pays on the page; asking again meanwhile names the same page.
#[tokio::test]
async fn paid_on_the_page() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (token, secret) = sent_away(&shop).await?;
    let again = shop.capture(&token, "pm_test_redirect").await?;
    assert!(again.status == "redirect" && again.redirect_url.ends_with(&secret));
    assert_eq!(shop.status(&token).await?.redirect_url, again.redirect_url);
    let request = shop.rig.actors.system("console", GetTestPaymentRequest { secret: secret.clone() });
    let shown = shop.payments.clone().get_test_payment(request).await?.into_inner();
    assert_eq!((&*shown.status, shown.amount.expect("an amount").amount), ("waiting", 4498));
    for approved in [true, true, false] {
        assert_eq!(decide(&shop, &secret, approved).await?.status, "succeeded");
    }
    let outcome = shop.status(&token).await?;
    assert_eq!((&*outcome.status, outcome.order.expect("an order").transactions.len()), ("completed", 1));
    assert_eq!(shop.count(CHARGES).await?, 1);
    assert_eq!(shop.events().await?, ["OrderPlaced", "PaymentCaptured", "LibraryChanged"]);
    Ok(())
}

/// OR-3: the shopper says no on the page and pays by other means.
#[tokio::test]
async fn refused_on_the_page() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (token, secret) = sent_away(&shop).await?;
    for approved in [false, true] {
        assert_eq!(decide(&shop, &secret, approved).await?.status, "failed");
    }
    assert_eq!(shop.status(&token).await?.status, "declined");
    assert_eq!(shop.capture(&token, "pm_test_ok").await?.status, "completed");
    assert_eq!((shop.count(ORDERS).await?, shop.count(CHARGES).await?), (1, 1));
    Ok(())
}

/// OR-3: who comes back without deciding may pay by other means; the page is dead then.
#[tokio::test]
async fn another_method_voids_the_page() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (token, secret) = sent_away(&shop).await?;
    assert_eq!(shop.capture(&token, "pm_test_ok").await?.status, "completed");
    assert_eq!(decide(&shop, &secret, true).await?.status, "failed");
    assert_eq!(shop.count(CHARGES).await?, 1);
    Ok(())
}

/// OR-3: a page is good for 30 minutes and not a second longer.
#[tokio::test]
async fn a_page_lasts_half_an_hour() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (token, secret) = sent_away(&shop).await?;
    let _reaper = shop.reap();
    shop.rig.clock.advance(TimeDelta::minutes(30) - TimeDelta::microseconds(1));
    // Two rounds of the reaper see this payment, which is older, and another that is due.
    let marker = shop.checkout().await?.token;
    let capture = shop.capturing(&marker, "pm_test_timeout");
    shop.until(&marker, "pending").await?;
    sqlx::query("update payments set lease_until = $1 where method = 'pm_test_timeout'")
        .bind(shop.rig.clock.now())
        .execute(shop.db.pool())
        .await?;
    shop.until(&marker, "completed").await?;
    capture.abort();
    assert_eq!(shop.status(&token).await?.status, "redirect");
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    shop.until(&token, "declined").await?;
    assert_eq!(decide(&shop, &secret, true).await?.status, "failed");
    Ok(())
}

/// ID-30: the page is the house's own, and its secrets cannot be guessed.
#[tokio::test]
async fn nobody_else_decides() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (_, secret) = sent_away(&shop).await?;
    let request = DecideTestPaymentRequest { secret: secret.clone(), approved: true };
    let decided = shop.payments.clone().decide_test_payment(shop.rig.actors.anonymous(request)).await;
    assert_eq!(reason(decided), "wrong_caller");
    let guess = format!("{}0", &secret[..secret.len() - 1]);
    let guess = if guess == secret { format!("{}1", &secret[..secret.len() - 1]) } else { guess };
    assert_eq!(reason(decide(&shop, &guess, true).await), "payment_not_found");
    Ok(())
}

/// OR-1: an order and its payment are always held in this order, so that whoever holds the order may change its payments
/// while the gateway's answer waits, and nobody waits for each other.
#[tokio::test]
async fn nobody_waits_for_each_other() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (token, secret) = sent_away(&shop).await?;
    let mut desk = shop.db.begin_own().await?;
    sqlx::query("select from orders for update").execute(&mut *desk).await?;
    let request = DecideTestPaymentRequest { secret, approved: true };
    let request = shop.rig.actors.system("console", request);
    let mut payments = shop.payments.clone();
    let deciding = tokio::spawn(async move { payments.decide_test_payment(request).await });
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock' and query like '%payment_state%'";
    while shop.count(waiting).await? == 0 {
        tokio::task::yield_now().await;
    }
    // It would wait for that payment, which waits for this order, if the payment were held first.
    sqlx::query("select from payments for update nowait").execute(&mut *desk).await?;
    desk.commit().await?;
    assert_eq!(deciding.await??.into_inner().status, "succeeded");
    assert_eq!(shop.status(&token).await?.status, "completed");
    Ok(())
}
