//! What credentials come to.
use kit::{
    actor::Kind,
    permission::{Permission, Permissions},
};
use proto::identity::v1 as pb;

use crate::house::{House, clerk, reason};

/// §0, ID-30: a publishable key comes to an anonymous actor of its store or network.
#[tokio::test]
async fn publishable_keys_are_anonymous() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, network) = (house.store("Corner Shop").await?, house.network(&["One", "Two"]).await?);
    let other = &network.stores[0];

    let claims = house.claims(&store.key, "", "").await?;
    assert_eq!((claims.kind, &claims.sub), (Kind::Anonymous, &store.id));
    assert_eq!((claims.realm, claims.store, claims.network), (Some(store.realm.clone()), Some(store.id.clone()), None));
    assert_eq!(claims.exp - claims.iat, 300);

    let claims = house.claims(&network.key, "", "").await?;
    assert_eq!(claims.sub, network.id);
    assert_eq!((claims.realm, claims.store), (Some(network.realm.clone()), None));
    assert_eq!(claims.network, Some(network.id.clone()));

    for key in [&network.key, &other.key] {
        let claims = house.claims(key, "", &other.id).await?;
        assert_eq!((claims.realm, claims.store), (Some(network.realm.clone()), Some(other.id.clone())));
        assert_eq!(claims.network, Some(network.id.clone()));
    }
    for (key, asked) in [(&network.key, &store.id), (&store.key, &other.id), (&store.key, &store.realm)] {
        assert_eq!(reason(house.exchange(key, "", asked).await), "store_not_found");
    }
    Ok(())
}

/// ID-5: credentials that nobody knows are refused, never anonymous.
#[tokio::test]
async fn unknown_credentials_are_refused() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let staff = house.clerk("grace@example.com", &store.id, "owner").await?;
    for bearer in ["", "store_", "store_x", "network_x", "staff_x", "sk_x", "customer_x", "sesame"] {
        assert_eq!(reason(house.exchange(bearer, "", "").await), "unauthenticated", "{bearer}");
    }
    for (bearer, customer) in [(&store.key, "customer_x"), (&store.key, &staff), (&staff, "customer_x")] {
        assert_eq!(reason(house.exchange(bearer, customer, "").await), "unauthenticated", "{customer}");
    }
    Ok(())
}

/// ID-5: a customer's token is good in its own realm, in every store of it.
#[tokio::test]
async fn a_customer_token_is_good_in_its_realm() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, network) = (house.store("Corner Shop").await?, house.network(&["One", "Two"]).await?);
    let signed_in = house.register(&house.front(&network.stores[0].key).await?, "ada@example.com").await?;

    let claims = house.claims(&network.stores[1].key, &signed_in.token, "").await?;
    assert_eq!(
        (claims.kind, &claims.sub, &claims.amr),
        (Kind::Customer, &signed_in.customer, &vec!["code".to_owned()])
    );
    assert_eq!((claims.store.as_ref(), claims.realm.as_ref()), (Some(&network.stores[1].id), Some(&network.realm)));
    assert_eq!((claims.auth_time, claims.perms), (Some(claims.iat), Permissions::default()));
    assert!(claims.sid.is_some_and(|sid| sid.starts_with("ses_")));

    assert_eq!(reason(house.exchange(&store.key, &signed_in.token, "").await), "unauthenticated");
    assert_eq!(reason(house.exchange(&signed_in.token, "", "").await), "unauthenticated");
    Ok(())
}

/// ID-21: a single membership decides where staff work; what it covers may be named, nothing else.
#[tokio::test]
async fn memberships_decide_where_staff_work() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, network) = (house.store("Corner Shop").await?, house.network(&["One", "Two"]).await?);
    let one = &network.stores[0];
    let token = house.clerk("grace@example.com", &network.id, "sales_agent").await?;
    let actor = house.actor(&token, "", "").await?;
    assert_eq!((actor.kind, actor.store, actor.network.as_ref()), (Kind::Staff, None, Some(&network.id)));
    let actor = house.actor(&token, "", &one.id).await?;
    assert_eq!(actor.store.map(String::from), Some(one.id.clone()));
    assert!(actor.permissions.contains(Permission::CustomersPii));
    assert!(!actor.permissions.contains(Permission::OrdersRefund));
    assert_eq!(reason(house.exchange(&token, "", &store.id).await), "store_not_found");

    // A member of one of its stores only: merging the network's customers is not theirs.
    let token = house.clerk("joan@example.com", &one.id, "owner").await?;
    let actor = house.actor(&token, "", "").await?;
    assert_eq!(actor.realm.map(String::from), Some(network.realm.clone()));
    assert!(actor.permissions.contains(Permission::OrdersRefund));
    assert!(!actor.permissions.contains(Permission::CustomersMerge));
    assert_eq!(reason(house.exchange(&token, "", &network.stores[1].id).await), "store_not_found");
    Ok(())
}

/// ID-30: however many ask first, there is one key, and its assertions are believed.
#[tokio::test]
async fn the_first_key_is_made_once() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let second = kit::service::Env::new((*house.env.settings).clone(), house.clock.clone(), &["identity"]).await?;
    let db = second.db(identity::NAME)?;
    let keyring = identity::signing::Keyring::new(&db, &second.secrets);
    let claims = kit::assertion::Claims::new(Kind::Anonymous, "test", house.clock.now());
    let (here, there) = tokio::join!(house.exchange(&store.key, "", ""), keyring.sign(&claims, house.clock.now()));
    assert!(here.is_ok() && there.is_ok());
    let keys = house.assertions().list_keys(pb::ListKeysRequest {}).await?.into_inner().keys;
    assert_eq!(keys.len(), 2, "one that signs, and the next one");

    sqlx::query("update signing_keys set retired_at = $1").bind(house.clock.now()).execute(db.pool()).await?;
    house.clock.advance(chrono::TimeDelta::minutes(1));
    house.claims(&store.key, "", "").await?;
    let renewed = house.assertions().list_keys(pb::ListKeysRequest {}).await?.into_inner().keys;
    assert_eq!(renewed.len(), 2);
    assert!(renewed.iter().all(|key| keys.iter().all(|known| known.id != key.id)));
    Ok(())
}

/// ID-30: an assertion of ours opens other RPCs, one that somebody else signed does not.
#[tokio::test]
async fn only_our_own_assertions_are_believed() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let forged = kit::assertion::Signer::new("key_00000000000000000000000000000000", &[7; 32])?;
    let forged = forged.sign(&house.claims(&store.key, "", "").await?)?;
    let get = pb::GetStoreRequest { id: store.id.clone() };
    let answer = house.stores().get_store(crate::house::by(&forged, get)).await;
    assert_eq!(reason(answer), "unauthenticated");
    let anonymous = house.front(&store.key).await?;
    let create = clerk("grace@example.com", &store.id, "owner");
    let answer = house.staff().create_staff(crate::house::by(&anonymous, create)).await;
    assert_eq!(reason(answer), "wrong_caller");
    Ok(())
}

/// ID-30: only the house exchanges: nobody outside comes by an assertion, which would make them believed as the house.
#[tokio::test]
async fn only_the_house_exchanges() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let request = || pb::ExchangeRequest { bearer: store.key.clone(), ..pb::ExchangeRequest::default() };
    let token = house.clerk("grace@example.com", &store.id, "owner").await?;
    let staff = house.exchange(&token, "", "").await?;
    let front = house.front(&store.key).await?;
    for (bearer, why) in [(&*staff, "wrong_caller"), (&front, "wrong_caller"), (&token, "wrong_caller")] {
        assert_eq!(reason(house.assertions().exchange(crate::house::by(bearer, request())).await), why);
    }
    for nobody in ["store_x", ""] {
        let answer = house.assertions().exchange(crate::house::by(nobody, request())).await;
        assert_eq!(reason(answer), "unauthenticated");
    }
    house.assertions().exchange(request()).await?;
    Ok(())
}
