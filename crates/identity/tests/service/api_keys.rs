//! Keys of integrations (ID-24).
use std::time::Duration;

use chrono::TimeDelta;
use identity::NAME;
use kit::{actor::Kind, clock::timestamp, failure::Told, permission::Permission};
use proto::identity::v1::{self as pb, SessionRevoked, api_key_service_client::ApiKeyServiceClient};
use tonic::Status;

use crate::house::{House, by, faults, reason};

fn plan(permissions: &[&str]) -> pb::CreateApiKeyRequest {
    pb::CreateApiKeyRequest {
        name: "Accounting".to_owned(),
        permissions: permissions.iter().map(|&slug| slug.to_owned()).collect(),
        ..pb::CreateApiKeyRequest::default()
    }
}

async fn make(house: &House, who: &str, plan: pb::CreateApiKeyRequest) -> Result<pb::ApiKey, Status> {
    Ok(ApiKeyServiceClient::new(house.way()).create_api_key(by(who, plan)).await?.into_inner())
}

async fn list(house: &House, who: &str) -> Result<Vec<pb::ApiKey>, Status> {
    let request = by(who, pb::ListApiKeysRequest {});
    Ok(ApiKeyServiceClient::new(house.way()).list_api_keys(request).await?.into_inner().keys)
}

async fn revoke(house: &House, who: &str, id: &str) -> Result<(), Status> {
    let request = by(who, pb::RevokeApiKeyRequest { id: id.to_owned() });
    ApiKeyServiceClient::new(house.way()).revoke_api_key(request).await?;
    Ok(())
}

async fn exchange(house: &House, secret: &str, ip: &str) -> Result<String, Status> {
    let request =
        pb::ExchangeRequest { bearer: secret.to_owned(), ip: ip.to_owned(), ..pb::ExchangeRequest::default() };
    Ok(house.assertions().exchange(request).await?.into_inner().assertion)
}

/// ID-24: the secret is shown once and stored hashed; the key is an actor of its own with its scopes and nothing else.
#[tokio::test]
async fn a_key_is_shown_once_and_does_what_it_is_for() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let made = make(&house, &owner, plan(&["orders.read", "customers.read"])).await?;
    assert!(made.secret.starts_with("sk_") && made.secret.len() > 40 && made.secret.starts_with(&made.prefix));
    let listed = list(&house, &owner).await?;
    assert_eq!(listed, [pb::ApiKey { secret: String::new(), ..made.clone() }]);
    let stored: Vec<String> =
        sqlx::query_scalar("select k::text from api_keys k").fetch_all(house.env.db(NAME)?.pool()).await?;
    assert!(!stored[0].contains(&made.secret[3..]), "{stored:?}");

    let claims = house.claims(&made.secret, "", "").await?;
    assert_eq!((claims.kind, &claims.sub, claims.sid), (Kind::ApiKey, &made.id, Some(made.id.clone())));
    assert_eq!((claims.realm, claims.store), (Some(store.realm.clone()), Some(store.id.clone())));
    assert_eq!(claims.perms, [Permission::CustomersRead, Permission::OrdersRead].into_iter().collect());
    assert!(claims.amr.is_empty() && claims.auth_time.is_none());
    let key = house.exchange(&made.secret, "", "").await?;
    assert_eq!(reason(list(&house, &key).await), "permission_required");
    assert_eq!(reason(house.exchange(&made.secret, "customer_x", "").await), "unauthenticated");
    Ok(())
}

/// ID-21, ID-24: nobody makes a key that does what they cannot, and no key one that is wider than itself.
#[tokio::test]
async fn a_key_cannot_create_what_it_lacks() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let soon = house.clock.now() + TimeDelta::days(7);
    let bound = pb::CreateApiKeyRequest {
        allowed_ips: vec!["192.0.2.0/24".to_owned()],
        expires_at: Some(timestamp(soon)),
        ..plan(&["keys.write", "orders.read"])
    };
    let bound = make(&house, &owner, bound).await?;
    let key = exchange(&house, &bound.secret, "192.0.2.1").await?;
    let refused = make(&house, &key, plan(&["orders.read", "orders.write"])).await;
    let told = Told::read(&refused.err().unwrap_or_else(|| Status::ok("")));
    assert_eq!(told.facts.get("required_permission").map(String::as_str), Some("orders.write"));
    let wide = pb::CreateApiKeyRequest { allowed_ips: vec!["192.0.0.0/16".to_owned()], ..plan(&["orders.read"]) };
    assert_eq!(faults(make(&house, &key, wide).await), [("/allowed_ips/0".to_owned(), "beyond_own".to_owned())]);
    let narrow = make(&house, &key, plan(&["orders.read"])).await?;
    assert_eq!((narrow.allowed_ips, narrow.expires_at), (vec!["192.0.2.0/24".to_owned()], Some(timestamp(soon))));

    let agent = house.at_work("sam@example.com", &store.id, "sales_agent").await?;
    assert_eq!(reason(make(&house, &agent, plan(&["carts.read"])).await), "permission_required");
    Ok(())
}

/// ID-24: a key is good until it expires, to the second, and so is what was made of it; and from its addresses alone.
#[tokio::test]
async fn a_key_ends_and_stays_where_it_belongs() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let end = house.clock.now() + TimeDelta::minutes(2);
    let request = pb::CreateApiKeyRequest {
        allowed_ips: vec!["192.0.2.0/24".to_owned(), "2001:db8::/32".to_owned()],
        expires_at: Some(timestamp(end)),
        ..plan(&["orders.read"])
    };
    let secret = make(&house, &owner, request).await?.secret;
    for address in ["198.51.100.1", "", "192.0.2.1, 198.51.100.1"] {
        assert_eq!(reason(exchange(&house, &secret, address).await), "address_not_allowed", "{address}");
    }
    exchange(&house, &secret, "2001:db8::7").await?;
    let request =
        pb::ExchangeRequest { bearer: secret.clone(), ip: "192.0.2.9".to_owned(), ..pb::ExchangeRequest::default() };
    let answer = house.assertions().exchange(request).await?.into_inner();
    assert_eq!(answer.expires_at, end.timestamp());
    house.clock.advance(TimeDelta::seconds(119));
    exchange(&house, &secret, "192.0.2.9").await?;
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reason(exchange(&house, &secret, "192.0.2.9").await), "unauthenticated");
    assert_eq!(reason(list(&house, &answer.assertion).await), "unauthenticated");
    Ok(())
}

/// ID-24: a revoked key is nobody's, and every gateway hears of it.
#[tokio::test]
async fn a_revoked_key_is_over() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, other) = (house.store("Corner Shop").await?, house.store("Far Shop").await?);
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let stranger = house.at_work("otto@example.com", &other.id, "owner").await?;
    let made = make(&house, &owner, plan(&["orders.read"])).await?;
    assert_eq!(reason(revoke(&house, &stranger, &made.id).await), "api_key_not_found");
    assert!(list(&house, &stranger).await?.is_empty());
    house.claims(&made.secret, "", "").await?;
    revoke(&house, &owner, &made.id).await?;
    assert_eq!(reason(house.exchange(&made.secret, "", "").await), "unauthenticated");
    assert_eq!(reason(revoke(&house, &owner, &made.id).await), "api_key_not_found");
    let revoked = house.events::<SessionRevoked>().await?;
    assert_eq!(revoked.iter().map(|event| &event.session).collect::<Vec<_>>(), [&made.id]);
    assert!(list(&house, &owner).await?.is_empty());
    Ok(())
}

/// ID-24: when a key was last used is noted aside, once a minute at most.
#[tokio::test]
async fn the_last_use_is_noted() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let secret = make(&house, &owner, plan(&["orders.read"])).await?.secret;
    assert_eq!(list(&house, &owner).await?[0].last_used_at, None);
    let first = timestamp(house.clock.now());
    house.claims(&secret, "", "").await?;
    while list(&house, &owner).await?[0].last_used_at != Some(first) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.clock.advance(TimeDelta::seconds(59));
    house.claims(&secret, "", "").await?;
    assert_eq!(list(&house, &owner).await?[0].last_used_at, Some(first));
    house.clock.advance(TimeDelta::seconds(1));
    house.claims(&secret, "", "").await?;
    while list(&house, &owner).await?[0].last_used_at == Some(first) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// ID-20, ID-24: making and ending keys needs a recent proof of who one is, except by a key.
#[tokio::test]
async fn keys_are_a_dangerous_matter() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let token = house.clerk("olive@example.com", &store.id, "owner").await?;
    let owner = house.exchange(&token, "", "").await?;
    let made = make(&house, &owner, plan(&["keys.write"])).await?;
    house.clock.advance(TimeDelta::minutes(15));
    let owner = house.exchange(&token, "", "").await?;
    assert_eq!(reason(make(&house, &owner, plan(&["keys.write"])).await), "step_up_required");
    assert_eq!(reason(revoke(&house, &owner, &made.id).await), "step_up_required");
    assert_eq!(list(&house, &owner).await?.len(), 1);
    let key = house.exchange(&made.secret, "", "").await?;
    make(&house, &key, plan(&["keys.write"])).await?;
    Ok(())
}

/// ID-21, ID-24: a key of a network works in its stores; one of a store there only, without what is for the network.
#[tokio::test]
async fn a_key_works_in_its_place() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (network, alone) = (house.network(&["One", "Two"]).await?, house.store("Corner Shop").await?);
    let whole = house.at_work("olive@example.com", &network.id, "owner").await?;
    let secret = make(&house, &whole, plan(&["customers.merge"])).await?.secret;
    let two = &network.stores[1].id;
    let claims = house.claims(&secret, "", two).await?;
    assert_eq!((claims.store.as_ref(), claims.realm), (Some(two), Some(network.realm.clone())));
    assert!(claims.perms.contains(Permission::CustomersMerge));
    assert_eq!(house.claims(&secret, "", "").await?.store, None);
    assert_eq!(reason(house.exchange(&secret, "", &alone.id).await), "store_not_found");

    let one = house.at_work("otto@example.com", &network.stores[0].id, "owner").await?;
    assert_eq!(reason(make(&house, &one, plan(&["customers.merge"])).await), "permission_required");
    let secret = make(&house, &one, plan(&["orders.read"])).await?.secret;
    assert_eq!(reason(house.exchange(&secret, "", two).await), "store_not_found");
    house.claims(&secret, "", &network.stores[0].id).await?;
    Ok(())
}
