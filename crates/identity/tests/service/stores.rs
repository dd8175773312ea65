//! Stores: who creates, sees and lists them.
use chrono::TimeDelta;
use kit::permission::Permission;
use proto::identity::v1 as pb;
use testing::actors;
use tonic::Request;

use crate::house::{House, by, faults, plan, reason};

/// §0: a store is made by a service with a realm of its own and a publishable key that nobody else is shown.
#[tokio::test]
async fn a_store_has_a_realm_and_a_key() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    assert_eq!(store.realm, store.id.replace("sto_", "rlm_"));
    assert!(store.key.starts_with("store_") && store.key.len() > 30 && store.network.is_empty());

    let front = house.front(&store.key).await?;
    let get = pb::GetStoreRequest { id: store.id.clone() };
    let seen = house.stores().get_store(by(&front, get.clone())).await?.into_inner();
    assert_eq!(seen, pb::Store { key: String::new(), ..store.clone() });
    let token = house.clerk("grace@example.com", &store.id, "moderator").await?;
    let staff = house.exchange(&token, "", "").await?;
    assert_eq!(house.stores().get_store(by(&staff, get.clone())).await?.into_inner(), store);
    assert_eq!(house.stores().get_store(get).await?.into_inner(), store);
    Ok(())
}

/// ID-30: another realm's store is unknown, and so is one whose id is malformed.
#[tokio::test]
async fn stores_of_others_are_unknown() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (own, other) = (house.store("Corner Shop").await?, house.store("Far Shop").await?);
    let front = house.front(&own.key).await?;
    for id in [other.id.clone(), "sto_nonsense".to_owned(), own.realm.clone(), String::new()] {
        let answer = house.stores().get_store(by(&front, pb::GetStoreRequest { id })).await;
        assert_eq!(reason(answer), "store_not_found");
    }
    let listed = house.stores().list_stores(by(&front, pb::ListStoresRequest::default())).await?.into_inner().stores;
    assert_eq!(listed.into_iter().map(|store| store.id).collect::<Vec<_>>(), [own.id]);
    let all = house.stores().list_stores(pb::ListStoresRequest::default()).await?.into_inner().stores;
    assert_eq!(all.len(), 2);
    Ok(())
}

/// ID-21: staff with settings.write create stores, which they then own; nobody else does.
#[tokio::test]
async fn staff_own_the_stores_they_create() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let token = house.clerk("grace@example.com", &store.id, "administrator").await?;
    let staff = house.exchange(&token, "", "").await?;
    house.clock.advance(TimeDelta::milliseconds(1));
    let made = house.stores().create_store(by(&staff, plan("Second Shop"))).await?.into_inner();

    assert_eq!(house.actor(&token, "", "").await?.store.map(String::from), Some(store.id.clone()));
    let owner = house.actor(&token, "", &made.id).await?;
    assert!(owner.permissions.contains(Permission::StaffWrite));
    let staff = house.exchange(&token, "", &made.id).await?;
    let stores = house.stores().list_stores(by(&staff, pb::ListStoresRequest::default())).await?.into_inner().stores;
    assert_eq!(stores.iter().map(|store| &*store.name).collect::<Vec<_>>(), ["Corner Shop", "Second Shop"]);

    let moderator = house.clerk("joan@example.com", &store.id, "moderator").await?;
    let moderator = house.exchange(&moderator, "", "").await?;
    let front = house.front(&store.key).await?;
    for caller in [&moderator, &front] {
        let refused = house.stores().create_store(by(caller, plan("Third Shop"))).await;
        assert_eq!(reason(refused), "permission_required");
    }
    Ok(())
}

/// §0: currency, time zone and country exist, and every fault is told.
#[tokio::test]
async fn stores_are_made_of_things_that_exist() -> anyhow::Result<()> {
    let house = House::build().await?;
    let request = pb::CreateStoreRequest { currency: "XXA".to_owned(), country: "XX".to_owned(), ..plan("") };
    let told = faults(house.stores().create_store(request).await);
    let pointers: Vec<_> = told.iter().map(|(pointer, code)| (&**pointer, &**code)).collect();
    assert_eq!(pointers, [("/name", "required"), ("/currency", "unknown"), ("/country", "unknown")]);
    for timezone in ["Mars/Olympus", "posix/Europe/Berlin", "EST5EDT4"] {
        let request = pb::CreateStoreRequest { timezone: timezone.to_owned(), ..plan("Corner Shop") };
        let told = faults(house.stores().create_store(request).await);
        assert_eq!(told, [("/timezone".to_owned(), "unknown".to_owned())], "{timezone}");
    }
    Ok(())
}

/// PL-3: a repeated request creates no second store, and the stored answer is the same, key included.
#[tokio::test]
async fn a_repeated_request_creates_one_store() -> anyhow::Result<()> {
    let house = House::build().await?;
    let request = || actors::keyed(Request::new(plan("Corner Shop")), "key-1", "create");
    let first = house.stores().create_store(request()).await?.into_inner();
    assert_eq!(house.stores().create_store(request()).await?.into_inner(), first);
    let all = house.stores().list_stores(pb::ListStoresRequest::default()).await?.into_inner().stores;
    assert_eq!(all.len(), 1);
    Ok(())
}
