//! Payments by Stripe, as its documentation has it: one consistent order, whatever happens on the way.
use proto::orders::v1::CreateRefundRequest;
use serde_json::json;

use crate::{
    counter::back,
    shop::{ORDERS, PAYMENTS, reason},
    till::Till,
};

/// Where shoppers come back to.
const BACK: &str = "https://shop.example/thanks";

/// OR-3: a payment is made in two steps under the payment's own id; it is in the ledger by Stripe's name, and repeating it
/// takes nothing twice.
#[tokio::test]
async fn a_card_pays() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let begun = till.begin().await?;
    assert_eq!((&*begun.publishable_key, begun.abilities.len()), ("pk_test_shown", 3));
    for _ in 0..2 {
        let outcome = till.pay(&begun.token, "pm_card_visa", "").await?;
        let order = outcome.order.expect("an order");
        assert_eq!((&*outcome.status, &*order.payment_status, &*order.gateway), ("completed", "paid", "stripe"));
        assert_eq!(order.transactions[0].reference, till.stripe.intent()["id"]);
    }
    let intent = till.stripe.intent();
    assert_eq!((intent["amount"].as_i64(), intent["currency"].as_str()), (Some(4498), Some("eur")));
    assert_eq!((till.stripe.charges(), till.stripe.asked().len()), (1, 2));
    assert_eq!(till.shop.events().await?, ["Audited", "OrderPlaced", "PaymentCaptured", "LibraryChanged"]);
    Ok(())
}

/// OR-3: what is declined says why, is cancelled at Stripe, too, and leaves the cart to be paid by another card.
#[tokio::test]
async fn a_card_is_declined() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    let outcome = till.pay(&token, "pm_card_poor", "").await?;
    assert_eq!(outcome.status, "declined");
    assert!(outcome.message.contains("not enough money"), "{}", outcome.message);
    assert_eq!(till.stripe.intent()["status"], "canceled");
    assert_eq!(till.pay(&token, "pm_card_visa", "").await?.status, "completed");
    assert_eq!((till.shop.count(ORDERS).await?, till.stripe.charges()), (1, 1));
    Ok(())
}

/// OR-3: authentication: by a page of the bank's, or by Stripe.js in the shop front; whoever comes back before Stripe has
/// told anything gets the order.
#[tokio::test]
async fn the_bank_asks() -> anyhow::Result<()> {
    let till = Till::open().await?;
    for back in [BACK, ""] {
        let token = till.begin().await?.token;
        let outcome = till.pay(&token, "pm_card_asks", back).await?;
        assert_eq!((&*outcome.status, outcome.redirect_url.is_empty()), ("redirect", back.is_empty()));
        assert!(outcome.client_secret.ends_with("_secret_x"));
        let asked = till.shop.status(&token).await?;
        assert_eq!((asked.status, asked.client_secret), ("redirect".to_owned(), outcome.client_secret));
        till.stripe.authenticate(true);
        till.shop.rig.clock.advance(chrono::TimeDelta::seconds(2));
        assert_eq!(till.pay(&token, "pm_card_asks", back).await?.status, "completed");
    }
    assert_eq!((till.shop.count(ORDERS).await?, till.stripe.charges()), (2, 2));
    Ok(())
}

/// OR-3: who fails to answer the bank is declined, and pays by another card.
#[tokio::test]
async fn the_bank_is_not_answered() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    assert_eq!(till.pay(&token, "pm_card_asks", BACK).await?.status, "redirect");
    till.stripe.authenticate(false);
    till.shop.rig.clock.advance(chrono::TimeDelta::seconds(2));
    assert_eq!(till.shop.status(&token).await?.status, "declined");
    assert_eq!(till.pay(&token, "pm_card_visa", BACK).await?.status, "completed");
    assert_eq!(till.stripe.charges(), 1);
    Ok(())
}

/// OR-3: another way to pay cancels what waits for the bank.
#[tokio::test]
async fn another_card_cancels_the_first() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    assert_eq!(till.pay(&token, "pm_card_asks", BACK).await?.status, "redirect");
    assert_eq!(till.pay(&token, "pm_card_visa", BACK).await?.status, "completed");
    till.stripe.authenticate(true);
    assert_eq!(till.stripe.charges(), 1);
    Ok(())
}

/// OR-1, OR-3: the network is lost after the charge: the order is pending, then paid, and nothing is taken twice.
#[tokio::test]
async fn the_network_is_lost_after_the_charge() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    till.stripe.lose("/confirm");
    assert_eq!(till.pay(&token, "pm_card_visa", "").await?.status, "pending");
    assert_eq!(till.stripe.charges(), 1);
    till.reap().await?;
    let outcome = till.shop.status(&token).await?;
    assert_eq!((&*outcome.status, outcome.order.expect("an order").transactions.len()), ("completed", 1));
    assert_eq!((till.shop.count(ORDERS).await?, till.stripe.charges()), (1, 1));
    Ok(())
}

/// OR-1, OR-3: the network is lost before anything could be charged: nothing ever is, and another attempt is free.
#[tokio::test]
async fn the_network_is_lost_before_the_charge() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    till.stripe.lose("payment_intents");
    assert_eq!(till.pay(&token, "pm_card_visa", "").await?.status, "pending");
    till.reap().await?;
    assert_eq!((till.shop.status(&token).await?.status, till.stripe.charges()), ("declined".to_owned(), 0));
    assert_eq!(till.pay(&token, "pm_card_visa", "").await?.status, "completed");
    assert_eq!((till.shop.count(PAYMENTS).await?, till.stripe.charges()), (2, 1));
    Ok(())
}

/// OR-3: the webhook is there before the answer: one order, told once, and both find it.
#[tokio::test]
async fn the_webhook_is_first() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    let release = till.stripe.hold("/confirm");
    let paying = till.shop.capturing(&token, "pm_card_visa");
    while till.stripe.charges() == 0 {
        tokio::task::yield_now().await;
    }
    till.tell("evt_1", "payment_intent.succeeded", &till.stripe.intent()).await?;
    assert_eq!(till.shop.status(&token).await?.status, "completed");
    let _ = release.send(());
    let outcome = paying.await??;
    assert_eq!((&*outcome.status, outcome.order.expect("an order").transactions.len()), ("completed", 1));
    assert_eq!(till.shop.events().await?, ["Audited", "OrderPlaced", "PaymentCaptured", "LibraryChanged"]);
    Ok(())
}

/// OR-3: webhooks twice, late and in the wrong order change nothing of what is true; what is of no payment of ours, or of no
/// kind that matters, is no fault.
#[tokio::test]
async fn webhooks_come_as_they_like() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    let intent = till.stripe.intent();
    let older = json!({"id": intent["id"], "object": "payment_intent", "status": "requires_action"});
    for (id, kind) in [
        ("evt_3", "payment_intent.succeeded"),
        ("evt_3", "payment_intent.succeeded"),
        ("evt_2", "payment_intent.payment_failed"),
        ("evt_1", "payment_intent.requires_action"),
        ("evt_4", "payment_intent.canceled"),
        ("evt_5", "customer.created"),
    ] {
        till.tell(id, kind, &older).await?;
    }
    till.tell("evt_6", "payment_intent.succeeded", &json!({"id": "pi_other", "object": "payment_intent"})).await?;
    assert_eq!(till.shop.count("select count(*) from transactions").await?, 1);
    assert_eq!(till.shop.count("select count(*) from stripe_events").await?, 4);
    let paid = "select count(*) from orders where payment_status = 'paid' and status = 'placed'";
    assert_eq!(till.shop.count(paid).await?, 1);
    assert_eq!(order.payment_status, "paid");
    Ok(())
}

/// OR-3: a page of Stripe's own: paid there, the order is placed as soon as Stripe tells, and can be refunded.
#[tokio::test]
async fn a_page_of_stripes() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    let outcome = till.pay(&token, "hosted", BACK).await?;
    assert_eq!((&*outcome.status, &*outcome.client_secret), ("redirect", ""));
    assert!(outcome.redirect_url.starts_with("https://checkout.stripe.example/cs_"), "{}", outcome.redirect_url);
    till.stripe.pay_on_page();
    till.tell("evt_1", "payment_intent.succeeded", &till.stripe.intent()).await?;
    let order = till.shop.status(&token).await?.order.expect("an order");
    assert_eq!((&*order.payment_status, &*order.transactions[0].reference), ("paid", "pi_page000002"));
    let wanted = CreateRefundRequest { amount: None, ..back(&order) };
    assert_eq!(till.shop.refund(wanted, "all").await?.status, "succeeded");
    assert_eq!(till.stripe.refunds()[0]["amount"], 4498);
    Ok(())
}

/// OR-3: a page that nobody pays on is closed after half an hour; whoever pays by a card before closes it.
#[tokio::test]
async fn a_page_is_left() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    assert_eq!(till.pay(&token, "hosted", BACK).await?.status, "redirect");
    till.shop.rig.clock.advance(chrono::TimeDelta::minutes(30));
    till.shop.finisher().round().await?;
    assert_eq!(till.shop.status(&token).await?.status, "declined");
    assert_eq!(till.pay(&token, "hosted", BACK).await?.status, "redirect");
    assert_eq!(till.pay(&token, "pm_card_visa", BACK).await?.status, "completed");
    let expired = till.stripe.asked().iter().filter(|path| path.ends_with("/expire")).count();
    assert_eq!((expired, till.stripe.charges()), (2, 1));
    Ok(())
}

/// OR-3, OR-5: refunds go back by Stripe, once, also when its answer is lost; never more than came in.
#[tokio::test]
async fn money_goes_back() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    let part = |amount| CreateRefundRequest {
        amount: Some(proto::base::v1::Money { amount, currency: "EUR".to_owned() }),
        ..back(&order)
    };
    assert_eq!(till.shop.refund(part(1000), "one").await?.status, "succeeded");
    till.stripe.lose("refunds");
    assert_eq!(till.shop.refund(part(500), "two").await?.status, "started");
    till.shop.rig.clock.advance(chrono::TimeDelta::seconds(13));
    let reaping = till.shop.reap_refunds();
    let done = "select count(*) from refunds where state = 'succeeded'";
    while till.shop.count(done).await? < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    drop(reaping);
    let amounts: Vec<_> = till.stripe.refunds().iter().map(|refund| refund["amount"].as_i64()).collect();
    assert_eq!(amounts, [Some(1000), Some(500)]);
    assert_eq!(reason(till.shop.refund(part(2999), "three").await), "refund_too_large");
    Ok(())
}

/// OR-3, OR-4: what was given back at Stripe by hand is booked once, and what was given back here is not booked again; a
/// dispute is in the history.
#[tokio::test]
async fn what_happens_at_stripe_is_known_here() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    let amount = Some(proto::base::v1::Money { amount: 1000, currency: "EUR".to_owned() });
    till.shop.refund(CreateRefundRequest { amount, ..back(&order) }, "one").await?;
    let charge = |back: i64| {
        json!({"id": "ch_1", "object": "charge", "payment_intent": till.stripe.intent()["id"],
                                    "amount_refunded": back})
    };
    till.tell("evt_1", "charge.refunded", &charge(1000)).await?;
    assert_eq!(till.shop.count("select sum(amount)::bigint from transactions where type = 'refund'").await?, 1000);
    let paid = till.stripe.intent()["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(till.stripe.refund_by_hand(&paid, 600)["amount"], 600);
    for id in ["evt_2", "evt_2", "evt_3"] {
        till.tell(id, "charge.refunded", &charge(1600)).await?;
    }
    assert_eq!(till.shop.count("select sum(amount)::bigint from transactions where type = 'refund'").await?, 1600);
    let dispute = json!({"id": "dp_1", "object": "dispute", "payment_intent": till.stripe.intent()["id"]});
    for _ in 0..2 {
        till.tell("evt_4", "charge.dispute.created", &dispute).await?;
    }
    assert_eq!(till.shop.count("select count(*) from order_history where kind = 'disputed'").await?, 1);
    Ok(())
}

/// OR-3: card data never reaches the house: numbers are no payment methods, and no fault repeats one.
#[tokio::test]
async fn numbers_of_cards_are_refused() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    for number in ["4242424242424242", "4242 4242 4242 4242", "pm_4242424242424242", "tok_visa", ""] {
        let failed = till.pay(&token, number, "").await.expect_err("no card");
        assert!(!format!("{failed:?}").contains("4242"), "{failed:?}");
        assert_eq!(kit::failure::Told::read(&failed).reason, "payment_method_unknown");
    }
    assert_eq!((till.shop.count(PAYMENTS).await?, till.stripe.asked().len()), (0, 0));
    let astray = till.pay(&token, "pm_card_visa", "javascript:alert(1)").await;
    assert_eq!(crate::shop::faults(astray), ["/return_url malformed"]);
    Ok(())
}
