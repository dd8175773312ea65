//! What renewals are made of, and what ends them (OR-7).
use chrono::TimeDelta;
use proto::{
    catalog::v1::Product,
    customers::v1::Customer,
    orders::v1::{GetOrderRequest, Order},
};

use crate::{
    counter::{ALL, back, eur},
    shop::{Shop, payment, wish},
    subscribers::{RENEWED, monthly, renewal},
};

impl Shop {
    /// Somebody has another e-mail address from now on.
    fn moves(&self, from: &str, to: &str) {
        let known = self.people.0.lock().unwrap().remove(from).expect("somebody");
        self.people.know(Customer { email: to.to_owned(), ..known });
    }

    /// The order of the newest renewal of what `customer` subscribed to.
    async fn renewed(&self, one: &proto::orders::v1::Subscription) -> anyhow::Result<Order> {
        let renewals = self.now(one).await?.renewals;
        let newest = renewals.into_iter().max_by_key(|renewal| renewal.cycle);
        let id = newest.expect("a renewal").order;
        let get = self.rig.actors.staff(&ALL, GetOrderRequest { id });
        Ok(self.orders.clone().get_order(get).await?.into_inner())
    }
}

/// OR-7: who has another e-mail address by now hears of renewals there; where it goes stays as it was agreed.
#[tokio::test]
async fn a_renewal_reaches_its_customer_where_they_are() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.moves("ann@example.com", "new@example.com");
    shop.pass(renewal(&one)).await?;
    let order = shop.renewed(&one).await?;
    assert_eq!(order.email, "new@example.com");
    assert_eq!(order.shipping_address.unwrap_or_default().city, "Hamburg");
    shop.people.forget("new@example.com");
    shop.pass(renewal(&shop.now(&one).await?)).await?;
    assert_eq!(shop.count(RENEWED).await?, 1, "who is gone is not charged any more");
    Ok(())
}

/// OR-7: a renewal that was declined is tried again for wherever its customer is by then.
#[tokio::test]
async fn a_further_attempt_reaches_its_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.pay_by("pm_test_declined").await?;
    shop.pass(renewal(&one)).await?;
    assert_eq!(&*shop.now(&one).await?.status, "past_due");
    shop.moves("ann@example.com", "new@example.com");
    shop.pay_by("pm_test_ok").await?;
    shop.pass(renewal(&one) + TimeDelta::days(1)).await?;
    assert_eq!(&*shop.now(&one).await?.status, "active");
    assert_eq!(shop.renewed(&one).await?.email, "new@example.com");
    Ok(())
}

/// OR-7, OR-8: each renewal of a bundle brings what is inside by then.
#[tokio::test]
async fn a_renewed_bundle_brings_what_is_inside() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let (one, two) = (shop.product("one", &[]), shop.product("two", &[]));
    let mut album = shop.product("album", &[&one]);
    let plan = monthly(&shop, 0);
    let mut cart = shop.planned(&plan);
    (cart.lines[1].product, cart.lines[1].package) = (album.product.clone(), "bundle".to_owned());
    shop.carts.put(cart.clone());
    let product = shop.goods.0.lock().unwrap().values().next().cloned().expect("the box");
    shop.goods.put(Product { id: album.product.clone(), ..product });
    let token = shop.begin_by(shop.rig.actors.customer(ann, wish(&cart.id, "test"))).await?.token;
    shop.capture_by(shop.rig.actors.customer(ann, payment(&token, "pm_test_ok"))).await?;
    assert_eq!(shop.has(ann).await?, ["album", "one"]);
    album.inside = vec![one.product.clone(), two.product.clone()];
    shop.stock.put(album);
    shop.pass(renewal(&shop.own(ann).await?[0])).await?;
    assert_eq!(shop.has(ann).await?, ["album", "one", "two"]);
    assert_eq!(shop.rebuild(ann).await?, (0, 0));
    Ok(())
}

/// OR-5, OR-7: when all that was paid for the order that began it has gone back, a subscription ends with that; a part that
/// goes back, or a renewal, leaves it as it is.
#[tokio::test]
async fn what_was_paid_back_does_not_renew() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.pass(renewal(&one)).await?;
    let renewed = shop.renewed(&one).await?;
    shop.refund(back(&renewed), "renewal").await?;
    assert_eq!(shop.now(&one).await?.status, "active");
    let get = shop.rig.actors.staff(&ALL, GetOrderRequest { id: one.order.clone() });
    let first = shop.orders.clone().get_order(get).await?.into_inner();
    let mut some = back(&first);
    some.amount = eur(100);
    shop.refund(some, "some").await?;
    assert_eq!(shop.now(&one).await?.status, "active");
    shop.refund(back(&first), "rest").await?;
    let over = shop.now(&one).await?;
    assert_eq!((&*over.status, over.ended, over.renews_at), ("cancelled", true, None));
    Ok(())
}
