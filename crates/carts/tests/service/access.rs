//! Who reaches which cart (ID-30), in stores of their own and in networks.
use kit::{
    actor::Kind,
    assertion::Claims,
    ids::{NetworkId, RealmId, StoreId},
    permission::Permission,
};
use proto::{
    carts::v1::{Cart, EmptyCartRequest, OpenCartRequest},
    identity::v1::Store,
};
use testing::Rig;
use tonic::{Code, Request};

use crate::shop::{Shop, line, named, reason};

/// ID-30
#[tokio::test]
async fn a_cart_of_another_realm_is_not_there() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut client = shop.client.clone();
    let cart = shop.get("device 7").await?;
    let other = shop.rig.actors.elsewhere();
    assert_eq!(reason(client.get_cart(other.anonymous(named(&cart.id))).await), "cart_not_found");
    assert_eq!(reason(client.get_cart(other.customer(shop.customer(), named(&cart.id))).await), "cart_not_found");
    let staff = [Permission::CartsRead, Permission::CartsWrite];
    assert_eq!(reason(client.get_cart(other.staff(&staff, named(&cart.id))).await), "cart_not_found");
    let empty = EmptyCartRequest { cart: cart.id.clone() };
    assert_eq!(reason(client.empty_cart(other.anonymous(empty)).await), "cart_not_found");
    let mug = shop.sell(10, "EUR");
    assert_eq!(reason(client.add_line(other.anonymous(line("device 7", &mug, 1))).await), "cart_not_found");
    Ok(())
}

/// ID-30
#[tokio::test]
async fn staff_need_the_permission_for_what_they_do() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let cart = shop.cart().await?;
    let (read, write) = ([Permission::CartsRead], [Permission::CartsWrite]);
    assert_eq!(reason(client.get_cart(actors.staff(&write, named(&cart.id))).await), "permission_required");
    let empty = || EmptyCartRequest { cart: cart.id.clone() };
    assert_eq!(reason(client.empty_cart(actors.staff(&read, empty())).await), "permission_required");
    assert_eq!(client.empty_cart(actors.staff(&write, empty())).await?.into_inner().version, 2);
    let shopper = actors.request(&actors.claims(Kind::Shopper, "shopper"), named(&cart.id));
    assert_eq!(reason(client.get_cart(shopper).await), "wrong_caller");
    Ok(())
}

/// Two stores of a network; the actors are of the first.
async fn network() -> anyhow::Result<(Shop, StoreId)> {
    let mut second = None;
    let settle = |rig: &mut Rig| {
        let network = NetworkId::new(rig.clock.now());
        rig.actors.network = Some(network);
        rig.actors.realm = RealmId::from_uuid(network.uuid());
        let store = StoreId::new(rig.clock.now());
        second = Some(store);
        vec![Store { id: store.into(), currency: "SEK".to_owned(), ..rig.store() }, foreign()]
    };
    let shop = Shop::settled(settle).await?;
    Ok((shop, second.expect("a second store")))
}

/// Actors of another store of the network.
fn elsewhere_in_network(shop: &Shop, store: StoreId) -> testing::Actors {
    let mut actors = shop.rig.actors.clone();
    actors.store = store;
    actors
}

fn foreign() -> Store {
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    let (id, realm) = (StoreId::new(now), RealmId::new(now));
    Store { id: id.into(), realm: realm.into(), currency: "EUR".to_owned(), ..Store::default() }
}

/// A request with the network's own key, which chooses no store.
fn of_network<T>(shop: &Shop, message: T) -> Request<T> {
    let claims = shop.rig.actors.claims(Kind::Anonymous, "network");
    shop.rig.actors.request(&Claims { store: None, ..claims }, message)
}

/// Rule of networks in PRODUCT §0: a network's key works across its stores; a cart buys from one of them.
#[tokio::test]
async fn the_first_product_chooses_the_store_of_a_networks_cart() -> anyhow::Result<()> {
    let (shop, second) = network().await?;
    let mut client = shop.client.clone();
    let (here, there) = (shop.sell(10, "EUR"), shop.goods.sell(second, 20, "SEK"));
    let cart = client.open_cart(of_network(&shop, OpenCartRequest::default())).await?.into_inner();
    assert_eq!((cart.store.as_str(), cart.currency.as_str()), ("", ""));
    let cart = client.add_line(of_network(&shop, line(&cart.id, &there, 2))).await?.into_inner();
    assert_eq!((cart.store, cart.currency.as_str(), cart.total), (second.into(), "SEK", 40));
    let other = client.add_line(of_network(&shop, line(&cart.id, &here, 1))).await;
    assert_eq!(other.as_ref().unwrap_err().code(), Code::Aborted);
    assert_eq!(reason(other), "other_store");
    Ok(())
}

#[tokio::test]
async fn a_networks_cart_takes_nothing_from_outside_the_network() -> anyhow::Result<()> {
    let outside = foreign();
    let extra = outside.clone();
    let shop = Shop::settled(move |rig| {
        let network = NetworkId::new(rig.clock.now());
        rig.actors.network = Some(network);
        rig.actors.realm = RealmId::from_uuid(network.uuid());
        vec![extra]
    })
    .await?;
    let mut client = shop.client.clone();
    let product = shop.goods.sell(outside.id.parse()?, 10, "EUR");
    let cart = client.open_cart(of_network(&shop, OpenCartRequest::default())).await?.into_inner();
    let refused = client.add_line(of_network(&shop, line(&cart.id, &product, 1))).await;
    assert_eq!(reason(refused), "product_not_found");
    Ok(())
}

/// ID-30
#[tokio::test]
async fn stores_of_a_network_do_not_reach_each_others_carts() -> anyhow::Result<()> {
    let (shop, second) = network().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let other = elsewhere_in_network(&shop, second);
    let here: Cart = shop.get("device 7").await?;
    assert_eq!(reason(client.get_cart(other.anonymous(named(&here.id))).await), "cart_not_found");
    let there = client.get_cart(other.anonymous(named("device 7"))).await?.into_inner();
    assert_ne!(there.id, here.id, "each store has keys of its own");
    assert_eq!((here.currency.as_str(), there.currency.as_str()), ("EUR", "SEK"));

    let undecided = client.open_cart(of_network(&shop, OpenCartRequest::default())).await?.into_inner();
    assert!(client.get_cart(actors.anonymous(named(&undecided.id))).await.is_ok());
    let staff = actors.staff(&[Permission::CartsRead], named(&undecided.id));
    assert_eq!(reason(client.get_cart(staff).await), "cart_not_found", "store staff see what touches their store");
    let all = Claims {
        store: None,
        perms: [Permission::CartsRead].into_iter().collect(),
        ..actors.claims(Kind::Staff, "stf")
    };
    assert!(client.get_cart(actors.request(&all, named(&undecided.id))).await.is_ok());
    Ok(())
}
