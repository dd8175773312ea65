//! Subscriptions on invoice: what begins and what waits for the money (OR-7).
use chrono::TimeDelta;
use proto::orders::v1::{ListSubscriptionsRequest, Order, Subscription};

use crate::{
    counter::eur,
    shop::{Shop, payment, wish},
    subscribers::{STAFF, monthly, renewal},
};

/// OR-7: an order on invoice begins one when it is paid, not when it is placed.
#[tokio::test]
async fn an_invoice_begins_one_when_it_is_paid() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let one = invoiced(&shop).await?;
    assert_eq!((&*one.gateway, one.resumable), ("manual", false));
    // A renewal on invoice is an order to be paid.
    shop.pass(renewal(&one)).await?;
    assert_eq!(stands(&shop.now(&one).await?), ("active", 1, "pending"));
    Ok(())
}

/// One that was begun by an order on invoice.
async fn invoiced(shop: &Shop) -> anyhow::Result<Subscription> {
    let cart = shop.planned(&monthly(shop, 0));
    let token = shop.begin_by(shop.rig.actors.anonymous(wish(&cart.id, "manual"))).await?.token;
    let order = shop.capture_by(shop.rig.actors.anonymous(payment(&token, ""))).await?.order.expect("an order");
    assert_eq!(shop.count("select count(*) from subscriptions").await?, 0);
    shop.mark_paid(&order, eur(order.total.as_ref().expect("a total").amount - 1)).await?;
    assert_eq!(shop.count("select count(*) from subscriptions").await?, 0);
    shop.mark_paid(&order, None).await?;
    let staff = shop.rig.actors.staff(&STAFF, ListSubscriptionsRequest::default());
    let mut all = shop.subscriptions().list_subscriptions(staff).await?.into_inner().subscriptions;
    assert_eq!(all.len(), 1);
    Ok(all.remove(0))
}

/// How it stands, how often it was renewed, and whether the last renewal is paid.
fn stands(one: &Subscription) -> (&str, usize, &str) {
    (&one.status, one.renewals.len(), one.renewals.first().map_or("", |last| &last.payment_status))
}

/// OR-7: on invoice a period begins when the one before is paid. Until then it is past due and looked at by the schedule;
/// paid, it goes on at once, by a called off invoice with the next look, and after the last look it is over.
#[tokio::test]
async fn an_unpaid_invoice_holds_the_next_one_back() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let one = invoiced(&shop).await?;
    shop.pass(renewal(&one)).await?;
    let first = shop.now(&one).await?;
    shop.pass(renewal(&first)).await?;
    let held = shop.now(&one).await?;
    assert_eq!((stands(&held), held.period_end), (("past_due", 1, "pending"), first.period_end));
    shop.pass(renewal(&first) + TimeDelta::hours(23)).await?;
    let invoice = |of: &Subscription| Order { id: of.renewals[0].order.clone(), ..Order::default() };
    shop.mark_paid(&invoice(&held), None).await?;
    shop.pass(shop.rig.clock.now()).await?;
    let second = shop.now(&one).await?;
    assert_eq!((stands(&second), second.period_start), (("active", 2, "pending"), first.period_end));

    shop.pass(renewal(&second)).await?;
    assert_eq!(stands(&shop.now(&one).await?), ("past_due", 2, "pending"));
    shop.cancel(&invoice(&second)).await?;
    shop.pass(renewal(&second) + TimeDelta::days(1)).await?;
    let third = shop.now(&one).await?;
    assert_eq!((stands(&third), third.period_start), (("active", 3, "pending"), second.period_end));

    let looks = [0, 1, 3, 5, 7].map(|days| renewal(&third) + TimeDelta::days(days));
    for look in looks {
        assert_ne!(shop.now(&one).await?.status, "expired");
        shop.pass(look).await?;
        assert_eq!(shop.now(&one).await?.renewals.len(), 3);
    }
    let over = shop.now(&one).await?;
    assert_eq!((&*over.status, over.ended), ("expired", true));
    let told = shop.events().await?;
    let many = |name: &str| told.iter().filter(|event| *event == name).count();
    assert_eq!((many("SubscriptionPastDue"), many("SubscriptionEnded"), many("SubscriptionRenewed")), (6, 1, 3));
    Ok(())
}
