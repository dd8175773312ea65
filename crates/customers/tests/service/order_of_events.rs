//! Events come late, twice and in any order, and the record is the same.
use chrono::{DateTime, TimeDelta, Utc};
use kit::clock;
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use proto::{
    carts::v1::CartHolderChanged,
    customers::v1::Customer,
    identity::v1::SignedIn,
    orders::v1::{OrderPlaced, PaymentCaptured, SubscriptionChanged, SubscriptionEnded, SubscriptionStarted},
    reviews::v1::ReviewSubmitted,
};
use tokio::runtime::Runtime;

use crate::{
    carts::{held, told},
    shop::{PII, Shop, deletion},
    subscriptions::{changed, ended, started},
};

/// What happened, each at its own minute.
#[derive(Clone, Copy, Debug)]
enum Fact {
    Ordered,
    Paid(i64, &'static str),
    Reviewed,
    Unreviewed,
    SignedIn,
    Subscribed,
    Changed(&'static str),
    Over(&'static str),
    Filled,
    Held(bool),
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        Just(Fact::Ordered),
        (1..100_000_i64, prop_oneof![Just("EUR"), Just("USD")])
            .prop_map(|(amount, currency)| Fact::Paid(amount, currency)),
        Just(Fact::Reviewed),
        Just(Fact::Unreviewed),
        Just(Fact::SignedIn),
        Just(Fact::Subscribed),
        prop_oneof![Just("active"), Just("past_due"), Just("paused"), Just("cancelled")].prop_map(Fact::Changed),
        prop_oneof![Just("cancelled"), Just("expired")].prop_map(Fact::Over),
        Just(Fact::Filled),
        any::<bool>().prop_map(Fact::Held),
    ]
}

/// Facts, and an order to hear of them in, where some come twice.
fn story() -> impl Strategy<Value = (Vec<Fact>, Vec<usize>)> {
    prop::collection::vec(fact(), 1..12).prop_flat_map(|facts| {
        let last = facts.len() - 1;
        let twice = prop::collection::vec(0..=last, 0..6);
        let order = twice.prop_flat_map(move |twice| Just((0..=last).chain(twice).collect::<Vec<_>>()).prop_shuffle());
        (Just(facts), order)
    })
}

/// The events of a customer's facts, with ids of their own.
enum Told {
    Order(OrderPlaced),
    Payment(PaymentCaptured),
    Review(ReviewSubmitted),
    Unreview(ReviewSubmitted),
    Session(SignedIn),
    Subscription(SubscriptionStarted),
    Change(SubscriptionChanged),
    End(SubscriptionEnded),
    Cart(CartHolderChanged),
}

fn tell(shop: &Shop, customer: &Customer, facts: &[Fact], start: DateTime<Utc>) -> Vec<Told> {
    let mut review = shop.reviewed(&customer.id, start);
    let (mut subscription, mut version) = (started(shop, &customer.id), 1);
    let mut cart = held(shop, &customer.id);
    let mut minute = start;
    let tell = |fact: &Fact| {
        minute += TimeDelta::minutes(1);
        match fact {
            Fact::Ordered => Told::Order(shop.placed(&customer.id, "1001", minute)),
            Fact::Paid(amount, currency) => Told::Payment(shop.captured(&customer.id, (*amount, currency), minute)),
            Fact::Reviewed => {
                review = shop.reviewed(&customer.id, minute);
                Told::Review(review.clone())
            }
            Fact::Unreviewed => Told::Unreview(review.clone()),
            Fact::SignedIn => Told::Session(SignedIn {
                realm: customer.realm.clone(),
                subject: customer.id.clone(),
                at: Some(clock::timestamp(minute)),
                methods: Vec::new(),
            }),
            Fact::Subscribed => {
                (subscription, version) = (started(shop, &customer.id), 1);
                Told::Subscription(subscription.clone())
            }
            Fact::Changed(status) => {
                version += 1;
                Told::Change(changed(&subscription, (status, version)))
            }
            Fact::Over(status) => {
                version += 1;
                Told::End(ended(&subscription, (status, version)))
            }
            Fact::Filled => {
                cart = held(shop, &customer.id);
                Told::Cart(cart.clone())
            }
            Fact::Held(held) => {
                cart = told(&cart, (*held, cart.version + 1));
                Told::Cart(cart.clone())
            }
        }
    };
    facts.iter().map(tell).collect()
}

async fn live(shop: &Shop, facts: &[Fact], order: &[usize]) -> anyhow::Result<Customer> {
    let unique = kit::ids::CustomerId::new(shop.now());
    let customer = shop.meet(&format!("{unique}@example.com"), "Ada").await?;
    let events = tell(shop, &customer, facts, shop.now());
    for place in order {
        match &events[*place] {
            Told::Order(event) => shop.hear(event).await?,
            Told::Payment(event) => shop.hear(event).await?,
            Told::Review(event) => shop.hear(event).await?,
            Told::Unreview(event) => shop.hear(&deletion(event)).await?,
            Told::Session(event) => shop.hear(event).await?,
            Told::Subscription(event) => shop.hear(event).await?,
            Told::Change(event) => shop.hear(event).await?,
            Told::End(event) => shop.hear(event).await?,
            Told::Cart(event) => shop.hear(event).await?,
        }
    }
    let found = shop.get(PII, &customer.id).await?;
    // What tells the two apart, and how often the record was written, which reviews that came and went decide.
    Ok(Customer { id: String::new(), email: String::new(), slug: String::new(), version: 0, ..found })
}

/// PL-2, CU-4: any order and any repetition of events gives the same record.
#[test]
fn any_order_gives_the_same_record() -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let shop = runtime.block_on(Shop::open())?;
    let mut runner = TestRunner::new(Config { cases: 24, max_shrink_iters: 60, ..Config::default() });
    let outcome = runner.run(&story(), |(facts, order)| {
        let in_turn: Vec<usize> = (0..facts.len()).collect();
        let (expected, found) = runtime
            .block_on(async { anyhow::Ok((live(&shop, &facts, &in_turn).await?, live(&shop, &facts, &order).await?)) })
            .map_err(|e| TestCaseError::fail(format!("{e:#}")))?;
        prop_assert_eq!(expected, found);
        Ok(())
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, (facts, order))) => anyhow::bail!("{why}\nfacts {facts:?}\norder {order:?}"),
        Err(abort) => anyhow::bail!("{abort}"),
    }
}
