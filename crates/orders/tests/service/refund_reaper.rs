//! What a crash or a time-out leaves of a refund, and the reaper that finishes it.
use std::time::Duration;

use chrono::TimeDelta;
use proto::orders::v1::Order;
use testing::actors::keyed;

use crate::{
    counter::{ALL, back, eur},
    shop::Shop,
};

const REFUNDED: &str = "select count(*) from transactions where type = 'refund' and status = 'succeeded'";
const RETURNED: &str = "select count(*) from test_gateway_refunds where state = 'returned'";

/// Waits until the order's money stands at `status`.
pub async fn until(shop: &Shop, order: &Order, status: &str) -> anyhow::Result<Order> {
    for _ in 0..400 {
        let seen = shop.seen(order).await?;
        if seen.payment_status == status {
            return Ok(seen);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the order never came to {status}")
}

/// OR-5: killed after the gateway gave the money back and before it was written: the refund is finished, once; until then
/// what is underway cannot go back again.
#[tokio::test]
async fn killed_after_giving_back() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_refund_timeout").await?;
    let request = keyed(shop.rig.actors.staff(&ALL, back(&order)), "k", "f");
    let mut client = proto::orders::v1::refund_service_client::RefundServiceClient::new(shop.transport.clone());
    let refunding = tokio::spawn(async move { client.create_refund(request).await });
    while shop.count(RETURNED).await? == 0 {
        tokio::task::yield_now().await;
    }
    refunding.abort();
    assert_eq!(shop.seen(&order).await?.refunds[0].status, "started");
    assert_eq!(crate::shop::reason(shop.refund(back(&order), "other").await), "nothing_to_refund");
    let _reapers = [shop.reap_refunds(), shop.reap_refunds()];
    shop.rig.clock.advance(TimeDelta::seconds(12));
    let seen = until(&shop, &order, "refunded").await?;
    assert_eq!((&*seen.refunds[0].status, seen.transactions.len()), ("succeeded", 2));
    assert_eq!((shop.count(RETURNED).await?, shop.count(REFUNDED).await?), (1, 1));
    assert_eq!(shop.events().await?.iter().filter(|event| *event == "PaymentRefunded").count(), 1);
    Ok(())
}

/// OR-5: a gateway that refuses: nothing moves, the units count again, and all may be tried anew.
#[tokio::test]
async fn a_refusal_moves_nothing() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_refund_refused").await?;
    let refund = shop.refund(back(&order), "k").await?;
    assert_eq!((&*refund.status, &*refund.message), ("failed", "The gateway refused to give the money back."));
    let seen = shop.seen(&order).await?;
    assert_eq!((&*seen.payment_status, seen.lines[0].refunded), ("paid", 0));
    let last = seen.transactions.last().expect("an entry");
    assert_eq!((&*last.r#type, &*last.status, last.amount.clone()), ("refund", "failed", eur(4498)));
    assert_eq!(shop.refund(back(&order), "k2").await?.amount, eur(4498));
    assert_eq!(shop.count(REFUNDED).await?, 0);
    Ok(())
}
