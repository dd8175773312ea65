//! Discounts that orders keep, and vouchers that they use as often as they may (CA-5).
use kit::ids::VoucherId;
use proto::{
    carts::v1::{Cart, Discount},
    orders::v1::{CheckoutOutcome, OrderPlaced},
};
use sqlx::Row;
use tonic::Status;

use crate::shop::{ORDERS, Shop, guest, told, wish};

/// A voucher of four euros.
fn voucher(shop: &Shop, uses: u32, each: u32) -> Discount {
    Discount {
        promotion: VoucherId::new(shop.rig.clock.now()).into(),
        name: "Four off".to_owned(),
        code: "FOUR".to_owned(),
        amount: 400,
        max_uses: uses,
        max_uses_per_customer: each,
    }
}

/// A cart from which `discount` takes its amount, off the first line.
fn reduced(shop: &Shop, discount: &Discount) -> Cart {
    let cart = shop.cart();
    shop.carts.change(&cart.id, |cart| {
        (cart.discount, cart.total) = (discount.amount, cart.subtotal - discount.amount);
        cart.lines[0].discount = discount.amount;
        cart.discounts = vec![discount.clone()];
    });
    cart
}

async fn buy_as(shop: &Shop, cart: &str, email: &str, method: &str) -> Result<CheckoutOutcome, Status> {
    let mut request = wish(cart, "test");
    request.contact = Some(proto::carts::v1::Contact { email: email.to_owned(), ..guest() });
    let checkout = shop.begin_by(shop.rig.actors.anonymous(request)).await?;
    shop.capture(&checkout.token, method).await
}

async fn used(shop: &Shop) -> anyhow::Result<(i64, i64)> {
    let counts = "select coalesce(sum(used), 0)::bigint, (select count(*) from voucher_uses) from voucher_counts";
    let row = sqlx::query(counts).fetch_one(shop.db.pool()).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// CA-5, CA-11: the order keeps what was taken off and why, by line, and tells it; the price shown is the price charged.
#[tokio::test]
async fn an_order_keeps_what_was_taken_off() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let discount = voucher(&shop, 0, 0);
    let cart = reduced(&shop, &discount);
    let order = buy_as(&shop, &cart.id, "ann@example.com", "pm_test_ok").await?.order.expect("an order");
    let kept: Vec<_> = order.discounts.iter().map(|kept| (kept.promotion.clone(), &*kept.code, kept.amount)).collect();
    assert_eq!(kept, [(discount.promotion, "FOUR", 400)]);
    let sums = [&order.subtotal, &order.discount, &order.total].map(|sum| sum.as_ref().map(|sum| sum.amount));
    assert_eq!(sums, [Some(4_498), Some(400), Some(4_098)]);
    assert_eq!(order.lines[0].discount.as_ref().map(|share| share.amount), Some(400));
    let placed: Vec<u8> = sqlx::query_scalar("select payload from outbox where subject like '%OrderPlaced'")
        .fetch_one(shop.db.pool())
        .await?;
    let placed: OrderPlaced = prost::Message::decode(&*placed)?;
    assert_eq!((placed.discounts[0].amount, placed.lines[0].discount), (400, 400));
    Ok(())
}

/// OR-1, CA-5: an offer that ends between what is shown and what is charged stops the purchase.
#[tokio::test]
async fn a_discount_that_ends_stops_the_purchase() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = reduced(&shop, &voucher(&shop, 0, 0));
    let checkout = shop.begin(&cart.id).await?;
    shop.carts.change(&cart.id, |cart| {
        (cart.discount, cart.total) = (0, cart.subtotal);
        cart.lines[0].discount = 0;
        cart.discounts.clear();
    });
    assert_eq!(told(shop.capture(&checkout.token, "pm_test_ok").await).reason, "price_changed");
    assert_eq!(shop.count(ORDERS).await?, 0);
    Ok(())
}

/// CA-5: eight people at once share three uses: three orders, and nothing of the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_is_used_no_more_often_than_it_may_be() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let discount = voucher(&shop, 3, 0);
    let mut tokens = Vec::new();
    for number in 0..8 {
        let mut request = wish(&reduced(&shop, &discount).id, "test");
        let email = format!("buyer{number}@example.com");
        request.contact = Some(proto::carts::v1::Contact { email, ..guest() });
        tokens.push(shop.begin_by(shop.rig.actors.anonymous(request)).await?.token);
    }
    let running: Vec<_> = tokens.iter().map(|token| shop.capturing(token, "pm_test_ok")).collect();
    let mut reasons = Vec::new();
    for capture in running {
        match capture.await? {
            Ok(outcome) => assert_eq!(outcome.status, "completed"),
            refused => reasons.push(told(refused).reason),
        }
    }
    assert_eq!(reasons, ["voucher_used_up"; 5]);
    assert_eq!((shop.count(ORDERS).await?, used(&shop).await?), (3, (3, 3)));
    let late = wish(&reduced(&shop, &discount).id, "test");
    assert_eq!(told(shop.begin_by(shop.rig.actors.anonymous(late)).await).reason, "voucher_used_up");
    Ok(())
}

/// CA-5: one customer uses it as often as one may, another still can.
#[tokio::test]
async fn a_customer_uses_a_voucher_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let discount = voucher(&shop, 0, 1);
    for (email, expected) in
        [("ann@example.com", None), ("Ann@Example.com", Some("voucher_used_up")), ("bob@example.com", None)]
    {
        let bought = buy_as(&shop, &reduced(&shop, &discount).id, email, "pm_test_ok").await;
        match expected {
            None => assert_eq!(bought?.status, "completed"),
            Some(reason) => assert_eq!(told(bought).reason, reason),
        }
    }
    assert_eq!(used(&shop).await?, (0, 2));
    Ok(())
}

/// CA-5: nobody waits for a voucher without a limit; when it is given one, what was used before counts.
#[tokio::test]
async fn a_limit_counts_what_was_used_before() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let free = voucher(&shop, 0, 0);
    let buy = async |discount: &Discount, email: &str| {
        buy_as(&shop, &reduced(&shop, discount).id, email, "pm_test_ok").await.map(|outcome| outcome.status)
    };
    for email in ["ann@example.com", "bob@example.com"] {
        assert_eq!(buy(&free, email).await?, "completed");
    }
    assert_eq!(used(&shop).await?, (0, 2));
    let limited = |max_uses| Discount { max_uses, ..free.clone() };
    assert_eq!(told(buy(&limited(2), "cid@example.com").await).reason, "voucher_used_up");
    assert_eq!(buy(&limited(3), "cid@example.com").await?, "completed");
    assert_eq!(used(&shop).await?, (3, 3));
    assert_eq!(told(buy(&limited(3), "dot@example.com").await).reason, "voucher_used_up");
    assert_eq!(buy(&free, "dot@example.com").await?, "completed");
    assert_eq!(used(&shop).await?, (0, 4));
    assert_eq!(told(buy(&limited(4), "eve@example.com").await).reason, "voucher_used_up");
    Ok(())
}

/// CA-5: one customer who buys eight times at once uses it as often as one may.
#[tokio::test(flavor = "multi_thread")]
async fn one_customer_at_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let discount = voucher(&shop, 0, 2);
    let mut running = Vec::new();
    for _ in 0..8 {
        let token = shop.begin(&reduced(&shop, &discount).id).await?.token;
        running.push(token);
    }
    let running: Vec<_> = running.iter().map(|token| shop.capturing(token, "pm_test_ok")).collect();
    let mut refused = 0;
    for capture in running {
        refused += usize::from(capture.await?.is_err());
    }
    assert_eq!((refused, used(&shop).await?), (6, (0, 2)));
    Ok(())
}

/// CA-5: a payment that fails gives the use back, and the next attempt takes it again.
#[tokio::test]
async fn a_failed_payment_gives_the_use_back() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let discount = voucher(&shop, 1, 1);
    let cart = reduced(&shop, &discount);
    assert_eq!(buy_as(&shop, &cart.id, "ann@example.com", "pm_test_declined").await?.status, "declined");
    assert_eq!(used(&shop).await?, (0, 0));
    assert_eq!(buy_as(&shop, &cart.id, "ann@example.com", "pm_test_ok").await?.status, "completed");
    assert_eq!(used(&shop).await?, (1, 1));
    let other = reduced(&shop, &discount);
    assert_eq!(told(buy_as(&shop, &other.id, "bob@example.com", "pm_test_ok").await).reason, "voucher_used_up");
    Ok(())
}

/// CA-5: a payment under way holds its use until it is settled.
#[tokio::test]
async fn a_payment_under_way_holds_its_use() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let discount = voucher(&shop, 1, 0);
    let cart = reduced(&shop, &discount);
    assert_eq!(buy_as(&shop, &cart.id, "ann@example.com", "pm_test_redirect").await?.status, "redirect");
    let other = reduced(&shop, &discount);
    assert_eq!(told(buy_as(&shop, &other.id, "bob@example.com", "pm_test_ok").await).reason, "voucher_used_up");
    // She comes back from the gateway's page and pays by other means.
    assert_eq!(buy_as(&shop, &cart.id, "ann@example.com", "pm_test_ok").await?.status, "completed");
    assert_eq!(used(&shop).await?, (1, 1));
    Ok(())
}

/// CA-5: a cart whose discounts do not add up is not bought.
#[tokio::test]
async fn what_does_not_add_up_is_not_bought() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = reduced(&shop, &voucher(&shop, 0, 0));
    shop.carts.change(&cart.id, |cart| cart.lines[0].discount = 399);
    assert_eq!(told(shop.begin(&cart.id).await).reason, "internal");
    Ok(())
}
