//! Shipping and tax of orders (CA-11): frozen when an order is made, charged as shown, given back as paid.
use kit::permission::Permission;
use proto::{
    carts::v1::{Cart, Shipping},
    orders::v1::{BeginCheckoutRequest, CreateRefundRequest, GetOrderRequest, Order},
};

use crate::{
    counter::{back, eur, units},
    shop::{Shop, guest, payment, reason, told, wish},
    subscribers::{monthly, renewal},
};

/// The shop's cart with 19 % on top of mugs, 7 % inside of the book, and shipping of 4.90 with 19 % on top of that.
pub fn taxed(shop: &Shop) -> Cart {
    let mut cart = shop.cart();
    (cart.lines[0].tax, cart.lines[0].tax_rate) = (760, 1_900);
    (cart.lines[1].included_tax, cart.lines[1].tax_rate, cart.lines[1].tax_included) = (33, 700, true);
    cart.shipping_method = Some(Shipping {
        method: "shpm_0192f0c4a8b07c3e9d1a2b3c4d5e6f70".to_owned(),
        name: "Post".to_owned(),
        price: 490,
        tax: 93,
        tax_rate: 1_900,
        ..Shipping::default()
    });
    (cart.shipping, cart.tax, cart.included_tax) = (490, 853, 33);
    cart.total = 4_498 + 490 + 853;
    "chosen".clone_into(&mut cart.shipping_state);
    shop.carts.put(cart.clone());
    cart
}

async fn bought(shop: &Shop) -> anyhow::Result<Order> {
    let checkout = shop.begin(&taxed(shop).id).await?;
    let outcome = shop.capture(&checkout.token, "pm_test_ok").await?;
    outcome.order.ok_or_else(|| anyhow::anyhow!("no order"))
}

async fn refund(shop: &Shop, request: CreateRefundRequest, key: &str) -> anyhow::Result<(i64, i64)> {
    let refund = shop.refund(request, key).await?;
    Ok((refund.amount.unwrap_or_default().amount, refund.shipping.unwrap_or_default().amount))
}

/// CA-11, OR-1: an order holds shipping, the tax of each line with its rate, and the tax inside prices, as they were shown.
#[tokio::test]
async fn an_order_freezes_shipping_and_tax() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = taxed(&shop);
    let checkout = shop.begin(&cart.id).await?;
    assert_eq!(checkout.amount, eur(5_841));
    let order = shop.capture(&checkout.token, "pm_test_ok").await?.order.unwrap_or_default();
    assert_eq!((&order.total, &order.shipping, &order.tax), (&eur(5_841), &eur(490), &eur(853)));
    assert_eq!(order.included_tax, eur(33));
    let delivery = order.delivery.clone().unwrap_or_default();
    assert_eq!((&*delivery.name, delivery.price, delivery.tax, delivery.tax_rate), ("Post", 490, 93, 1_900));
    let lines: Vec<_> = order.lines.iter().map(|line| (line.tax.clone(), line.tax_rate, line.tax_included)).collect();
    assert_eq!(lines, [(eur(760), 1_900, false), (eur(0), 700, true)]);
    assert_eq!(order.lines[1].included_tax, eur(33));
    shop.carts.change(&cart.id, |cart| cart.lines[0].tax_rate = 0);
    let request = shop.rig.actors.system("test", GetOrderRequest { id: order.id.clone() });
    let kept = shop.orders.clone().get_order(request).await?.into_inner();
    assert_eq!((kept.lines, kept.delivery), (order.lines, order.delivery), "frozen");
    Ok(())
}

/// OR-1, CA-11: a tax or a price of shipping that changes in between is not charged, and the new total is told.
#[tokio::test]
async fn what_changes_in_between_is_told() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = taxed(&shop);
    let checkout = shop.begin(&cart.id).await?;
    shop.carts.change(&cart.id, |cart| {
        (cart.lines[0].tax, cart.tax, cart.total) = (800, 893, 5_881);
    });
    let refused = told(shop.capture(&checkout.token, "pm_test_ok").await);
    assert_eq!((&*refused.reason, refused.code.http()), ("price_changed", 409));
    assert_eq!(refused.facts.get("amount").map(|amount| &**amount), Some("5881"));
    for (state, expected) in [
        ("needed", "shipping_method_needed"),
        ("withdrawn", "shipping_method_withdrawn"),
        ("elsewhere", "shipping_method_elsewhere"),
    ] {
        shop.carts.change(&cart.id, |cart| state.clone_into(&mut cart.shipping_state));
        assert_eq!(reason(shop.capture(&checkout.token, "pm_test_ok").await), expected);
        let refused = told(shop.begin(&cart.id).await);
        assert_eq!((&*refused.reason, refused.code.http()), (expected, 409));
    }
    assert_eq!(shop.count("select count(*) from orders").await?, 0, "no payment, no order");
    Ok(())
}

/// OR-1, CA-11: two checkouts of one cart while a rate changes: the one that shows the price of now pays, the other is told.
#[tokio::test]
async fn two_at_once_while_a_rate_changes() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = taxed(&shop);
    let before = shop.begin(&cart.id).await?;
    shop.carts.change(&cart.id, |cart| {
        (cart.lines[0].tax, cart.tax, cart.total) = (800, 893, 5_881);
    });
    let after = shop.begin(&cart.id).await?;
    assert_eq!(after.amount, eur(5_881));
    let (old, new) = (shop.capturing(&before.token, "pm_test_ok"), shop.capturing(&after.token, "pm_test_ok"));
    let paid = new.await??.order.unwrap_or_default();
    assert_eq!(paid.total, eur(5_881));
    match old.await? {
        Err(refused) => assert_eq!(reason::<()>(Err(refused)), "price_changed"),
        Ok(same) => assert_eq!(same.order.unwrap_or_default().id, paid.id, "the cart's one order"),
    }
    let charged = "select coalesce(sum(amount), 0)::bigint from test_gateway_charges where state = 'charged'";
    assert_eq!(shop.count(charged).await?, 5_881);
    Ok(())
}

/// OR-1, CA-11: what is shown is what the cart costs where the buyer is, whatever the cart knows of that.
#[tokio::test]
async fn the_address_of_the_checkout_counts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = taxed(&shop);
    let mut abroad = cart.clone();
    (abroad.lines[0].tax, abroad.lines[0].tax_rate, abroad.tax, abroad.total) = (0, 0, 93, 5_081);
    shop.carts.put_abroad("CH", abroad);
    let mut contact = guest();
    contact.shipping.iter_mut().for_each(|address| address.country = "CH".to_owned());
    let mut request = wish(&cart.id, "test");
    request.contact = Some(contact);
    let checkout = shop.begin_by(shop.rig.actors.anonymous(request)).await?;
    assert_eq!(checkout.amount, eur(5_081));
    let order = shop.capture(&checkout.token, "pm_test_ok").await?.order.unwrap_or_default();
    assert_eq!((order.total, order.tax), (eur(5_081), eur(93)));
    // A signed-in customer's saved address does the same.
    let ann = shop.customer("ann@example.com");
    let cart = taxed(&shop);
    let mut home = cart.clone();
    (home.lines[0].tax, home.tax, home.total) = (1, 94, 5_082);
    shop.carts.put_abroad("DE", home);
    let mut request = wish(&cart.id, "test");
    (request.contact, request.customer) = (None, ann.into());
    let checkout = shop.begin_by(shop.rig.actors.customer(ann, request)).await?;
    assert_eq!(checkout.amount, eur(5_082));
    Ok(())
}

/// OR-5, CA-11: a line goes back with its tax, shipping with its own when asked for, and all of it is what was paid.
#[tokio::test]
async fn everything_goes_back_as_it_was_paid() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = bought(&shop).await?;
    let line = units(&order, 0, 1);
    let one = CreateRefundRequest { lines: vec![line], ..back(&order) };
    assert_eq!(refund(&shop, one.clone(), "one").await?, (i64::midpoint(3_998, 760), 0), "a mug and its tax");
    let with = CreateRefundRequest { shipping: true, ..one };
    assert_eq!(
        refund(&shop, with, "two").await?,
        (i64::midpoint(3_998, 760) + 583, 583),
        "another, and shipping with its tax"
    );
    assert_eq!(refund(&shop, back(&order), "rest").await?, (500, 0), "the book is left");
    assert_eq!(shop.count("select sum(amount)::bigint from refunds where state = 'succeeded'").await?, 5_841);
    let whole = bought(&shop).await?;
    assert_eq!(refund(&shop, back(&whole), "all").await?, (5_841, 583));
    Ok(())
}

/// OR-7, CA-11: a renewal is taxed by the rate that it began with, on top of its price or in it, and the notice says so.
#[tokio::test]
async fn renewals_are_taxed() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let mut cart = shop.planned(&monthly(&shop, 0));
    (cart.lines[1].tax, cart.lines[1].tax_rate, cart.tax) = (228, 1_900, 228);
    cart.total += 228;
    shop.carts.put(cart.clone());
    let request = shop.rig.actors.customer(ann, BeginCheckoutRequest { contact: None, ..wish(&cart.id, "test") });
    let checkout = shop.begin_by(request).await?;
    shop.capture_by(shop.rig.actors.customer(ann, payment(&checkout.token, "pm_test_ok"))).await?;
    let one = shop.own(ann).await?.remove(0);
    assert_eq!(one.amount, eur(1_428), "what the notice tells");
    shop.rig.clock.advance(renewal(&one) - shop.rig.clock.now());
    while shop.renewer().round().await? > 0 {}
    let renewed = shop.now(&one).await?.renewals.remove(0).order;
    let request = shop.rig.actors.staff(&[Permission::OrdersRead], GetOrderRequest { id: renewed });
    let order = shop.orders.clone().get_order(request).await?.into_inner();
    assert_eq!((&order.subtotal, &order.tax, &order.total), (&eur(1_200), &eur(228), &eur(1_428)));
    assert_eq!((order.lines[0].tax.clone(), order.lines[0].tax_rate), (eur(228), 1_900));
    assert_eq!(order.delivery, None);
    Ok(())
}
