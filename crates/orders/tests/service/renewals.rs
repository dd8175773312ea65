//! Renewals by many at once, and what a crash leaves of one: each period is charged once (OR-7).
use chrono::TimeDelta;
use kit::clock::datetime;
use orders::subscription::{settled, store};
use proto::orders::v1::Order;
use tokio::task::JoinSet;

use crate::{
    counter::eur,
    refund_reaper::until,
    shop::{CHARGES, Shop},
    subscribers::{BUSY, RENEWED, monthly, renewal},
};

/// OR-7: eight schedulers at once, and each of twenty subscriptions is renewed once, with one order and one charge.
#[tokio::test]
async fn many_schedulers_charge_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let mut last = None;
    for _ in 0..20 {
        last = Some(shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?);
    }
    let due = renewal(&last.expect("a subscription"));
    shop.rig.clock.advance(due - shop.rig.clock.now() - TimeDelta::microseconds(1));
    while shop.renewer().round().await? > 0 {}
    assert_eq!(shop.count(RENEWED).await?, 0, "not before it is due");
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    let mut all = JoinSet::new();
    for _ in 0..8 {
        let renewer = shop.renewer();
        all.spawn(async move { while renewer.round().await.expect("a round") > 0 {} });
    }
    all.join_all().await;
    assert_eq!((shop.count(RENEWED).await?, shop.count(CHARGES).await?), (20, 40));
    let told = shop.events().await?;
    let many = |name: &str| told.iter().filter(|event| *event == name).count();
    assert_eq!((many("SubscriptionRenewed"), many("SubscriptionRenewalUpcoming"), many("OrderPlaced")), (20, 20, 40));
    Ok(())
}

/// OR-7, CU-15: a subscription that is cut off while its renewal is being charged: what the gateway took goes back, all of
/// it, and no order is left open.
#[tokio::test]
async fn cut_off_while_it_is_charged() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.pay_by("pm_test_timeout").await?;
    shop.rig.clock.advance(renewal(&one) - shop.rig.clock.now());
    let renewer = shop.renewer();
    let round = tokio::spawn(async move { renewer.round().await });
    while shop.count(CHARGES).await? < 2 {
        tokio::task::yield_now().await;
    }
    round.abort();
    let mut tx = shop.db.begin_own().await?;
    settled::end_all(&mut tx, (shop.rig.actors.realm, ann), shop.rig.clock.now()).await?;
    tx.commit().await?;
    shop.rig.clock.advance(TimeDelta::seconds(12));
    shop.finisher().round().await?;
    let _reaper = shop.reap_refunds();
    shop.rig.clock.advance(TimeDelta::seconds(12));
    let renewed = shop.now(&one).await?.renewals.remove(0).order;
    let taken_back = until(&shop, &Order { id: renewed, ..Order::default() }, "refunded").await?;
    assert_ne!(taken_back.status, "placed");
    let refunded: Vec<_> = taken_back.refunds.iter().map(|refund| (&*refund.status, refund.amount.clone())).collect();
    assert_eq!(refunded, [("succeeded", eur(1_200))]);
    let ended = shop.now(&one).await?;
    assert_eq!((ended.ended, ended.charging, shop.count(CHARGES).await?), (true, false, 2));
    Ok(())
}

/// OR-7: killed after it took a subscription over: another goes on when the lease ends.
#[tokio::test]
async fn killed_before_anything_was_written() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.rig.clock.advance(renewal(&one) - shop.rig.clock.now());
    let taken = store::take_over(shop.db.pool(), &shop.rig.clock, 10).await?;
    assert_eq!(taken.len(), 1);
    assert_eq!(shop.renewer().round().await?, 0, "somebody has it");
    shop.rig.clock.advance(TimeDelta::seconds(30));
    assert_eq!(shop.renewer().round().await?, 1);
    assert_eq!((shop.count(RENEWED).await?, shop.count(CHARGES).await?), (1, 2));
    Ok(())
}

/// OR-7: killed after the gateway took the money and before that was written: the reaper finishes it, charged once.
#[tokio::test]
async fn killed_after_the_charge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.pay_by("pm_test_timeout").await?;
    shop.rig.clock.advance(renewal(&one) - shop.rig.clock.now());
    let renewer = shop.renewer();
    let round = tokio::spawn(async move { renewer.round().await });
    while shop.count(CHARGES).await? < 2 {
        tokio::task::yield_now().await;
    }
    round.abort();
    assert!(shop.now(&one).await?.charging);
    assert_eq!(shop.renewer().round().await?, 0, "it is underway");
    assert_eq!(crate::shop::reason(shop.rest(ann, &one).await), "renewal_underway");
    shop.rig.clock.advance(TimeDelta::seconds(12));
    shop.finisher().round().await?;
    let renewed = shop.now(&one).await?;
    assert_eq!((&*renewed.status, renewed.charging, renewed.period_start), ("active", false, one.period_end));
    assert_eq!((shop.count(RENEWED).await?, shop.count(CHARGES).await?), (1, 2));
    Ok(())
}

/// OR-7: killed after the renewal was written down and before the gateway heard of it: nobody is past due for that, and the
/// same order is charged an hour later.
#[tokio::test]
async fn killed_before_the_charge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.pay_by("pm_test_timeout_lost").await?;
    shop.rig.clock.advance(renewal(&one) - shop.rig.clock.now());
    let renewer = shop.renewer();
    let round = tokio::spawn(async move { renewer.round().await });
    while shop.count(BUSY).await? == 0 {
        tokio::task::yield_now().await;
    }
    round.abort();
    shop.rig.clock.advance(TimeDelta::seconds(12));
    shop.finisher().round().await?;
    let waits = shop.now(&one).await?;
    assert_eq!((&*waits.status, waits.failures, &*waits.renewals[0].payment_status), ("active", 0, "failed"));
    shop.pay_by("pm_test_ok").await?;
    let again = waits.retry_at.as_ref().and_then(datetime).expect("a time");
    assert_eq!(again - shop.rig.clock.now(), TimeDelta::hours(1));
    shop.pass(again).await?;
    let renewed = shop.now(&one).await?;
    assert_eq!((renewed.renewals.len(), &*renewed.renewals[0].payment_status), (1, "paid"));
    assert_eq!(renewed.renewals[0].order, waits.renewals[0].order);
    assert_eq!(shop.count(CHARGES).await?, 2);
    Ok(())
}

/// OR-7: a charge that was settled by a process that knows nothing of subscriptions, as an earlier version is while a new one
/// is rolled out: the subscription hears of it within the hour.
#[tokio::test]
async fn a_charge_that_nobody_told_of() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.pass(renewal(&one)).await?;
    let forget =
        "update subscriptions set charging_id = draft.id, draft_id = draft.id, cycle = 0, starts_at = subscriptions.created_at,
        renews_at = starts_at, turn = 1, updated_at = $1, look_at = $1 + interval '1 hour'
      from orders draft where draft.subscription_id = subscriptions.id";
    sqlx::query(forget).bind(shop.rig.clock.now()).execute(shop.db.pool()).await?;
    assert!(shop.now(&one).await?.charging);
    shop.pass(shop.rig.clock.now() + TimeDelta::hours(1)).await?;
    let heard = shop.now(&one).await?;
    assert_eq!((heard.charging, heard.period_start, heard.renewals.len()), (false, one.period_end, 1));
    assert_eq!(shop.count(CHARGES).await?, 2);
    Ok(())
}

/// OR-7: declined after one, two, two and two days more, told of each time; then it expires and nothing is charged any more.
#[tokio::test]
async fn declined_until_it_expires() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_renewal_declined", &monthly(&shop, 0)).await?;
    shop.pass(renewal(&one)).await?;
    for (failures, days) in [(1, 1), (2, 2), (3, 2), (4, 2)] {
        let owing = shop.now(&one).await?;
        assert_eq!((&*owing.status, owing.failures, owing.ended), ("past_due", failures, false));
        let again = shop.rig.clock.now() + TimeDelta::days(days);
        shop.pass(again - TimeDelta::microseconds(1)).await?;
        assert_eq!(shop.now(&one).await?.failures, failures);
        shop.pass(again).await?;
    }
    let over = shop.now(&one).await?;
    assert_eq!((&*over.status, over.ended, over.renewals.len()), ("expired", true, 1));
    shop.pass(shop.rig.clock.now() + TimeDelta::days(400)).await?;
    assert_eq!((shop.count(CHARGES).await?, shop.count(RENEWED).await?), (1, 0));
    let told = shop.events().await?;
    let many = |name: &str| told.iter().filter(|event| *event == name).count();
    assert_eq!((many("SubscriptionPastDue"), many("SubscriptionEnded"), many("PaymentFailed")), (4, 1, 5));
    Ok(())
}
