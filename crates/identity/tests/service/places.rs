//! Stores, networks and settings, as their staff change them.
use kit::permission::Permission;
use proto::identity::v1::{self as pb, place_service_client::PlaceServiceClient};
use testing::actors;

use crate::house::{House, by, clerk, faults, reason};

/// §0, ID-22: who may change settings changes the store they work in, one version after the other, and no other store.
#[tokio::test]
async fn a_store_is_changed_by_its_staff() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, other) = (house.store("Corner Shop").await?, house.store("Far Shop").await?);
    let admin = house.at_work("adam@example.com", &store.id, "administrator").await?;
    let agent = house.at_work("sam@example.com", &store.id, "sales_agent").await?;
    let mut places = PlaceServiceClient::new(house.way());
    let change = |id: &str| pb::UpdateStoreRequest {
        id: id.to_owned(),
        name: Some("The Corner Shop".to_owned()),
        ..pb::UpdateStoreRequest::default()
    };
    let changed = places.update_store(by(&admin, change(&store.id))).await?.into_inner();
    let name = changed.store.as_ref().map(|store| store.name.clone());
    assert_eq!((name.as_deref(), changed.version), (Some("The Corner Shop"), 2));
    let stale = actors::if_match(by(&admin, change(&store.id)), 1);
    assert_eq!(reason(places.update_store(stale).await), "stale_version");
    assert_eq!(reason(places.update_store(by(&admin, change(&other.id))).await), "store_not_found");
    assert_eq!(reason(places.update_store(by(&agent, change(&store.id))).await), "permission_required");
    let wrong =
        pb::UpdateStoreRequest { country: Some("XX".to_owned()), url: Some("ftp://x".to_owned()), ..change(&store.id) };
    assert_eq!(faults(places.update_store(by(&admin, wrong)).await).len(), 2);
    Ok(())
}

/// ID-20, ID-21: whether a second factor is required is a matter of owners; once it is, sessions without one end.
#[tokio::test]
async fn owners_require_the_second_factor() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let admin = house.at_work("adam@example.com", &store.id, "administrator").await?;
    let mut places = PlaceServiceClient::new(house.way());
    let require = |who: &str, required| by(who, pb::UpdateSettingsRequest { factor_required: Some(required) });
    assert_eq!(reason(places.update_settings(require(&admin, false)).await), "owners_only");
    assert!(!places.update_settings(require(&owner, false)).await?.into_inner().factor_required);
    house.staff().create_staff(clerk("nina@example.com", &store.id, "moderator")).await?;
    let request =
        pb::CreateSessionRequest { email: "nina@example.com".to_owned(), password: crate::house::PASSWORD.to_owned() };
    let outcome = house.sessions().create_session(request).await?.into_inner().outcome;
    let Some(pb::create_session_response::Outcome::Session(session)) = outcome else { anyhow::bail!("no session") };
    house.claims(&session.token, "", "").await?;
    places.update_settings(require(&owner, true)).await?;
    assert_eq!(reason(house.exchange(&session.token, "", "").await), "unauthenticated");
    house.claims(&house.clerk("joan@example.com", &store.id, "moderator").await?, "", "").await?;
    Ok(())
}

/// §0, ID-21: owners make a network of their own stores and own it; nobody makes one of somebody else's.
#[tokio::test]
async fn owners_make_networks_of_their_stores() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, other) = (house.store("Corner Shop").await?, house.store("Far Shop").await?);
    let token = house.clerk("olive@example.com", &store.id, "owner").await?;
    let owner = house.exchange(&token, "", "").await?;
    let admin = house.at_work("adam@example.com", &store.id, "administrator").await?;
    let mut places = PlaceServiceClient::new(house.way());
    let found = |who: &str, stores: &[&str]| {
        let stores = stores.iter().map(|&id| id.to_owned()).collect();
        let (name, currency) = ("Old Town".to_owned(), "EUR".to_owned());
        by(who, pb::CreateNetworkRequest { name, stores, currency, reviews_enabled: true })
    };
    assert_eq!(reason(places.found_network(found(&admin, &[&store.id])).await), "store_not_found");
    assert_eq!(reason(places.found_network(found(&owner, &[&store.id, &other.id])).await), "store_not_found");
    let made = places.found_network(found(&owner, &[&store.id])).await?.into_inner().network.unwrap_or_default();
    let claims = house.claims(&token, "", &store.id).await?;
    assert_eq!((claims.network, claims.realm), (Some(made.id.clone()), Some(made.realm)));
    assert!(claims.perms.contains(Permission::CustomersMerge));
    let networks = places.list_networks(by(&owner, pb::ListNetworksRequest {})).await?.into_inner().networks;
    assert_eq!(networks.len(), 1);
    let rename = |who: &str| {
        let request = pb::UpdateNetworkRequest { id: made.id.clone(), ..pb::UpdateNetworkRequest::default() };
        by(who, pb::UpdateNetworkRequest { name: Some("New Town".to_owned()), ..request })
    };
    assert_eq!(reason(places.update_network(rename(&admin)).await), "network_not_found", "they work in the store only");
    places.update_network(rename(&owner)).await?;
    Ok(())
}
