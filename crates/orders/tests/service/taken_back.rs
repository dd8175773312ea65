//! What becomes of subscriptions whose units go back (OR-5, OR-7).
use proto::orders::v1::{CreateRefundRequest, LineQuantity, Order, OrderLine, Subscription};

use crate::{counter::eur, shop::Shop, subscribers::monthly};

/// OR-7, OR-5, OR-8: what goes back by line ends what began with that line and nothing else: not a trial beside it, which was
/// free, and what was free itself, too, when it is named.
#[tokio::test]
async fn a_line_taken_back_ends_its_own() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let back = |one: &Subscription, lines: Vec<LineQuantity>| CreateRefundRequest {
        order: one.order.clone(),
        reason: "It was broken.".to_owned(),
        lines,
        ..CreateRefundRequest::default()
    };
    let units = async |one: &Subscription| {
        let order = shop.seen(&Order { id: one.order.clone(), ..Order::default() }).await?;
        let (own, rest): (Vec<_>, Vec<_>) = order.lines.into_iter().partition(|line| line.product == one.product);
        let of = |lines: Vec<OrderLine>| {
            lines.into_iter().map(|l| LineQuantity { line: l.id, quantity: l.quantity }).collect::<Vec<_>>()
        };
        anyhow::Ok((of(own), of(rest)))
    };
    let trial = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 14)).await?;
    let (own, mugs) = units(&trial).await?;
    assert_eq!(shop.refund(back(&trial, mugs), "mugs").await?.status, "succeeded");
    assert_eq!(shop.now(&trial).await?.status, "active");
    assert_eq!(shop.refund(back(&trial, own), "trial").await?.status, "succeeded");
    let ended = shop.now(&trial).await?;
    assert_eq!((&*ended.status, ended.ended), ("cancelled", true));

    let paid = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let (own, _) = units(&paid).await?;
    assert_eq!(shop.refund(back(&paid, own), "paid").await?.status, "succeeded");
    let ended = shop.now(&paid).await?;
    assert_eq!((&*ended.status, ended.ended), ("cancelled", true));
    Ok(())
}

/// OR-7, OR-5: of several units that one subscription is for, a part may go back without ending it; the last ends it.
#[tokio::test]
async fn the_last_unit_taken_back_ends_it() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let mut cart = shop.planned(&monthly(&shop, 0));
    let line = &mut cart.lines[1];
    (line.quantity, line.subtotal) = (3, 3 * line.price);
    cart.subtotal = cart.lines.iter().map(|line| line.subtotal).sum();
    cart.total = cart.subtotal;
    shop.carts.put(cart.clone());
    let one = shop.subscribe_with(ann, ("test", "pm_test_ok"), &cart).await?;
    assert_eq!((one.quantity, one.amount.clone()), (3, eur(3600)));
    let order = shop.seen(&Order { id: one.order.clone(), ..Order::default() }).await?;
    let line = order.lines.into_iter().find(|line| line.product == one.product).expect("its line");
    let back = |quantity: u32| CreateRefundRequest {
        order: one.order.clone(),
        reason: "Too many seats.".to_owned(),
        lines: vec![LineQuantity { line: line.id.clone(), quantity }],
        ..CreateRefundRequest::default()
    };
    assert_eq!(shop.refund(back(2), "two").await?.status, "succeeded");
    let now = shop.now(&one).await?;
    assert_eq!((&*now.status, now.quantity), ("active", 3), "how many are paid for next is not what went back");
    assert_eq!(shop.refund(back(1), "the last").await?.status, "succeeded");
    let ended = shop.now(&one).await?;
    assert_eq!((&*ended.status, ended.ended), ("cancelled", true));
    Ok(())
}
