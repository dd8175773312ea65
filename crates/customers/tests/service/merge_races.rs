//! Merges beside everything else that happens to the two records.
use kit::clock;
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use proto::{customers::v1::Customer, identity::v1::SignedIn};
use tokio::runtime::Runtime;

use crate::{
    merges::merge,
    shop::{PII, Shop, deletion, reason},
};

/// Something that happened to one of the two.
#[derive(Clone, Copy, Debug)]
enum Fact {
    Ordered,
    Paid(i64),
    Reviewed,
    Unreviewed,
    SignedIn,
}

/// Of which record each is, and facts in the order they are heard of, some twice; the merge comes somewhere between.
type Story = (Vec<(bool, Fact)>, Vec<usize>, usize);

fn story() -> impl Strategy<Value = Story> {
    let fact = prop_oneof![
        Just(Fact::Ordered),
        (1..100_000_i64).prop_map(Fact::Paid),
        Just(Fact::Reviewed),
        Just(Fact::Unreviewed),
        Just(Fact::SignedIn),
    ];
    prop::collection::vec((any::<bool>(), fact), 1..10).prop_flat_map(|facts| {
        let last = facts.len() - 1;
        let twice = prop::collection::vec(0..=last, 0..5);
        let order = twice.prop_flat_map(move |twice| Just((0..=last).chain(twice).collect::<Vec<_>>()).prop_shuffle());
        (Just(facts), order, 0..=last)
    })
}

/// Hears of the facts in this order; merges after `merged` of them, or hears of all as one record's.
async fn live(shop: &Shop, (facts, order, merged): &Story, apart: bool) -> anyhow::Result<Customer> {
    let unique = kit::ids::CustomerId::new(shop.now());
    let kept = shop.meet(&format!("kept-{unique}@example.com"), "Ada").await?;
    let gone = if apart { shop.meet(&format!("gone-{unique}@example.com"), "Ada").await? } else { kept.clone() };
    let start = shop.now();
    let reviews: Vec<_> = (0..facts.len()).map(|_| shop.reviewed("", start)).collect();
    let sales: Vec<_> = (0..facts.len())
        .map(|place| {
            let at = start + chrono::TimeDelta::minutes(i64::try_from(place).unwrap_or_default() + 1);
            (at, shop.placed("", "1001", at), shop.captured("", (0, "EUR"), at))
        })
        .collect();
    for (heard, place) in order.iter().enumerate() {
        if apart && heard == *merged {
            merge(shop, &kept.id, &gone.id).await?;
        }
        let (of_kept, fact) = facts[*place];
        let customer = if of_kept { &kept.id } else { &gone.id };
        let (at, placed, captured) = sales[*place].clone();
        match fact {
            Fact::Ordered => {
                shop.hear(&proto::orders::v1::OrderPlaced { customer: customer.clone(), ..placed }).await?;
            }
            Fact::Paid(amount) => {
                let amount = Some(proto::base::v1::Money { amount, currency: "EUR".to_owned() });
                let event = proto::orders::v1::PaymentCaptured { customer: customer.clone(), amount, ..captured };
                shop.hear(&event).await?;
            }
            Fact::Reviewed | Fact::Unreviewed => {
                let event = proto::reviews::v1::ReviewSubmitted { author: customer.clone(), ..reviews[*place].clone() };
                match fact {
                    Fact::Reviewed => shop.hear(&event).await?,
                    _ => shop.hear(&deletion(&event)).await?,
                }
            }
            Fact::SignedIn => {
                let (realm, at) = (shop.actors().realm.into(), Some(clock::timestamp(at)));
                shop.hear(&SignedIn { realm, subject: customer.clone(), at, methods: Vec::new() }).await?;
            }
        }
    }
    let found = shop.get(PII, &kept.id).await?;
    Ok(Customer { id: String::new(), email: String::new(), slug: String::new(), version: 0, ..found })
}

/// CU-13, PL-2: whenever the merge comes between the events of both, whatever their order and repetition, the record is
/// as if there had been one all the time.
#[test]
fn late_events_add_up_as_one() -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let shop = runtime.block_on(Shop::open())?;
    let mut runner = TestRunner::new(Config { cases: 24, max_shrink_iters: 40, ..Config::default() });
    let outcome = runner.run(&story(), |story| {
        let (expected, found) = runtime
            .block_on(async { anyhow::Ok((live(&shop, &story, false).await?, live(&shop, &story, true).await?)) })
            .map_err(|e| TestCaseError::fail(format!("{e:#}")))?;
        let timeless = |customer: Customer| Customer { created_at: None, updated_at: None, ..customer };
        prop_assert_eq!(timeless(expected), timeless(found));
        Ok(())
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, story)) => anyhow::bail!("{why}\n{story:?}"),
        Err(abort) => anyhow::bail!("{abort}"),
    }
}

/// CU-13: a purchase, an event and a merge of either record at the same moment end with one record that has everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn races_end_in_one_record() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    for round in 0..12 {
        let address = |name: &str| format!("{name}{round}@example.com");
        let (a, b) = (shop.meet(&address("a"), "Ada").await?, shop.meet(&address("b"), "Ada").await?);
        let (here, there) = tokio::join!(merge(&shop, &a.id, &b.id), merge(&shop, &b.id, &a.id));
        let refused = [&here, &there].into_iter().filter_map(|outcome| outcome.as_ref().err().map(reason));
        let refused: Vec<String> = refused.collect();
        assert!(refused.len() <= 1, "one of the two comes about unless both were too busy: {refused:?}");
        let known = ["stale_version", "stale_other_version", "already_merged", "unavailable"];
        assert!(refused.iter().all(|reason| known.contains(&reason.as_str())), "{refused:?}");
        assert_eq!(shop.get(PII, &a.id).await?.id, shop.get(PII, &b.id).await?.id);

        let (c, d) = (shop.meet(&address("c"), "Ada").await?, shop.meet(&address("d"), "Ada").await?);
        let (placed, paid) = (shop.placed(&d.id, "1001", shop.now()), shop.captured(&d.id, (70, "EUR"), shop.now()));
        let (first, second) = (address("d"), address("d"));
        let (merged, bought, registered, ordered, captured) = tokio::join!(
            merge(&shop, &c.id, &d.id),
            shop.meet(&first, "Ada"),
            shop.register(&second),
            shop.hear(&placed),
            shop.hear(&paid),
        );
        let _ = (bought?, registered?, ordered?, captured?);
        if let Err(status) = merged {
            assert!(["stale_other_version", "unavailable"].contains(&reason(&status).as_str()), "{status:?}");
            merge(&shop, &c.id, &d.id).await?;
        }
        let kept = shop.get(PII, &c.id).await?;
        assert_eq!((kept.orders_count, kept.total_spent[0].amount), (1, 70));
        assert_eq!((shop.meet(&address("d"), "").await?.id, kept.registration.as_str()), (c.id, "registered"));
        let sql = "select count(*) from customers where email_canonical = $1";
        let left: i64 = sqlx::query_scalar(sql).bind(address("d")).fetch_one(shop.db.pool()).await?;
        assert_eq!(left, 0, "nobody else came to be with the old address");
    }
    Ok(())
}
