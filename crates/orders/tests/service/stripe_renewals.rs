//! Subscriptions that are paid by Stripe: the card is kept there, and charged while nobody is there.
use proto::orders::v1::SetPaymentMethodRequest;

use crate::{
    shop::Shop,
    subscribers::{RENEWED, monthly, renewal},
    till::Till,
};

/// Why payments failed.
async fn reasons(shop: &Shop) -> anyhow::Result<Vec<String>> {
    let reasons = sqlx::query_scalar("select reason from payments where reason is not null order by created_at");
    Ok(reasons.fetch_all(shop.db.pool()).await?)
}

/// OR-3, OR-7: the card of the first order is kept for what renews, under a customer of Stripe's of whom it knows no name, and
/// is charged off-session, once a period.
#[tokio::test]
async fn what_renews_is_charged_by_the_card_that_was_kept() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let ann = till.shop.customer("ann@example.com");
    let one = till.shop.subscribe_by(ann, ("stripe", "pm_card_visa"), &monthly(&till.shop, 0)).await?;
    let first = till.stripe.intent();
    assert_eq!((&first["setup_future_usage"], &first["amount"]), (&"off_session".into(), &5198.into()));
    till.shop.pass(renewal(&one)).await?;
    let intents = till.stripe.intents();
    assert_eq!((intents.len(), till.stripe.charges(), till.shop.count(RENEWED).await?), (2, 2, 1));
    assert_eq!((&intents[1]["customer"], &intents[1]["amount"]), (&first["customer"], &1200.into()));
    assert!(first["customer"].as_str().is_some_and(|customer| customer.starts_with("cus_")));
    Ok(())
}

/// OR-3, OR-7: a bank that asks while nobody is there is a failed attempt with that reason; nothing waits for an answer that
/// nobody can give, and a card that needs none pays when it is named.
#[tokio::test]
async fn nobody_is_there_to_be_asked() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let shop = &till.shop;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe_by(ann, ("stripe", "pm_card_visa"), &monthly(shop, 0)).await?;
    let by = |method: &str| {
        let wanted = SetPaymentMethodRequest { id: one.id.clone(), payment_method: method.to_owned() };
        shop.rig.actors.customer(ann, wanted)
    };
    shop.subscriptions().set_payment_method(by("pm_card_asks")).await?;
    shop.pass(renewal(&one)).await?;
    assert_eq!((reasons(shop).await?, till.stripe.charges()), (vec!["authentication_required".to_owned()], 1));
    let after = shop.now(&one).await?;
    assert_eq!((&*after.status, after.failures), ("past_due", 1));
    assert_eq!(till.stripe.intents()[1]["status"], "canceled");
    shop.subscriptions().set_payment_method(by("pm_card_visa")).await?;
    shop.pass(shop.rig.clock.now() + chrono::TimeDelta::days(7)).await?;
    assert_eq!((shop.count(RENEWED).await?, till.stripe.charges()), (1, 2));
    Ok(())
}

/// OR-3, OR-7: what was begun on a page of Stripe's is renewed by the card that was used there.
#[tokio::test]
async fn a_page_keeps_the_card() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let shop = &till.shop;
    let ann = shop.customer("ann@example.com");
    let cart = shop.planned(&monthly(shop, 0));
    let wish = crate::shop::wish(&cart.id, "stripe");
    let token = shop.begin_by(shop.rig.actors.customer(ann, wish)).await?.token;
    let pay = crate::shop::payment(&token, "hosted");
    assert_eq!(shop.capture_by(shop.rig.actors.customer(ann, pay)).await?.status, "redirect");
    till.stripe.pay_on_page();
    till.tell(
        "evt_1",
        "checkout.session.completed",
        &serde_json::json!({"id": "cs_000001", "object": "checkout.session"}),
    )
    .await?;
    let one = shop.own(ann).await?.remove(0);
    shop.pass(renewal(&one)).await?;
    let renewed = till.stripe.intents().into_iter().find(|intent| intent["amount"] == 1200).expect("a renewal");
    assert_eq!((&renewed["payment_method"], &renewed["customer"]), (&"pm_page000002".into(), &"cus_page000002".into()));
    assert_eq!(shop.count(RENEWED).await?, 1);
    Ok(())
}
