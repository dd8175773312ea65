//! A year of monthly subscriptions with cards that fail and processes that die: every period is charged exactly once and the
//! books agree (OR-7). `PATRON_SUBSCRIPTIONS` says how many there are; a few, without it.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    shop::{CHARGES, Shop},
    subscribers::{BUSY, monthly, renewal},
};

/// Cards: good ones, one that never pays again, and two that are replaced when they fail.
const CARDS: [&str; 8] = [
    "pm_test_ok",
    "pm_test_ok",
    "pm_test_renewal_declined",
    "pm_test_ok",
    "pm_test_redirect_later",
    "pm_test_ok",
    "pm_test_ok",
    "pm_test_refund_refused",
];

/// Of those that are active, with the time they were renewed until: how many have not as many placed renewals as cycles.
const GAPS: &str = "select count(*) from subscriptions s where s.cycle <> (
    select count(distinct o.subscription_cycle) from orders o
    where o.realm_id = s.realm_id and o.subscription_id = s.id and o.placed_at is not null)";
/// Renewals that were charged more or less often than once.
const TWICE: &str = "select count(*) from (
    select o.id from orders o left join payments p
      on p.realm_id = o.realm_id and p.order_id = o.id and p.state = 'captured'
    left join test_gateway_charges g on g.store_id = o.store_id and g.payment_id = p.id and g.state = 'charged'
    where o.subscription_id is not null and o.placed_at is not null group by o.id having count(g.payment_id) <> 1) as odd";
/// What the gateway took and what the ledger says, less each other.
const DIFFERENCE: &str =
    "select coalesce((select sum(amount) from test_gateway_charges where state = 'charged'), 0)::bigint
    - coalesce((select sum(amount) from transactions where status = 'succeeded'), 0)::bigint";
/// What renewals should have brought, less what they did.
const MISSING: &str = "select coalesce(sum(cycle) * 1200, 0)::bigint - coalesce((
    select sum(t.amount) from transactions t join orders o on o.realm_id = t.realm_id and o.id = t.order_id
    where o.subscription_id is not null and t.status = 'succeeded'), 0)::bigint from subscriptions";

fn many() -> usize {
    std::env::var("PATRON_SUBSCRIPTIONS").ok().and_then(|many| many.parse().ok()).unwrap_or(16)
}

/// Does what is due, by two schedulers; now and then they die while they are at it.
async fn work(shop: &Shop, step: u64) -> anyhow::Result<()> {
    let (one, other) = (shop.renewer(), shop.renewer());
    let dies = step % 7 == 3;
    let both = tokio::spawn(async move { tokio::join!(one.round(), other.round()) });
    if dies {
        tokio::time::sleep(Duration::from_millis(step % 11)).await;
        both.abort();
        let _ = both.await;
        // Leases run out, and what was left hanging is finished or undone.
        shop.rig.clock.advance(TimeDelta::seconds(30));
    } else {
        both.await?.0?;
    }
    while shop.count(BUSY).await? > 0 {
        shop.rig.clock.advance(TimeDelta::seconds(12));
        shop.finisher().round().await?;
    }
    while shop.renewer().round().await? > 0 {}
    Ok(())
}

/// When there is something to be done next.
async fn next(shop: &Shop) -> anyhow::Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar("select min(look_at) from subscriptions").fetch_one(shop.db.pool()).await?)
}

/// Gives those who were declined twice a card that pays, but for those who never pay again.
async fn replace_cards(shop: &Shop) -> anyhow::Result<()> {
    sqlx::query(
        "update subscriptions set method = 'pm_test_ok', look_at = $1, retry_at = $1
         where state = 'past_due' and failures >= 2 and charging_id is null and method = 'pm_test_redirect'",
    )
    .bind(shop.rig.clock.now())
    .execute(shop.db.pool())
    .await?;
    Ok(())
}

/// OR-7: the simulation.
#[tokio::test]
async fn a_year_of_subscriptions() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let mut first = None;
    for place in 0..many() {
        let card = CARDS[place % CARDS.len()];
        let method = if card == "pm_test_redirect_later" { "pm_test_ok" } else { card };
        let one = shop.subscribe(ann, method, &monthly(&shop, u32::from(place % 5 == 4) * 14)).await?;
        if card == "pm_test_redirect_later" {
            // It wants its owner to be there, who is not.
            sqlx::query("update subscriptions set method = 'pm_test_redirect' where order_id = $1")
                .bind(one.order.parse::<kit::ids::OrderId>()?)
                .execute(shop.db.pool())
                .await?;
        }
        first.get_or_insert(renewal(&one));
        shop.rig.clock.advance(TimeDelta::minutes(37));
    }
    let end = first.expect("a subscription") + TimeDelta::days(365);
    let mut step = 0_u64;
    while let Some(at) = next(&shop).await?.filter(|at| *at < end) {
        let pause = (at - shop.rig.clock.now()).max(TimeDelta::zero());
        // Several are due together, so that there is something to compete for.
        shop.rig.clock.advance(pause + TimeDelta::hours(6));
        work(&shop, step).await?;
        replace_cards(&shop).await?;
        step += 1;
    }
    for (name, sql) in [("gaps", GAPS), ("twice", TWICE), ("difference", DIFFERENCE), ("missing", MISSING)] {
        assert_eq!(shop.count(sql).await?, 0, "{name}");
    }
    let active = shop.count("select count(*) from subscriptions where state = 'active' and cycle >= 12").await?;
    let expired = shop.count("select count(*) from subscriptions where state = 'expired' and cycle = 0").await?;
    let lost = many().div_ceil(CARDS.len()).min(many());
    assert_eq!(usize::try_from(active + expired)?, many(), "all others were renewed each month");
    assert!(usize::try_from(expired)? <= lost && expired > 0);
    println!("{} subscriptions, {} charges, {step} rounds", many(), shop.count(CHARGES).await?);
    Ok(())
}
