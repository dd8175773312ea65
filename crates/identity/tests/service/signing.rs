//! Signing keys take turns without a restart (ID-30).
use chrono::TimeDelta;
use identity::{
    NAME,
    signing::{Keyring, rotate},
};
use kit::{
    actor::Kind,
    assertion::{self, Claims, Signer},
};
use proto::identity::v1 as pb;

use crate::house::{House, by, reason};

async fn published(house: &House) -> anyhow::Result<Vec<String>> {
    let keys = house.assertions().list_keys(pb::ListKeysRequest {}).await?.into_inner().keys;
    Ok(keys.into_iter().map(|key| key.id).collect())
}

/// ID-30: the next key is published a day before it signs; the one before stays until nothing it signed is good, and then
/// what it signed is refused.
#[tokio::test]
async fn keys_take_turns() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let keyring = Keyring::new(&house.env.db(NAME)?, &house.env.secrets);
    let signs = async || anyhow::Ok(assertion::key_id(&house.front(&store.key).await?).unwrap_or_default());
    let first = signs().await?;
    house.clock.advance(TimeDelta::days(29) - TimeDelta::seconds(1));
    rotate::rotate(&keyring, house.clock.now()).await?;
    assert_eq!(published(&house).await?, std::slice::from_ref(&first));
    house.clock.advance(TimeDelta::seconds(1));
    for _ in 0..2 {
        rotate::rotate(&keyring, house.clock.now()).await?;
        assert_eq!((published(&house).await?.len(), signs().await?), (2, first.clone()));
    }
    house.clock.advance(TimeDelta::days(1));
    let next = signs().await?;
    assert!(next != first && published(&house).await? == [first.clone(), next.clone()]);
    house.clock.advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
    rotate::rotate(&keyring, house.clock.now()).await?;
    assert_eq!(published(&house).await?.len(), 2);
    house.clock.advance(TimeDelta::seconds(1));
    rotate::rotate(&keyring, house.clock.now()).await?;
    assert_eq!(published(&house).await?, [next]);
    let seeds: i64 = sqlx::query_scalar("select count(*) from signing_keys where seed <> ''")
        .fetch_one(house.env.db(NAME)?.pool())
        .await?;
    assert_eq!(seeds, 1);
    Ok(())
}

/// ID-30: a key that may be known to somebody is replaced at once, and what it signed is refused when verifiers have
/// looked again.
#[tokio::test]
async fn a_lost_key_is_replaced() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let keyring = Keyring::new(&house.env.db(NAME)?, &house.env.secrets);
    let front = house.front(&store.key).await?;
    let get = || pb::GetStoreRequest { id: store.id.clone() };
    house.stores().get_store(by(&front, get())).await?;
    rotate::replace(&keyring, house.clock.now()).await?;
    house.clock.advance(TimeDelta::minutes(1));
    let fresh = house.front(&store.key).await?;
    assert_ne!(assertion::key_id(&fresh), assertion::key_id(&front));
    house.stores().get_store(by(&fresh, get())).await?;
    house.clock.advance(TimeDelta::minutes(5));
    assert_eq!(reason(house.stores().get_store(by(&front, get())).await), "unauthenticated");
    Ok(())
}

/// ID-30: an assertion of staff that another key signed, that is for somebody else, that is over or has no signature, is
/// nobody's at every RPC.
#[tokio::test]
async fn forged_assertions_are_nobodys() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let token = house.clerk("olive@example.com", &store.id, "owner").await?;
    let (real, claims) = (house.exchange(&token, "", "").await?, house.claims(&token, "", "").await?);
    let id = assertion::key_id(&real).unwrap_or_default();
    let foreign = Signer::new(id, &[7; 32])?;
    let unknown = Signer::new("key_unknown", &[7; 32])?;
    let parts: Vec<&str> = real.split('.').collect();
    // {"alg":"none"}
    let none = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    let system = foreign.sign(&Claims::new(Kind::System, "orders", house.clock.now()))?;
    let attempts = [
        foreign.sign(&claims)?,
        unknown.sign(&claims)?,
        none,
        system,
        format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()),
    ];
    for forged in attempts {
        let answer = house.staff().get_current_staff(by(&forged, pb::GetCurrentStaffRequest {})).await;
        assert_eq!(reason(answer), "unauthenticated");
    }
    house.clock.advance(TimeDelta::minutes(5));
    let answer = house.staff().get_current_staff(by(&real, pb::GetCurrentStaffRequest {})).await;
    assert_eq!(reason(answer), "unauthenticated");
    Ok(())
}
