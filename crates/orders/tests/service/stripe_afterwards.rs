//! What happens at Stripe when a payment or a refund is long done: keys are forgotten and changed, banks do not take what is
//! given back, people leave, and Stripe is slow.
use chrono::TimeDelta;
use holdings::{Person, work::Forgetter};
use orders::{erasure::Erasure, payment::stripe::departure::Departures};
use proto::orders::v1::{CreateRefundRequest, Order, SetGatewayRequest};
use serde_json::{Value, json};

use crate::{
    counter::{back, eur},
    refund_reaper::until,
    shop::reason,
    subscribers::monthly,
    till::{Till, keys},
};

/// What went back, as the ledger has it.
const BACK: &str = "select coalesce(sum(amount), 0)::bigint from transactions
                    where type = 'refund' and status = 'succeeded'";

fn part(order: &Order, amount: i64) -> CreateRefundRequest {
    CreateRefundRequest { amount: eur(amount), ..back(order) }
}

impl Till {
    async fn failures(&self) -> anyhow::Result<usize> {
        Ok(self.shop.events().await?.iter().filter(|event| *event == "RefundFailed").count())
    }

    /// Has Stripe tell that `refund` has failed, in all the ways it has for that, twice.
    async fn tell_failure(&self, refund: &Value) -> anyhow::Result<()> {
        for (id, kind) in [("a", "refund.failed"), ("a", "refund.failed"), ("b", "charge.refund.updated")] {
            let id = format!("evt_{}_{id}", refund["id"].as_str().unwrap_or_default());
            self.tell(&id, kind, refund).await?;
        }
        Ok(())
    }
}

/// OR-3, OR-5: a refund whose answer was lost and that is asked again after Stripe has forgotten its key goes back once.
#[tokio::test]
async fn a_refund_goes_back_once_after_days() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    till.stripe.lose("refunds");
    assert_eq!(till.shop.refund(part(&order, 500), "one").await?.status, "started");
    till.stripe.forget();
    till.shop.rig.clock.advance(TimeDelta::hours(25));
    let _reaping = till.shop.reap_refunds();
    until(&till.shop, &order, "partially_refunded").await?;
    assert_eq!((till.stripe.refunds().len(), till.shop.count(BACK).await?), (1, 500));
    // One that Stripe has never heard of is still asked for.
    till.shop.rig.clock.advance(TimeDelta::hours(25));
    let rest = CreateRefundRequest { amount: None, ..back(&order) };
    assert_eq!(till.shop.refund(rest, "two").await?.status, "succeeded");
    assert_eq!(till.stripe.refunds().len(), 2);
    Ok(())
}

/// OR-3, OR-4, OR-5: the bank does not take what went back: it is in the ledger once, told of, seen by staff, and can be
/// given back anew; never more than was captured.
#[tokio::test]
async fn a_refund_fails_after_all() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    let whole = CreateRefundRequest { amount: None, ..back(&order) };
    assert_eq!(till.shop.refund(whole.clone(), "one").await?.status, "succeeded");
    assert_eq!(till.shop.seen(&order).await?.payment_status, "refunded");
    // Of one that goes well nothing comes.
    till.tell("evt_0", "refund.updated", &till.stripe.refunds()[0]).await?;
    assert_eq!(till.shop.count(BACK).await?, 4498);
    till.tell_failure(&till.stripe.fail_refund()).await?;
    let seen = till.shop.seen(&order).await?;
    assert_eq!((&*seen.payment_status, &*seen.refunds[0].status, seen.lines[0].refunded), ("paid", "failed", 0));
    assert!(seen.refunds[0].message.contains("store's account"), "{}", seen.refunds[0].message);
    assert_eq!(seen.history.last().map(|change| &*change.kind), Some("refund_failed"));
    let last = seen.transactions.last().expect("an entry");
    assert_eq!((&*last.r#type, last.amount.clone(), &*last.reference), ("refund", eur(-4498), "re_000002"));
    assert_eq!((till.shop.count(BACK).await?, till.failures().await?), (0, 1));
    assert_eq!(till.shop.refund(whole, "two").await?.status, "succeeded");
    assert_eq!((till.shop.count(BACK).await?, till.stripe.refunds().len()), (4498, 2));
    assert_eq!(reason(till.shop.refund(part(&order, 1), "three").await), "nothing_to_refund");
    Ok(())
}

/// OR-3, OR-5: that a refund has failed is heard before it was known that it was made.
#[tokio::test]
async fn a_failure_is_first() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    till.stripe.lose("refunds");
    assert_eq!(till.shop.refund(part(&order, 500), "one").await?.status, "started");
    till.tell_failure(&till.stripe.fail_refund()).await?;
    let seen = till.shop.seen(&order).await?;
    assert_eq!((&*seen.payment_status, &*seen.refunds[0].status), ("paid", "failed"));
    assert_eq!((till.shop.count(BACK).await?, till.failures().await?), (0, 0), "it never counted");
    Ok(())
}

/// OR-3, OR-4: the same of what was given back at Stripe by hand.
#[tokio::test]
async fn a_refund_by_hand_fails_after_all() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    let paid = till.stripe.intent()["id"].as_str().unwrap_or_default().to_owned();
    let refund = till.stripe.refund_by_hand(&paid, 600);
    let charge = json!({"id": "ch_1", "object": "charge", "payment_intent": refund["payment_intent"],
                        "amount_refunded": 600});
    till.tell("evt_1", "charge.refunded", &charge).await?;
    assert_eq!(till.shop.count(BACK).await?, 600);
    till.tell_failure(&till.stripe.fail_refund()).await?;
    assert_eq!((till.shop.count(BACK).await?, till.failures().await?), (0, 1));
    assert_eq!(till.shop.seen(&order).await?.payment_status, "paid");
    Ok(())
}

/// OR-3: a key of another account is refused while something is underway in the present one, of which nobody would hear any
/// more; another key of the same account is not.
#[tokio::test]
async fn what_is_underway_keeps_its_account() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let with = |secret: &str| SetGatewayRequest { secret_key: Some(secret.to_owned()), ..keys() };
    let token = till.begin().await?.token;
    assert_eq!(till.pay(&token, "pm_card_asks", "https://shop.example/back").await?.status, "redirect");
    assert_eq!(reason(till.shop.set_gateway(with("sk_test_another1")).await), "gateway_in_use");
    assert_eq!(till.shop.set_gateway(with("sk_test_rolled1")).await?.version, 2);
    till.stripe.authenticate(true);
    till.shop.rig.clock.advance(TimeDelta::seconds(2));
    let order = till.shop.status(&token).await?.order.expect("an order");
    till.stripe.lose("refunds");
    assert_eq!(till.shop.refund(part(&order, 500), "one").await?.status, "started");
    assert_eq!(reason(till.shop.set_gateway(with("sk_test_another1")).await), "gateway_in_use");
    let reaping = till.shop.reap_refunds();
    till.shop.rig.clock.advance(TimeDelta::seconds(13));
    until(&till.shop, &order, "partially_refunded").await?;
    drop(reaping);
    assert_eq!(till.shop.set_gateway(with("sk_test_another1")).await?.version, 3);
    Ok(())
}

/// OR-3, CU-15: whoever is erased here is deleted at Stripe, with the cards that are kept there; sooner or later, when Stripe
/// cannot be reached.
#[tokio::test]
async fn stripe_forgets_whom_the_house_forgets() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let (shop, clock) = (&till.shop, &till.shop.rig.clock);
    let [ann, bob] = ["ann@example.com", "bob@example.com"].map(|email| shop.customer(email));
    for who in [ann, bob] {
        shop.subscribe_by(who, ("stripe", if who == ann { "pm_card_anns" } else { "pm_card_bobs" }), &monthly(shop, 0))
            .await?;
    }
    assert_eq!(till.stripe.customers().len(), 2);
    let departures = Departures { db: shop.db.clone(), clock: clock.clone(), stripe: shop.stripe() };
    for _ in 0..2 {
        let mut tx = shop.db.begin_own().await?;
        let mut person = Person::unknown(shop.rig.actors.realm, ann, clock.now());
        Erasure { clock: clock.clone() }.prepare(&mut tx, &mut person).await?;
        tx.commit().await?;
    }
    assert_eq!(shop.count("select count(*) from stripe_methods").await?, 1);
    let anns = till.stripe.customers()[0].clone();
    till.stripe.lose(&anns);
    assert_eq!((departures.round().await?, departures.round().await?), (1, 0), "its answer was lost");
    assert_eq!(shop.count("select count(*) from stripe_departures").await?, 1);
    clock.advance(TimeDelta::minutes(1));
    assert_eq!((departures.round().await?, till.stripe.customers().contains(&anns)), (1, false));
    assert_eq!(shop.count("select count(*) from stripe_departures").await?, 0);
    assert_eq!(till.stripe.customers().len(), 1, "nobody else is");
    Ok(())
}

/// OR-3: a payment that Stripe is slow about holds up no other.
#[tokio::test]
async fn a_slow_answer_holds_up_nobody() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let token = till.begin().await?.token;
        till.stripe.lose("/confirm");
        assert_eq!(till.pay(&token, "pm_card_visa", "").await?.status, "pending");
        tokens.push(token);
    }
    let slow = till.stripe.intents()[0]["id"].as_str().unwrap_or_default().to_owned();
    let release = till.stripe.hold(&slow);
    till.shop.rig.clock.advance(TimeDelta::seconds(13));
    let reaper = till.shop.finisher();
    let round = tokio::spawn(async move { reaper.round().await });
    for token in &tokens[1..] {
        till.shop.until(token, "completed").await?;
    }
    assert_eq!(till.shop.status(&tokens[0]).await?.status, "pending");
    let _ = release.send(());
    round.await??;
    assert_eq!(till.shop.status(&tokens[0]).await?.status, "completed");
    Ok(())
}

/// OR-3: what Stripe.js goes on with is kept while somebody needs it, and no longer.
#[tokio::test]
async fn nothing_secret_outlives_a_payment() -> anyhow::Result<()> {
    const KEPT: &str = "select count(*) from stripe_payments where client_secret is not null";
    let till = Till::open().await?;
    for succeeds in [true, false] {
        let token = till.begin().await?.token;
        assert_eq!(till.pay(&token, "pm_card_asks", "").await?.status, "redirect");
        assert_eq!(till.shop.count(KEPT).await?, 1);
        till.stripe.authenticate(succeeds);
        till.shop.rig.clock.advance(TimeDelta::seconds(2));
        let ended = if succeeds { "completed" } else { "declined" };
        assert_eq!(till.shop.status(&token).await?.status, ended);
        assert_eq!(till.shop.count(KEPT).await?, 0, "{ended}");
    }
    Ok(())
}
