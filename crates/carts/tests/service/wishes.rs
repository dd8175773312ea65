//! What customers wish for (CA-10).
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, OrderId},
    inbox::{Consumer, Event},
    permission::Permission::{CartsRead, CustomersRead},
    transport::Transport,
};
use proto::{
    base::v1::FindTracesRequest,
    carts::v1::{
        AddWishRequest, ListWishesRequest, RemoveWishRequest, Wish,
        personal_data_service_client::PersonalDataServiceClient, wish_service_client::WishServiceClient,
    },
    orders::v1::{OrderPlaced, PlacedLine},
};
use testing::{
    actors::keyed,
    merges::{hear, merged},
};
use tonic::Status;

use crate::shop::{Shop, reason};

fn wishes(shop: &Shop) -> anyhow::Result<WishServiceClient<Transport>> {
    Ok(WishServiceClient::new(shop.rig.env.peer("test", carts::NAME)?))
}

async fn wish(shop: &Shop, customer: CustomerId, product: &str) -> anyhow::Result<Result<Wish, Status>> {
    let request = shop.rig.actors.customer(customer, AddWishRequest { product: product.to_owned() });
    Ok(wishes(shop)?.add_wish(request).await.map(tonic::Response::into_inner))
}

/// Names of what `customer` wishes for, as they see it, and whether they bought it.
async fn list(shop: &Shop, customer: CustomerId) -> anyhow::Result<Vec<(String, bool)>> {
    let request = shop.rig.actors.customer(customer, ListWishesRequest::default());
    let found = wishes(shop)?.list_wishes(request).await?.into_inner().wishes;
    Ok(found.into_iter().map(|wish| (wish.product, wish.bought_at.is_some())).collect())
}

/// `customer` has bought `product` at that time, and carts hears of it.
async fn buy(shop: &Shop, customer: CustomerId, product: &str, at: DateTime<Utc>) -> anyhow::Result<OrderId> {
    let order = OrderId::new(at);
    let line = PlacedLine { product: product.to_owned(), quantity: 1, subtotal: 1_000, ..PlacedLine::default() };
    let placed = OrderPlaced {
        realm: shop.rig.actors.realm.into(),
        cart: kit::ids::CartId::new(at).into(),
        order: order.into(),
        customer: customer.into(),
        at: Some(timestamp(at)),
        lines: vec![line],
        ..OrderPlaced::default()
    };
    let mut tx = shop.db()?.begin_own().await?;
    let events = carts::consumer::Events { clock: shop.rig.clock.clone() };
    events.apply(&mut tx, &Event::new(order.uuid(), &placed)).await?;
    tx.commit().await?;
    Ok(order)
}

/// CA-10: products with date, price and image, newest first, each once; taken off again, and each change is told.
#[tokio::test]
async fn a_list_is_kept() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug, jug) = (shop.customer(), shop.sell(1_000, "EUR"), shop.sell(2_000, "EUR"));
    let first = wish(&shop, ada, &mug).await??;
    assert_eq!(
        (first.price.clone().unwrap_or_default().amount, first.wished_at),
        (1_000, Some(timestamp(shop.rig.clock.now())))
    );
    shop.rig.clock.advance(TimeDelta::minutes(1));
    wish(&shop, ada, &jug).await??;
    assert_eq!(wish(&shop, ada, &mug).await??, first, "it is there already");
    assert_eq!(list(&shop, ada).await?, [(jug.clone(), false), (mug.clone(), false)]);
    let remove = || shop.rig.actors.customer(ada, RemoveWishRequest { product: jug.clone() });
    assert_eq!(wishes(&shop)?.remove_wish(remove()).await?.into_inner().product, jug);
    assert_eq!(reason(wishes(&shop)?.remove_wish(remove()).await), "wish_not_found");
    assert_eq!(list(&shop, ada).await?, [(mug.clone(), false)]);
    assert_eq!(shop.events().await?, ["WishlistChanged"; 3]);
    shop.goods.withdraw(&mug);
    let request = shop.rig.actors.customer(ada, ListWishesRequest::default());
    let gone = wishes(&shop)?.list_wishes(request).await?.into_inner().wishes.remove(0);
    assert_eq!((gone.price, gone.name), (None, first.name), "what is sold no longer is still named");
    Ok(())
}

/// CA-10: whether it was bought later is told, by whichever order was the first; what was bought before counts not, and
/// what is wished for anew is wished for.
#[tokio::test]
async fn wishes_come_true() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug, jug) = (shop.customer(), shop.sell(1_000, "EUR"), shop.sell(2_000, "EUR"));
    let now = shop.rig.clock.now();
    wish(&shop, ada, &mug).await??;
    wish(&shop, ada, &jug).await??;
    buy(&shop, ada, &mug, now - TimeDelta::microseconds(1)).await?;
    buy(&shop, shop.customer(), &mug, now).await?;
    assert_eq!(list(&shop, ada).await?.iter().filter(|(_, bought)| *bought).count(), 0);
    let second = buy(&shop, ada, &mug, now + TimeDelta::minutes(2)).await?;
    let first = buy(&shop, ada, &mug, now + TimeDelta::minutes(1)).await?;
    buy(&shop, ada, &mug, now + TimeDelta::minutes(3)).await?;
    let request = shop.rig.actors.customer(ada, ListWishesRequest::default());
    let found = wishes(&shop)?.list_wishes(request).await?.into_inner().wishes;
    let bought: Vec<_> = found.iter().filter(|wish| wish.bought_at.is_some()).collect();
    assert_eq!(bought.len(), 1);
    assert_eq!((&bought[0].product, &bought[0].order), (&mug, &String::from(first)), "not {second}");
    shop.rig.clock.advance(TimeDelta::hours(1));
    assert!(wish(&shop, ada, &mug).await??.bought_at.is_none());
    assert_eq!(list(&shop, ada).await?[0], (mug, false));
    Ok(())
}

/// CA-10: a list ends at 200 products, also when two are added at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_has_an_end() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer();
    sqlx::query(
        "insert into wishes (realm_id, customer_id, product_id, store_id, name, image_url, wished_at)
         select $1, $2, gen_random_uuid(), $3, 'Mug', '', $4 from generate_series(1, 198)",
    )
    .bind(shop.rig.actors.realm)
    .bind(ada)
    .bind(shop.rig.actors.store)
    .bind(shop.rig.clock.now())
    .execute(shop.db()?.pool())
    .await?;
    let goods = [(); 4].map(|()| shop.sell(1_000, "EUR"));
    let (a, b, c, d) = tokio::join!(
        wish(&shop, ada, &goods[0]),
        wish(&shop, ada, &goods[1]),
        wish(&shop, ada, &goods[2]),
        wish(&shop, ada, &goods[3])
    );
    let full: Vec<_> = [a?, b?, c?, d?].into_iter().filter(Result::is_err).map(reason).collect();
    assert_eq!(full, ["wishlist_full"; 2]);
    assert_eq!(list(&shop, ada).await?.len(), 200);
    Ok(())
}

/// CA-10, ID-22, ID-30, PL-4: one's own list only; staff need customers.read and see what their place sells; products are
/// those of one's own shop.
#[tokio::test]
async fn lists_are_ones_own() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let actors = &shop.rig.actors;
    let mug = shop.sell(1_000, "EUR");
    let ada: CustomerId = shop.people.know("ada@example.com", "Ada").parse()?;
    wish(&shop, ada, &mug).await??;
    let of = || ListWishesRequest { customer: ada.into() };
    let mut client = wishes(&shop)?;
    assert_eq!(reason(client.list_wishes(actors.customer(shop.customer(), of())).await), "customer_not_found");
    assert_eq!(reason(client.list_wishes(actors.anonymous(of())).await), "unauthenticated");
    assert_eq!(reason(client.list_wishes(actors.staff(&[CartsRead], of())).await), "permission_required");
    assert_eq!(client.list_wishes(actors.staff(&[CustomersRead], of())).await?.into_inner().wishes.len(), 1);
    let add = || AddWishRequest { product: mug.clone() };
    assert_eq!(reason(client.add_wish(actors.anonymous(add())).await), "unauthenticated");
    assert_eq!(reason(client.add_wish(actors.elsewhere().customer(shop.customer(), add())).await), "product_not_found");
    assert_eq!(reason(wish(&shop, ada, "prd_nothing").await?), "product_not_found");
    let once = || keyed(actors.customer(ada, RemoveWishRequest { product: mug.clone() }), "k", "1");
    client.remove_wish(once()).await?;
    assert!(list(&shop, ada).await?.is_empty());
    Ok(())
}

/// CA-10, CU-13: of two lists the older wishes stay, and what either bought is bought; who comes as the one that is gone
/// has the kept one's list.
#[tokio::test]
async fn wishes_follow_a_merge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (kept, gone, mug, jug) = (shop.customer(), shop.customer(), shop.sell(1_000, "EUR"), shop.sell(2_000, "EUR"));
    let now = shop.rig.clock.now();
    wish(&shop, gone, &mug).await??;
    shop.rig.clock.advance(TimeDelta::minutes(1));
    wish(&shop, kept, &mug).await??;
    wish(&shop, gone, &jug).await??;
    buy(&shop, gone, &mug, now + TimeDelta::seconds(30)).await?;
    let events = carts::consumer::Events { clock: shop.rig.clock.clone() };
    hear(&shop.db()?, &events, &merged(&shop.rig, kept, gone)).await?;
    assert_eq!(list(&shop, kept).await?, [(jug.clone(), false), (mug, true)]);
    buy(&shop, gone, &jug, now + TimeDelta::hours(1)).await?;
    assert_eq!(list(&shop, gone).await?[0], (jug, true));
    Ok(())
}

/// AD-2: the house learns who wishes for something or ever put something into a cart, and of nobody else.
#[tokio::test]
async fn the_house_learns_who_left_something() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (wisher, filler, idler) = (shop.customer(), shop.customer(), shop.customer());
    let mug = shop.sell(1_000, "EUR");
    wish(&shop, wisher, &mug).await??;
    let (full, empty) = (shop.cart().await?, shop.cart().await?);
    shop.add(&full.id, &mug, 1).await.expect("it is sold");
    for (cart, customer) in [(full.id, filler), (empty.id, idler)] {
        let own = "update carts set customer_id = $2 where id = $1";
        let cart: kit::ids::CartId = cart.parse()?;
        sqlx::query(own).bind(cart).bind(customer).execute(shop.db()?.pool()).await?;
    }
    let mut house = PersonalDataServiceClient::new(shop.rig.env.peer("test", carts::NAME)?);
    let asked = |customers: &[CustomerId]| FindTracesRequest {
        realm: shop.rig.actors.realm.into(),
        customers: customers.iter().map(|id| String::from(*id)).collect(),
    };
    let all = asked(&[wisher, filler, idler]);
    let traces = house.find_traces(shop.rig.actors.system("customers", all.clone())).await?.into_inner().traces;
    let mut left: Vec<_> = traces.into_iter().map(|trace| (trace.customer, trace.kind)).collect();
    left.sort_by(|one, other| one.1.cmp(&other.1));
    assert_eq!(left, [(filler.into(), "cart".to_owned()), (wisher.into(), "wish".to_owned())]);
    let elsewhere = shop.rig.actors.elsewhere();
    let foreign = FindTracesRequest { realm: elsewhere.realm.into(), ..all.clone() };
    let other = house.find_traces(elsewhere.system("customers", foreign));
    assert!(other.await?.into_inner().traces.is_empty(), "of another customer base nothing is told");
    assert_eq!(reason(house.find_traces(shop.rig.actors.staff(&[CustomersRead], all)).await), "wrong_caller");
    Ok(())
}
