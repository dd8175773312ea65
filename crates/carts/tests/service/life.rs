//! From open to closed or expired (CA-2), and what a client's own key finds.
use chrono::TimeDelta;
use kit::{ids::OrderId, permission::Permission};
use proto::carts::v1::{
    AddCodeRequest, Cart, DeleteCartRequest, EmptyCartRequest, ListCartsRequest, OpenCartRequest, RemoveCodeRequest,
    RemoveLineRequest, SetContactRequest, SetLineRequest,
};
use testing::actors::keyed;
use tokio::task::JoinSet;

use crate::shop::{Shop, named, reason};

/// CA-2
#[tokio::test]
async fn a_closed_cart_never_changes() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let mug = shop.sell(10, "EUR");
    let cart = shop.cart().await?;
    let cart = shop.add(&cart.id, &mug, 1).await?;
    let order = OrderId::new(shop.rig.clock.now());
    shop.place(&cart, order).await?;
    let read = client.get_cart(actors.system("orders", named(&cart.id))).await?.into_inner();
    assert_eq!((read.status.as_str(), read.order.as_str(), read.version), ("closed", String::from(order).as_str(), 3));

    let (id, line) = (cart.id.clone(), cart.lines[0].id.clone());
    assert_eq!(reason(shop.add(&id, &mug, 1).await), "cart_closed");
    let request = SetLineRequest { cart: id.clone(), line: line.clone(), quantity: Some(2), ..Default::default() };
    assert_eq!(reason(client.set_line(actors.anonymous(request)).await), "cart_closed");
    let request = RemoveLineRequest { cart: id.clone(), line };
    assert_eq!(reason(client.remove_line(actors.system("orders", request)).await), "cart_closed");
    let request = EmptyCartRequest { cart: id.clone() };
    assert_eq!(reason(client.empty_cart(actors.staff(&[Permission::CartsWrite], request)).await), "cart_closed");
    let request = DeleteCartRequest { cart: id.clone() };
    assert_eq!(reason(client.delete_cart(actors.anonymous(request)).await), "cart_closed");
    let contact = Some(proto::carts::v1::Contact { email: "ada@example.com".to_owned(), ..Default::default() });
    let request = SetContactRequest { cart: id.clone(), contact };
    assert_eq!(reason(client.set_contact(actors.anonymous(request)).await), "cart_closed");
    assert!(shop.people.ensured().is_empty(), "and nobody became a lead by it");
    let enter = AddCodeRequest { cart: id.clone(), code: "SPRING".to_owned() };
    assert_eq!(reason(client.add_code(actors.staff(&[Permission::CartsWrite], enter)).await), "cart_closed");
    let withdraw = RemoveCodeRequest { cart: id.clone(), code: String::new() };
    assert_eq!(reason(client.remove_code(actors.anonymous(withdraw)).await), "cart_closed");
    shop.rig.clock.advance(TimeDelta::days(100));
    carts::sweeper(&shop.rig.env, &shop.db()?)?.round().await?;
    assert_eq!(client.get_cart(actors.system("orders", named(&id))).await?.into_inner(), read);
    Ok(())
}

/// CA-2
#[tokio::test]
async fn a_closed_cart_stays_as_it_was_bought_whatever_the_catalog_does() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(1_000, "EUR");
    let cart = shop.cart().await?;
    shop.add(&cart.id, &mug, 1).await?;
    shop.goods.change(&mug, |mug| mug.name = "Large mug".to_owned());
    shop.add(&cart.id, &mug, 1).await?;
    shop.goods.change(&mug, |mug| mug.price.as_mut().unwrap().amount = 900);
    let bought = shop.get(&cart.id).await?;
    shop.place(&bought, OrderId::new(shop.rig.clock.now())).await?;
    let closed = read(&shop, &cart.id).await?;
    assert_eq!((closed.lines[0].name.as_str(), closed.lines[0].price, closed.total), ("Large mug", 900, 1_800));
    assert_eq!(closed.lines, bought.lines, "at the price of the order, which is later than that of the last change");

    shop.goods.change(&mug, |mug| {
        mug.name = "Vase".to_owned();
        mug.sku = "VASE".to_owned();
        mug.images.clear();
        mug.price.as_mut().unwrap().amount = 5_000;
    });
    assert_eq!(read(&shop, &cart.id).await?, closed);
    shop.goods.change(&mug, |mug| mug.active = false);
    assert_eq!(read(&shop, &cart.id).await?, closed);
    shop.goods.change(&mug, |mug| mug.price = None); // whoever asks the catalog now fails
    assert_eq!(read(&shop, &cart.id).await?, closed);
    shop.goods.withdraw(&mug);
    assert_eq!(read(&shop, &cart.id).await?, closed);
    Ok(())
}

/// The cart, which a list has to show just as it is read by itself.
async fn read(shop: &Shop, id: &str) -> anyhow::Result<Cart> {
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let staff = &[Permission::CartsRead];
    let cart = client.get_cart(actors.staff(staff, named(id))).await?.into_inner();
    let list = client.list_carts(actors.staff(staff, ListCartsRequest::default())).await?.into_inner();
    assert_eq!(list.carts, std::slice::from_ref(&cart));
    Ok(cart)
}

/// CA-2, PL-2
#[tokio::test]
async fn an_order_closes_its_cart_once_however_often_it_is_told() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart().await?;
    let order = OrderId::new(shop.rig.clock.now());
    for _ in 0..3 {
        shop.place(&cart, order).await?;
    }
    assert_eq!(shop.events().await?, ["CartOpened", "CartClosed"]);
    let unknown = proto::carts::v1::Cart { id: "cart_0192f0c4a8b07c3e9d1a2b3c4d5e6f70".to_owned(), ..cart };
    shop.place(&unknown, order).await?;
    shop.place(&proto::carts::v1::Cart { id: String::new(), ..unknown }, order).await?;
    assert_eq!(shop.events().await?.len(), 2);
    Ok(())
}

/// CA-2
#[tokio::test]
async fn a_shop_front_that_asks_for_a_closed_cart_gets_one_fresh_cart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let old = shop.cart().await?;
    shop.place(&old, OrderId::new(shop.rig.clock.now())).await?;
    let fresh = shop.get(&old.id).await?;
    assert_ne!(fresh.id, old.id);
    assert_eq!((fresh.status.as_str(), fresh.lines.len()), ("open", 0));
    assert_eq!(shop.get(&old.id).await?.id, fresh.id, "asking again finds the same one");
    shop.place(&fresh, OrderId::new(shop.rig.clock.now())).await?;
    let third = shop.get(&old.id).await?;
    assert_eq!(shop.get(&fresh.id).await?.id, third.id);
    let staff = actors.staff(&[Permission::CartsRead], named(&old.id));
    assert_eq!(client.get_cart(staff).await?.into_inner().status, "closed", "staff see it as it is");
    Ok(())
}

/// CA-2
#[tokio::test]
async fn a_key_of_the_clients_own_names_one_open_cart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut asking = JoinSet::new();
    for _ in 0..8 {
        let (mut client, request) = (shop.client.clone(), shop.rig.actors.anonymous(named("device 7")));
        asking.spawn(async move { client.get_cart(request).await });
    }
    let mut ids = Vec::new();
    for answer in asking.join_all().await {
        ids.push(answer?.into_inner().id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "whoever asks first opens it");
    let mug = shop.sell(10, "EUR");
    let cart = shop.add("device 7", &mug, 1).await?;
    assert_eq!((&cart.id, cart.client_key.as_str()), (&ids[0], "device 7"));

    shop.place(&cart, OrderId::new(shop.rig.clock.now())).await?;
    assert_eq!(reason(shop.add("device 7", &mug, 1).await), "cart_closed");
    let fresh = shop.get("device 7").await?;
    assert!(fresh.id != cart.id && fresh.lines.is_empty());
    assert_eq!(shop.get(&cart.id).await?.id, fresh.id, "the key moved to the fresh cart");
    assert_eq!(shop.events().await?, ["CartOpened", "CartChanged", "CartClosed", "CartOpened"]);
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_taken_or_no_key_at_all_opens_nothing() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let open =
        |key: &str| actors.anonymous(OpenCartRequest { client_key: key.to_owned(), ..OpenCartRequest::default() });
    let cart = client.open_cart(keyed(open("mine"), "k", "f")).await?.into_inner();
    assert_eq!(client.open_cart(keyed(open("mine"), "k", "f")).await?.into_inner(), cart);
    assert_eq!(reason(client.open_cart(open("mine")).await), "client_key_taken");
    for key in ["cart_mine", "tab\there", &"k".repeat(101)] {
        assert_eq!(reason(client.open_cart(open(key)).await), "invalid");
    }
    for name in ["", "cart_mine", "cart_0192f0c4a8b07c3e9d1a2b3c4d5e6f70", &"k".repeat(101)] {
        assert_eq!(reason(shop.get(name).await), "cart_not_found");
    }
    let staff = actors.staff(&[Permission::CartsRead], named("nobody's"));
    assert_eq!(reason(client.get_cart(staff).await), "cart_not_found");
    Ok(())
}

/// CA-2
#[tokio::test]
async fn a_cart_expires_after_seven_days_without_a_change() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let mug = shop.sell(10, "EUR");
    let week = TimeDelta::days(7);
    let cart = shop.get("device 7").await?;
    shop.rig.clock.advance(week - TimeDelta::microseconds(1));
    shop.add(&cart.id, &mug, 1).await?;
    shop.rig.clock.advance(week - TimeDelta::microseconds(1));
    assert_eq!(shop.get("device 7").await?.id, cart.id, "a change puts it off");
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(reason(shop.add(&cart.id, &mug, 1).await), "cart_expired");
    let system = actors.system("orders", named(&cart.id));
    assert_eq!(client.get_cart(system).await?.into_inner().status, "expired");
    let fresh = shop.get("device 7").await?;
    assert_ne!(fresh.id, cart.id);
    assert_eq!(shop.get(&cart.id).await?.id, fresh.id);
    shop.place(&cart, OrderId::new(shop.rig.clock.now())).await?;
    let system = shop.rig.actors.system("orders", named(&cart.id));
    assert_eq!(client.get_cart(system).await?.into_inner().status, "closed", "what was paid for is an order");
    Ok(())
}

#[tokio::test]
async fn a_deleted_cart_is_gone() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let cart = shop.cart().await?;
    let cart = shop.add(&cart.id, &shop.sell(10, "EUR"), 1).await?;
    let delete = || keyed(actors.anonymous(DeleteCartRequest { cart: cart.id.clone() }), "k", "f");
    assert_eq!(client.delete_cart(delete()).await?.into_inner(), cart, "it is answered as it was");
    assert_eq!(client.delete_cart(delete()).await?.into_inner(), cart, "also when it is repeated");
    assert_eq!(reason(shop.get(&cart.id).await), "cart_not_found");
    assert_eq!(shop.events().await?.len(), 3);
    Ok(())
}
