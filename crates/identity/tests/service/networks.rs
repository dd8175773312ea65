//! Networks: stores that share one customer base.
use proto::identity::v1 as pb;

use crate::house::{House, by, faults, reason};

fn network(stores: &[&pb::Store]) -> pb::CreateNetworkRequest {
    pb::CreateNetworkRequest {
        name: "Old Town".to_owned(),
        stores: stores.iter().map(|store| store.id.clone()).collect(),
        reviews_enabled: false,
        currency: "EUR".to_owned(),
    }
}

/// §0: stores that join a network take over its realm and keep their keys.
#[tokio::test]
async fn members_share_the_realm_of_the_network() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (one, two) = (house.store("One").await?, house.store("Two").await?);
    let made = house.networks().create_network(network(&[&one, &two])).await?.into_inner();
    assert!(made.key.starts_with("network_"));
    assert_eq!(made.realm, made.id.replace("net_", "rlm_"));
    assert_eq!(made.stores.iter().map(|store| &*store.name).collect::<Vec<_>>(), ["One", "Two"]);
    for (store, before) in made.stores.iter().zip([&one, &two]) {
        assert_eq!((&store.realm, &store.network, &store.key), (&made.realm, &made.id, &before.key));
    }
    let get = || pb::GetNetworkRequest { id: made.id.clone() };
    assert_eq!(house.networks().get_network(get()).await?.into_inner(), made);

    let seen = house.networks().get_network(by(&house.front(&one.key).await?, get())).await?.into_inner();
    assert!(seen.key.is_empty() && seen.stores.iter().all(|store| store.key.is_empty()));
    let stranger = house.front(&house.store("Three").await?.key).await?;
    assert_eq!(reason(house.networks().get_network(by(&stranger, get())).await), "network_not_found");
    let list = pb::ListStoresRequest { network: made.id.clone() };
    assert_eq!(house.stores().list_stores(list.clone()).await?.into_inner().stores.len(), 2);
    let front = house.front(&made.key).await?;
    assert_eq!(house.stores().list_stores(by(&front, list.clone())).await?.into_inner().stores.len(), 2);
    assert_eq!(house.stores().list_stores(by(&stranger, list)).await?.into_inner().stores.len(), 0);
    Ok(())
}

/// §0: a store joins one network, and only while it has no customers.
#[tokio::test]
async fn only_stores_without_customers_join() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (one, two) = (house.store("One").await?, house.store("Two").await?);
    house.networks().create_network(network(&[&one])).await?;
    assert_eq!(reason(house.networks().create_network(network(&[&two, &one])).await), "store_in_network");

    house.register(&house.front(&two.key).await?, "ada@example.com").await?;
    assert_eq!(reason(house.networks().create_network(network(&[&two])).await), "store_has_customers");
    let three = house.store("Three").await?;
    house.people.meet(&three.realm, "guest@example.com");
    assert_eq!(reason(house.networks().create_network(network(&[&three])).await), "store_has_customers");
    Ok(())
}

/// §0: members exist and are named once; only services create networks.
#[tokio::test]
async fn members_are_stores() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("One").await?;
    let lost = pb::Store { id: "sto_00000000000000000000000000000000".to_owned(), ..pb::Store::default() };
    let cases = [
        (network(&[]), "/stores", "required"),
        (network(&[&store, &store]), "/stores/1", "duplicate"),
        (network(&[&store, &lost]), "/stores/1", "unknown"),
        (network(&[&pb::Store::default()]), "/stores/0", "unknown"),
    ];
    for (request, pointer, code) in cases {
        let told = faults(house.networks().create_network(request).await);
        assert_eq!(told, [(pointer.to_owned(), code.to_owned())]);
    }
    let token = house.clerk("grace@example.com", &store.id, "owner").await?;
    let staff = house.exchange(&token, "", "").await?;
    assert_eq!(reason(house.networks().create_network(by(&staff, network(&[&store]))).await), "wrong_caller");
    Ok(())
}

/// §0: of two networks that want one store, one gets it.
#[tokio::test]
async fn a_race_for_a_store_has_one_winner() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("One").await?;
    let (mut here, mut there) = (house.networks(), house.networks());
    let (a, b) = tokio::join!(here.create_network(network(&[&store])), there.create_network(network(&[&store])));
    assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1);
    assert_eq!(reason(if a.is_ok() { b } else { a }), "store_in_network");
    Ok(())
}
