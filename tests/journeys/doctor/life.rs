//! The doctor visits a house that works.
use std::sync::atomic::{AtomicBool, Ordering};

use e2e::{Form, House, Shop, eventually};
use futures_util::future::join_all;
use house::seed;
use kit::settings::Settings;

use super::clinic::{doctor, healthy};

/// PL-2: while people buy, what is under way is no finding, in separate processes neither.
#[tokio::test]
async fn purchases_under_way_are_no_finding() -> anyhow::Result<()> {
    let house = House::start(Form::Separate, Vec::new()).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (done, mug, shop) = (AtomicBool::new(false), &mug, &shop);
    let buying = join_all((0..3).map(|buyer| {
        let done = &done;
        async move {
            let mut bought = 0;
            while !done.load(Ordering::Relaxed) {
                shop.guest().buy(mug, &format!("buyer{buyer}@example.com")).await?;
                bought += 1;
            }
            anyhow::Ok(bought)
        }
    }));
    let looking = async {
        let mut seen = 0;
        while seen < 10 {
            let round = doctor(&house, &["--grace", "4"]).await?;
            assert_eq!((round.status, round.findings().len()), (0, 0), "{}", round.report);
            seen = round.report["looked_at"]["patron.orders.v1.OrderPlaced"].as_i64().unwrap_or_default();
        }
        done.store(true, Ordering::Relaxed);
        anyhow::Ok(())
    };
    let (bought, looked) = tokio::join!(buying, looking);
    looked?;
    let bought: Vec<i64> = bought.into_iter().collect::<Result<_, _>>()?;
    let round = healthy(&house).await?;
    // Orders are read twice: for those who know all of them, and for the confirmations.
    let seen = round.report["looked_at"]["patron.orders.v1.OrderPlaced"].as_i64();
    assert_eq!(seen, Some(2 * bought.iter().sum::<i64>()));
    Ok(())
}

/// PL-2: while the broker is away events wait; that is told, and what they tell of is not called missing.
#[tokio::test]
async fn a_broker_that_is_away_makes_nothing_missing() -> anyhow::Result<()> {
    let mut house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (store, owner) = (shop.store.clone(), shop.owner.clone());
    house.broker.kill()?;
    let shop = Shop { house: &house, store, owner };
    shop.guest().buy(&mug, "ada@example.com").await?;
    let kinds = eventually("the outbox waits", || async {
        let round = doctor(&house, &["--grace", "1"]).await?;
        let kinds: Vec<_> = round.findings().into_keys().collect();
        Ok((round.status == 1 && kinds.len() > 1).then_some(kinds))
    })
    .await?;
    assert_eq!(kinds, ["broker_unreachable", "outbox_waiting"]);
    house.broker.revive()?;
    healthy(&house).await?;
    Ok(())
}

/// PL-2: people who were copied in are as well as those who came by themselves, and nobody writes to them.
#[tokio::test]
async fn a_seeded_house_is_healthy() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_000).await?;
    let settings: Settings = testing::rig::settings(house.database(), &house.broker.url());
    seed::customers(&settings, Some(shop.store.id.parse()?), 600).await?;
    let round = doctor(&house, &["--repair"]).await?;
    assert_eq!((round.status, round.findings().len()), (0, 0), "{}", round.report);
    assert!(round.report["looked_at"]["customers"].as_i64() >= Some(600), "more than one page");
    Ok(())
}
