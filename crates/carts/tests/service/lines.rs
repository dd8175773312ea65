//! Lines: adding, setting, removing, under races and replays.
use proto::carts::v1::{Cart, EmptyCartRequest, RemoveLineRequest, SetLineRequest};
use testing::actors::{if_match, keyed};
use tokio::task::JoinSet;
use tonic::Code;

use crate::shop::{Shop, line, reason};

fn set(cart: &Cart, line: &str, quantity: u32) -> SetLineRequest {
    SetLineRequest { cart: cart.id.clone(), line: line.to_owned(), quantity: Some(quantity), ..Default::default() }
}

fn quantities(cart: &Cart) -> Vec<u32> {
    cart.lines.iter().map(|line| line.quantity).collect()
}

#[tokio::test]
async fn a_shopper_fills_and_empties_a_cart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let (mug, cup) = (shop.sell(1_250, "EUR"), shop.sell(399, "EUR"));
    let cart = shop.cart().await?;
    assert_eq!((cart.status.as_str(), cart.currency.as_str(), cart.version), ("open", "EUR", 1));

    shop.add(&cart.id, &mug, 2).await?;
    shop.add(&cart.id, &cup, 0).await?;
    let cart = shop.add(&cart.id, &mug, 1).await?;
    assert_eq!((quantities(&cart), cart.subtotal, cart.total, cart.version), (vec![3, 1], 4_149, 4_149, 4));
    let first = &cart.lines[0];
    assert_eq!(
        (first.product.as_str(), first.price, first.subtotal, first.available),
        (mug.as_str(), 1_250, 3_750, true)
    );
    assert_eq!((first.name.as_str(), first.image_url.as_str()), ("Mug", "https://img.example.com/mug.jpg"));

    let cart = client.set_line(actors.anonymous(set(&cart, &first.id, 5))).await?.into_inner();
    let cart = client.set_line(actors.anonymous(set(&cart, &cup, 0))).await?.into_inner();
    assert_eq!((quantities(&cart), cart.total), (vec![5], 6_250));
    assert_eq!(shop.get(&cart.id).await?, cart, "reading changes nothing");

    let request = RemoveLineRequest { cart: cart.id.clone(), line: mug.clone() };
    let cart = client.remove_line(actors.anonymous(request.clone())).await?.into_inner();
    assert_eq!((cart.lines.len(), cart.total), (0, 0));
    assert_eq!(reason(client.remove_line(actors.anonymous(request)).await), "line_not_found");

    shop.add(&cart.id, &cup, 7).await?;
    let request = EmptyCartRequest { cart: cart.id.clone() };
    let cart = client.empty_cart(actors.anonymous(request)).await?.into_inner();
    assert_eq!((cart.lines.len(), cart.total, cart.version), (0, 0, 9));
    let events = shop.events().await?;
    assert_eq!((events[0].as_str(), events.len()), ("CartOpened", 9), "each change is told once");
    assert!(events[1..].iter().all(|event| event == "CartChanged"));
    Ok(())
}

#[tokio::test]
async fn quantities_and_lines_have_limits() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(1, "EUR");
    let cart = shop.cart().await?;
    assert_eq!(shop.add(&cart.id, &mug, 10_000).await.unwrap_err().code(), Code::InvalidArgument);
    shop.add(&cart.id, &mug, 9_999).await?;
    assert_eq!(reason(shop.add(&cart.id, &mug, 1).await), "quantity_too_large");
    for _ in 1..100 {
        shop.add(&cart.id, &shop.sell(1, "EUR"), 1).await?;
    }
    assert_eq!(reason(shop.add(&cart.id, &shop.sell(1, "EUR"), 1).await), "too_many_lines");
    let cart = shop.get(&cart.id).await?;
    assert_eq!((cart.lines.len(), cart.total, cart.version), (100, 9_999 + 99, 101), "refusals left no trace");
    Ok(())
}

#[tokio::test]
async fn additions_at_the_same_time_add_up() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart().await?;
    let mug = shop.sell(10, "EUR");
    let mut adding = JoinSet::new();
    for _ in 0..2 {
        for product in [mug.clone(), mug.clone(), shop.sell(10, "EUR"), shop.sell(10, "EUR")] {
            let mut client = shop.client.clone();
            let request = shop.rig.actors.anonymous(line(&cart.id, &product, 2));
            let request = keyed(request, &format!("k{}", adding.len()), "add");
            adding.spawn(async move { client.add_line(request).await });
        }
    }
    let mut versions = Vec::new();
    for answer in adding.join_all().await {
        let cart = answer?.into_inner();
        assert_eq!(cart.total, cart.lines.iter().map(|line| line.subtotal).sum::<i64>());
        assert!(cart.lines.iter().all(|line| line.available), "each answer knows the price of what others added");
        versions.push(cart.version);
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..=9).collect::<Vec<_>>());
    let cart = shop.get(&cart.id).await?;
    assert_eq!((cart.lines.len(), cart.total), (5, 160));
    let mugs = cart.lines.iter().find(|line| line.product == mug).unwrap();
    assert_eq!(mugs.quantity, 8);
    Ok(())
}

#[tokio::test]
async fn a_stale_version_changes_nothing() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let mug = shop.sell(10, "EUR");
    let cart = shop.cart().await?;
    let add = || if_match(actors.anonymous(line(&cart.id, &mug, 1)), 1);
    client.add_line(add()).await?;
    let stale = client.add_line(add()).await.unwrap_err();
    let told = kit::failure::Told::read(&stale);
    assert_eq!((told.reason.as_str(), told.facts["current_version"].as_str()), ("stale_version", "2"));
    assert_eq!(shop.get(&cart.id).await?.version, 2);
    Ok(())
}

/// PL-3
#[tokio::test]
async fn a_repeated_request_gets_the_stored_answer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let mug = shop.sell(10, "EUR");
    let cart = shop.cart().await?;
    let add = |quantity, print| keyed(actors.anonymous(line(&cart.id, &mug, quantity)), "k1", print);
    let first = client.add_line(add(2, "two")).await?.into_inner();
    shop.goods.withdraw(&mug);
    let again = client.add_line(add(2, "two")).await?;
    assert_eq!(again.metadata().get("idempotent-replayed").unwrap(), "true");
    assert_eq!(again.into_inner(), first, "although the product is gone");
    assert_eq!(reason(client.add_line(add(3, "three")).await), "idempotency_mismatch");
    assert_eq!(shop.get(&cart.id).await?.lines[0].quantity, 2);
    Ok(())
}

/// PL-3
#[tokio::test]
async fn one_key_sent_eight_times_at_once_adds_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(10, "EUR");
    let cart = shop.cart().await?;
    let mut adding = JoinSet::new();
    for _ in 0..8 {
        let mut client = shop.client.clone();
        let request = keyed(shop.rig.actors.anonymous(line(&cart.id, &mug, 1)), "k1", "one");
        adding.spawn(async move { client.add_line(request).await });
    }
    let answers = adding.join_all().await;
    assert!(answers.iter().any(Result::is_ok));
    for failure in answers.into_iter().filter(Result::is_err) {
        assert_eq!(reason(failure), "idempotency_in_flight");
    }
    assert_eq!(shop.get(&cart.id).await?.lines[0].quantity, 1);
    Ok(())
}
