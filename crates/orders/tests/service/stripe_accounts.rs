//! Whose account at Stripe a store's key is of, and people whom Stripe is to forget there.
use chrono::TimeDelta;
use holdings::{Person, work::Forgetter};
use kit::ids::CustomerId;
use orders::{erasure::Erasure, payment::stripe::departure::Departures};
use proto::orders::v1::SetGatewayRequest;

use crate::{
    shop::{payment, reason},
    subscribers::monthly,
    till::{Till, keys},
};

const WAITING: &str = "select count(*) from stripe_departures";
const BACK: &str = "https://shop.example/back";

fn with(secret: &str) -> SetGatewayRequest {
    SetGatewayRequest { secret_key: Some(secret.to_owned()), ..keys() }
}

fn forced(secret: &str) -> SetGatewayRequest {
    SetGatewayRequest { force: true, ..with(secret) }
}

impl Till {
    /// Somebody who subscribes by a card; answers what Stripe calls them, too.
    async fn subscriber(&self, email: &str) -> anyhow::Result<(CustomerId, String)> {
        let who = self.shop.customer(email);
        let method = format!("pm_card_{}", self.stripe.customers().len());
        self.shop.subscribe_by(who, ("stripe", &method), &monthly(&self.shop, 0)).await?;
        Ok((who, self.stripe.customers().pop().unwrap_or_default()))
    }

    async fn erase(&self, who: CustomerId) -> anyhow::Result<()> {
        let (rig, mut tx) = (&self.shop.rig, self.shop.db.begin_own().await?);
        let mut person = Person::unknown(rig.actors.realm, who, rig.clock.now());
        Erasure { clock: rig.clock.clone() }.prepare(&mut tx, &mut person).await?;
        Ok(tx.commit().await?)
    }

    fn departures(&self) -> Departures {
        let (db, clock) = (self.shop.db.clone(), self.shop.rig.clock.clone());
        Departures { db, clock, stripe: self.shop.stripe() }
    }
}

/// OR-3, CU-15: somebody whom Stripe cannot be told of for months keeps nobody else from being forgotten there.
#[tokio::test]
async fn one_who_stays_keeps_nobody() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let (ann, anns) = till.subscriber("ann@example.com").await?;
    let (bob, bobs) = till.subscriber("bob@example.com").await?;
    till.erase(ann).await?;
    let departures = till.departures();
    for _ in 0..45 {
        till.stripe.lose(&anns);
        assert_eq!(departures.round().await?, 1);
        till.shop.rig.clock.advance(TimeDelta::days(1));
    }
    assert_eq!(till.shop.count("select max(looks)::bigint from stripe_departures").await?, 45);
    till.erase(bob).await?;
    till.stripe.lose(&anns);
    assert_eq!(departures.round().await?, 2);
    assert_eq!((till.shop.count(WAITING).await?, till.stripe.customers().contains(&bobs)), (1, false));
    till.shop.rig.clock.advance(TimeDelta::hours(24));
    assert_eq!((departures.round().await?, till.shop.count(WAITING).await?), (1, 0));
    Ok(())
}

/// OR-3, CU-15: somebody whom Stripe is slow about holds up nobody else.
#[tokio::test]
async fn one_who_is_slow_holds_up_nobody() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let mut slow = None;
    for name in ["ann", "bob", "cem"] {
        let (who, theirs) = till.subscriber(&format!("{name}@example.com")).await?;
        till.erase(who).await?;
        if slow.is_none() {
            slow = Some(till.stripe.hold(&theirs));
        }
    }
    let departures = till.departures();
    let round = tokio::spawn(async move { departures.round().await });
    while till.shop.count(WAITING).await? > 1 {
        tokio::task::yield_now().await;
    }
    drop(slow);
    assert_eq!((round.await??, till.shop.count(WAITING).await?), (3, 0));
    Ok(())
}

/// OR-3, OR-7, CU-15: a key of another account is refused while somebody is charged again and again in the present one, or is
/// to be deleted there; another key of the same account is not.
#[tokio::test]
async fn people_keep_their_account() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let (ann, _) = till.subscriber("ann@example.com").await?;
    assert_eq!(reason(till.shop.set_gateway(with("sk_test_another1")).await), "gateway_in_use");
    assert_eq!(till.shop.set_gateway(with("sk_test_rolled1")).await?.version, 2);
    till.erase(ann).await?;
    assert_eq!(till.shop.count(WAITING).await?, 1);
    assert_eq!(reason(till.shop.set_gateway(with("sk_test_another1")).await), "gateway_in_use");
    assert_eq!(till.shop.set_gateway(with("sk_test_rolled2")).await?.version, 3);
    till.departures().round().await?;
    assert_eq!((till.shop.count(WAITING).await?, till.stripe.customers().len()), (0, 0));
    assert_eq!(till.shop.set_gateway(with("sk_test_another1")).await?.version, 4);
    Ok(())
}

/// OR-3: when Stripe lets nobody in with the present key, one of another account is taken from whoever says so, and only
/// then; the audit has it.
#[tokio::test]
async fn an_account_that_is_closed() -> anyhow::Result<()> {
    const FORCED: &str =
        "select count(*) from outbox where convert_from(payload, 'LATIN1') like '%gateway.changed%\"forced\":true%'";
    let till = Till::open().await?;
    till.subscriber("ann@example.com").await?;
    assert_eq!(reason(till.shop.set_gateway(forced("sk_test_another1")).await), "gateway_in_use", "it is open");
    till.stripe.revoke("sk_test_abcd1234");
    assert_eq!(reason(till.shop.set_gateway(with("sk_test_another1")).await), "gateway_in_use", "nobody said so");
    assert_eq!(till.shop.count(FORCED).await?, 0);
    assert_eq!(till.shop.set_gateway(forced("sk_test_another1")).await?.version, 2);
    assert_eq!(till.shop.count(FORCED).await?, 1);
    assert_eq!(till.shop.set_gateway(with("sk_test_another2")).await?.version, 3, "what was given up keeps nothing");
    Ok(())
}

/// OR-3: a key that is rolled because the former one is known is taken without force, whatever is underway.
#[tokio::test]
async fn a_key_that_is_rolled() -> anyhow::Result<()> {
    let till = Till::open().await?;
    till.subscriber("ann@example.com").await?;
    till.stripe.revoke("sk_test_abcd1234");
    assert_eq!(till.shop.set_gateway(with("sk_test_rolled1")).await?.version, 2);
    Ok(())
}

/// OR-3: a payment that Stripe has not named yet keeps the account, too: it would be charged there, and nobody would hear of it.
#[tokio::test]
async fn what_has_no_name_yet() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    let release = till.stripe.hold("payment_intents");
    let wanted = till.shop.rig.actors.anonymous(payment(&token, "pm_card_visa"));
    let mut checkouts = till.shop.checkouts.clone();
    let paying = tokio::spawn(async move { checkouts.capture_checkout(wanted).await });
    while till.stripe.waits("payment_intents") {
        tokio::task::yield_now().await;
    }
    assert_eq!(reason(till.shop.set_gateway(with("sk_test_another1")).await), "gateway_in_use");
    let _ = release.send(());
    assert_eq!(paying.await??.into_inner().status, "completed");
    assert_eq!(till.shop.set_gateway(with("sk_test_another1")).await?.version, 2);
    Ok(())
}

/// OR-3: what begins while it is looked whose a key is keeps the account as well.
#[tokio::test]
async fn what_begins_meanwhile() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let token = till.begin().await?.token;
    assert_eq!(till.pay(&token, "pm_card_asks", BACK).await?.status, "redirect");
    let paid = till.stripe.intent()["id"].as_str().unwrap_or_default().to_owned();
    let release = till.stripe.hold(&paid);
    let (mut settings, request) = (till.shop.gateway_settings(), till.shop.proved(forced("sk_test_another1")));
    let setting = tokio::spawn(async move { settings.set_gateway(request).await });
    while till.stripe.waits(&paid) {
        tokio::task::yield_now().await;
    }
    let token = till.begin().await?.token;
    assert_eq!(till.pay(&token, "pm_card_asks", BACK).await?.status, "redirect");
    till.stripe.revoke("sk_test_abcd1234");
    let _ = release.send(());
    assert_eq!(reason(setting.await?), "gateway_in_use");
    assert_eq!(till.shop.listed_gateways().await?[1].version, 1);
    Ok(())
}
