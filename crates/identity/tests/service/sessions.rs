//! Sessions at their edges (ID-5, ID-10, ID-20).
use chrono::TimeDelta;
use identity::{NAME, session::end::REVOKED};
use proto::identity::v1::{self as pb, SessionRevoked};

use crate::house::{House, by, reason};

/// ID-5, ID-10: a customer's session ends 90 days after its last use, and using it moves that.
#[tokio::test]
async fn a_customers_session_slides() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let token = house.register(&house.front(&store.key).await?, "ada@example.com").await?.token;
    for _ in 0..3 {
        house.clock.advance(TimeDelta::days(90) - TimeDelta::seconds(1));
        house.claims(&store.key, &token, "").await?;
    }
    house.clock.advance(TimeDelta::days(90));
    assert_eq!(reason(house.exchange(&store.key, &token, "").await), "unauthenticated");
    Ok(())
}

/// ID-20: a staff session ends 12 hours after its last use.
#[tokio::test]
async fn a_staff_session_ends_when_idle() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let token = house.clerk("grace@example.com", &store.id, "owner").await?;
    house.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
    house.claims(&token, "", "").await?;
    house.clock.advance(TimeDelta::hours(12));
    assert_eq!(reason(house.exchange(&token, "", "").await), "unauthenticated");
    Ok(())
}

/// ID-20: a staff session ends after 24 hours however much it is used.
#[tokio::test]
async fn a_staff_session_ends_after_a_day() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let token = house.clerk("grace@example.com", &store.id, "owner").await?;
    for _ in 0..3 {
        house.clock.advance(TimeDelta::hours(8) - TimeDelta::seconds(1));
        house.claims(&token, "", "").await?;
    }
    house.clock.advance(TimeDelta::seconds(2));
    house.claims(&token, "", "").await?;
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reason(house.exchange(&token, "", "").await), "unauthenticated");
    Ok(())
}

/// ID-10: a session in use is written at most once a minute.
#[tokio::test]
async fn a_session_is_touched_once_a_minute() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let token = house.register(&house.front(&store.key).await?, "ada@example.com").await?.token;
    let db = house.env.db(NAME)?;
    let touched = async || {
        let at: chrono::DateTime<chrono::Utc> =
            sqlx::query_scalar("select touched_at from sessions").fetch_one(db.pool()).await?;
        anyhow::Ok(at)
    };
    let opened = touched().await?;
    house.clock.advance(TimeDelta::seconds(59));
    house.claims(&store.key, &token, "").await?;
    assert_eq!(touched().await?, opened);
    house.clock.advance(TimeDelta::seconds(1));
    house.claims(&store.key, &token, "").await?;
    assert_eq!(touched().await?, house.clock.now());
    Ok(())
}

/// ID-10: who logs out ends that session and no other; it can be said twice.
#[tokio::test]
async fn logging_out_ends_one_session() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let first = house.register(&front, "ada@example.com").await?;
    let second = house.log_in(&front, "ada@example.com", crate::house::PASSWORD).await?;
    let customer = house.exchange(&store.key, &first.token, "").await?;
    for _ in 0..2 {
        house.accounts().log_out(by(&customer, pb::LogOutRequest {})).await?;
    }
    assert_eq!(reason(house.exchange(&store.key, &first.token, "").await), "unauthenticated");
    house.claims(&store.key, &second.token, "").await?;
    let revoked = house.events::<SessionRevoked>().await?;
    assert_eq!((revoked.len(), &revoked[0].subject), (1, &first.customer));
    assert_eq!(reason(house.accounts().log_out(by(&front, pb::LogOutRequest {})).await), "unauthenticated");
    Ok(())
}

/// ID-10: gateways hear of a revoked session at once.
#[tokio::test]
async fn gateways_hear_of_revoked_sessions() -> anyhow::Result<()> {
    use futures_util::StreamExt;

    let broker = std::env::var("PATRON_TEST_NATS_URL")?;
    let plain = House::build().await?;
    let settings = kit::settings::Settings { nats_url: broker.clone(), ..(*plain.env.settings).clone() };
    let env =
        kit::service::Env::new(settings, plain.clock.clone(), &["identity", "customers", "carts", "notifications"])
            .await?;
    let house = House::on(env, plain.clock)?;
    let gateway = async_nats::connect(&broker).await?;
    let mut heard = gateway.subscribe(REVOKED).await?;
    gateway.flush().await?;

    let store = house.store("Corner Shop").await?;
    let token = house.clerk("grace@example.com", &store.id, "owner").await?;
    let session = house.claims(&token, "", "").await?.sid.unwrap_or_default();
    let staff = house.exchange(&token, "", "").await?;
    house.sessions().delete_session(by(&staff, pb::DeleteSessionRequest {})).await?;
    // Other tests share the broker.
    while let Some(message) = heard.next().await {
        if message.payload == session.as_bytes() {
            return Ok(());
        }
    }
    anyhow::bail!("the broker went away")
}

/// ID-6, ID-10: what is over is dropped, what is good stays.
#[tokio::test]
async fn what_is_over_is_dropped() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let staff = house.clerk("grace@example.com", &store.id, "owner").await?;
    let token = house.register(&house.front(&store.key).await?, "ada@example.com").await?.token;
    house.clock.advance(TimeDelta::hours(12));
    let db = house.env.db(NAME)?;
    identity::prune::prune(&db, house.clock.now()).await?;
    let left: (i64, i64) = sqlx::query_as("select (select count(*) from sessions), (select count(*) from codes)")
        .fetch_one(db.pool())
        .await?;
    assert_eq!(left, (1, 0));
    house.claims(&store.key, &token, "").await?;
    assert_eq!(reason(house.exchange(&staff, "", "").await), "unauthenticated");
    Ok(())
}
