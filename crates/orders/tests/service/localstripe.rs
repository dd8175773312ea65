//! Payments by a Stripe that somebody else wrote, as a process of its own.
use proto::orders::v1::{CaptureCheckoutRequest, CreateRefundRequest};
use testing::{LocalStripe, local_stripe::KEY};

use crate::{
    counter::back,
    shop::{Shop, payment, wish},
    till::keys,
};

async fn open(stripe: &LocalStripe) -> anyhow::Result<Shop> {
    let shop = Shop::open_with(&stripe.url).await?;
    let wanted = proto::orders::v1::SetGatewayRequest { secret_key: Some(KEY.to_owned()), ..keys() };
    shop.set_gateway(wanted).await?;
    Ok(shop)
}

async fn pay(shop: &Shop, token: &str, method: &str) -> anyhow::Result<proto::orders::v1::CheckoutOutcome> {
    let wanted = CaptureCheckoutRequest { ..payment(token, method) };
    Ok(shop.capture_by(shop.rig.actors.anonymous(wanted)).await?)
}

/// OR-3: a card pays, part of it goes back, and Stripe's own books say the same as ours.
#[tokio::test]
async fn paid_and_given_back() -> anyhow::Result<()> {
    let stripe = LocalStripe::start().await?;
    let shop = open(&stripe).await?;
    let card = stripe.card("4242424242424242").await?;
    let token = shop.begin_by(shop.rig.actors.anonymous(wish(&shop.cart().id, "stripe"))).await?.token;
    let order = pay(&shop, &token, &card).await?.order.expect("an order");
    assert_eq!((&*order.payment_status, order.transactions.len()), ("paid", 1));
    let amount = Some(proto::base::v1::Money { amount: 1999, currency: "EUR".to_owned() });
    let refund = shop.refund(CreateRefundRequest { amount, ..back(&order) }, "one").await?;
    assert_eq!(refund.status, "succeeded");
    let (intents, refunds) = (stripe.list("payment_intents").await?, stripe.list("refunds").await?);
    assert_eq!((intents.len(), refunds.len()), (1, 1));
    assert_eq!((&intents[0]["status"], &intents[0]["amount"]), (&"succeeded".into(), &4498.into()));
    assert_eq!((&refunds[0]["amount"], &refunds[0]["metadata"]["refund"]), (&1999.into(), &refund.id.into()));
    assert_eq!(order.transactions[0].reference, intents[0]["id"]);
    Ok(())
}

/// OR-3: a card that is declined leaves the cart to be paid by another one.
#[tokio::test]
async fn declined_then_paid() -> anyhow::Result<()> {
    let stripe = LocalStripe::start().await?;
    let shop = open(&stripe).await?;
    let (bad, good) = (stripe.card("4000000000000341").await?, stripe.card("4242424242424242").await?);
    let token = shop.begin_by(shop.rig.actors.anonymous(wish(&shop.cart().id, "stripe"))).await?.token;
    assert_eq!(pay(&shop, &token, &bad).await?.status, "declined");
    assert_eq!(pay(&shop, &token, &good).await?.status, "completed");
    let statuses: Vec<_> = stripe.list("payment_intents").await?.into_iter().map(|one| one["status"].clone()).collect();
    assert!(statuses.contains(&"canceled".into()) && statuses.contains(&"succeeded".into()), "{statuses:?}");
    Ok(())
}

/// OR-3: what the bank asks is left to Stripe.js; whoever goes away instead is charged nothing.
#[tokio::test]
async fn the_bank_asks() -> anyhow::Result<()> {
    let stripe = LocalStripe::start().await?;
    let shop = open(&stripe).await?;
    let card = stripe.card("4000002500003155").await?;
    let token = shop.begin_by(shop.rig.actors.anonymous(wish(&shop.cart().id, "stripe"))).await?.token;
    let outcome = pay(&shop, &token, &card).await?;
    assert_eq!((&*outcome.status, outcome.client_secret.is_empty()), ("redirect", false));
    shop.rig.clock.advance(chrono::TimeDelta::minutes(30));
    shop.finisher().round().await?;
    assert_eq!(shop.status(&token).await?.status, "declined");
    assert_eq!(stripe.list("payment_intents").await?[0]["status"], "canceled");
    Ok(())
}
