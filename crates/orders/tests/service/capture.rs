//! Capturing a checkout.
use kit::ids::{CartId, CustomerId};
use proto::orders::v1::{OrderPlaced, PaymentCaptured};
use testing::actors::keyed;

use crate::shop::{CHARGES, ORDERS, PAYMENTS, Shop, payment, reason, told, wish};

/// OR-1, OR-2: a guest pays and gets an order with everything as it was entered.
#[tokio::test]
async fn a_guest_pays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let checkout = shop.begin(&cart.id).await?;
    let outcome = shop.capture(&checkout.token, "pm_test_ok").await?;
    assert_eq!(outcome.status, "completed");
    let order = outcome.order.expect("an order");
    assert_eq!((&*order.number, &order.cart), ("1001", &cart.id));
    let states = (&*order.status, &*order.payment_status, &*order.fulfilment_status);
    assert_eq!(states, ("placed", "paid", "unfulfilled"));
    assert_eq!((&*order.name, &*order.email), ("Gus Guest", "Gus@example.com"));
    assert_eq!(order.shipping_address.expect("an address").line1, "Guest street 2");
    let amounts = [&order.subtotal, &order.discount, &order.shipping, &order.tax, &order.total];
    assert_eq!(amounts.map(|money| money.as_ref().map(|money| money.amount)), [4498, 0, 0, 0, 4498].map(Some));
    let lines: Vec<_> = order.lines.iter().map(|line| (&*line.sku, line.quantity, &*line.kind)).collect();
    assert_eq!(lines, [("MUG", 2, "physical"), ("BOOK", 1, "digital")]);
    assert!(order.redacted.is_empty());
    let history: Vec<_> = order.history.iter().map(|change| &*change.status).collect();
    assert_eq!(history, ["pending", "placed"]);
    assert_eq!(shop.status(&checkout.token).await?.order.expect("an order").id, order.id);
    assert_eq!(shop.count(CHARGES).await?, 1);
    Ok(())
}

/// OR-4, ID-28: the ledger has the payment with its gateway's reference, and the order where it came from.
#[tokio::test]
async fn a_payment_is_in_the_ledger() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.capture(&shop.checkout().await?.token, "pm_test_ok").await?.order.expect("an order");
    let [entry] = &*order.transactions else { panic!("one entry: {:?}", order.transactions) };
    assert_eq!((&*entry.r#type, &*entry.status, &*entry.gateway), ("payment", "succeeded", "test"));
    assert_eq!(entry.amount, order.total);
    assert!(entry.reference.starts_with("test_pay_"));
    let clients = [(&*order.ip, &*order.user_agent), (&*entry.ip, "Browser/1")];
    assert_eq!(clients, [("203.0.113.9", "Browser/1"); 2]);
    Ok(())
}

/// PL-2: the events tell ids, amounts and states, and nothing about the person.
#[tokio::test]
async fn events_say_nothing_personal() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.capture(&shop.checkout().await?.token, "pm_test_ok").await?.order.expect("an order");
    assert_eq!(shop.events().await?, ["OrderPlaced", "PaymentCaptured", "LibraryChanged"]);
    let payloads: Vec<Vec<u8>> =
        sqlx::query_scalar("select payload from outbox order by id").fetch_all(shop.db.pool()).await?;
    let placed: OrderPlaced = prost::Message::decode(&*payloads[0])?;
    assert_eq!((&placed.order, &placed.number), (&order.id, &order.number));
    assert!(placed.customer.parse::<CustomerId>().is_ok(), "{}", placed.customer);
    assert_eq!(
        placed.lines.iter().map(|line| (line.quantity, line.subtotal)).collect::<Vec<_>>(),
        [(2, 3998), (1, 500)]
    );
    let captured: PaymentCaptured = prost::Message::decode(&*payloads[1])?;
    assert_eq!((captured.amount, &captured.transaction), (order.total, &order.transactions[0].id));
    for payload in payloads {
        let text = String::from_utf8_lossy(&payload).to_lowercase();
        assert!(!text.contains("gus") && !text.contains("street") && !text.contains("203.0"));
    }
    Ok(())
}

/// OR-3: on invoice an order is placed and its money pending; nothing is in the ledger.
#[tokio::test]
async fn an_invoice_is_accepted() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let checkout = shop.begin_by(shop.rig.actors.anonymous(wish(&shop.cart().id, "manual"))).await?;
    assert_eq!(reason(shop.capture(&checkout.token, "pm_test_ok").await), "payment_method_unknown");
    let outcome = shop.capture(&checkout.token, "").await?;
    let order = outcome.order.expect("an order");
    let states = (&*outcome.status, &*order.status, &*order.payment_status);
    assert_eq!(states, ("completed", "placed", "pending"));
    assert!(order.transactions.is_empty());
    assert_eq!(shop.events().await?, ["OrderPlaced"]);
    assert_eq!(shop.capture(&checkout.token, "").await?.order.expect("an order"), order);
    Ok(())
}

/// OR-1: after a declined payment the same order is paid by other means.
#[tokio::test]
async fn declined_then_paid() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let checkout = shop.checkout().await?;
    let declined = shop.capture(&checkout.token, "pm_test_declined").await?;
    assert_eq!((&*declined.status, declined.order), ("declined", None));
    assert!(declined.message.contains("declined"));
    assert_eq!(shop.status(&checkout.token).await?.status, "declined");
    let order = shop.capture(&checkout.token, "pm_test_ok").await?.order.expect("an order");
    let entries: Vec<_> = order.transactions.iter().map(|entry| &*entry.status).collect();
    assert_eq!(entries, ["failed", "succeeded"]);
    assert_eq!(shop.events().await?, ["PaymentFailed", "OrderPlaced", "PaymentCaptured", "LibraryChanged"]);
    assert_eq!((shop.count(ORDERS).await?, shop.count(PAYMENTS).await?, shop.count(CHARGES).await?), (1, 2, 1));
    Ok(())
}

/// OR-1: a draft whose payment failed becomes what is bought in the end, not what was meant first.
#[tokio::test]
async fn a_draft_is_frozen_anew() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let first = shop.begin(&cart.id).await?;
    shop.capture(&first.token, "pm_test_declined").await?;
    shop.carts.change(&cart.id, |cart| {
        cart.lines.remove(1);
        (cart.subtotal, cart.total) = (3998, 3998);
    });
    let second = shop.begin_by(shop.rig.actors.anonymous(wish(&cart.id, "manual"))).await?;
    let order = shop.capture(&second.token, "").await?.order.expect("an order");
    assert_eq!((order.lines.len(), order.total.expect("a total").amount, &*order.gateway), (1, 3998, "manual"));
    assert_eq!(shop.count(ORDERS).await?, 1);
    Ok(())
}

/// OR-1: the price shown is the price charged, else 409 with the new total.
#[tokio::test]
async fn a_changed_price_is_not_charged() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let checkout = shop.begin(&cart.id).await?;
    let set = |price: i64| {
        shop.carts.change(&cart.id, |cart| {
            (cart.lines[1].price, cart.lines[1].subtotal) = (price, price);
            (cart.subtotal, cart.total) = (3998 + price, 3998 + price);
        });
    };
    for price in [501, 499] {
        set(price);
        let told = told(shop.capture(&checkout.token, "pm_test_ok").await);
        assert_eq!((told.code, &*told.reason), (kit::failure::Code::Conflict, "price_changed"));
        assert_eq!((told.facts["amount"].clone(), &*told.facts["currency"]), ((3998 + price).to_string(), "EUR"));
    }
    assert_eq!((shop.count(ORDERS).await?, shop.count(CHARGES).await?), (0, 0));
    set(500);
    assert_eq!(shop.capture(&checkout.token, "pm_test_ok").await?.status, "completed");
    Ok(())
}

/// CA-2: a cart that was closed or emptied between showing and paying makes no order.
#[tokio::test]
async fn a_cart_that_closed_meanwhile_makes_no_order() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let checkout = shop.begin(&cart.id).await?;
    shop.carts.change(&cart.id, |cart| cart.lines[0].available = false);
    assert_eq!(reason(shop.capture(&checkout.token, "pm_test_ok").await), "product_unavailable");
    shop.carts.change(&cart.id, |cart| cart.status = "expired".to_owned());
    assert_eq!(reason(shop.capture(&checkout.token, "pm_test_ok").await), "cart_closed");
    assert_eq!(shop.count(ORDERS).await?, 0);
    Ok(())
}

/// OR-1: one cart, one order: repeating, and paying by another checkout of the same cart, give the same order.
#[tokio::test]
async fn repeating_gives_the_same_order() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let (one, other) = (shop.begin(&cart.id).await?, shop.begin(&cart.id).await?);
    let order = shop.capture(&one.token, "pm_test_ok").await?.order.expect("an order");
    shop.carts.change(&cart.id, |cart| cart.status = "closed".to_owned());
    for (token, method) in [(&one.token, "pm_test_ok"), (&one.token, "pm_test_declined"), (&other.token, "pm_test_ok")]
    {
        assert_eq!(shop.capture(token, method).await?.order.expect("an order"), order);
    }
    assert_eq!(reason(shop.begin(&cart.id).await), "cart_closed");
    assert_eq!((shop.count(PAYMENTS).await?, shop.count(CHARGES).await?), (1, 1));
    Ok(())
}

/// The cart hears of its order a moment later; until then it is no less sold.
#[tokio::test]
async fn a_sold_cart_is_closed_at_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    shop.capture(&shop.begin(&cart.id).await?.token, "pm_test_ok").await?;
    assert_eq!(reason(shop.begin(&cart.id).await), "cart_closed");
    Ok(())
}

/// A person who knows the cart but gave another contact does not see the buyer's (ID-23).
#[tokio::test]
async fn another_checkout_does_not_show_the_buyer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let mut nosy = wish(&cart.id, "test");
    nosy.contact.as_mut().expect("a contact").email = "nosy@example.com".to_owned();
    let nosy = shop.begin_by(shop.rig.actors.anonymous(nosy)).await?;
    let order = shop.capture(&shop.begin(&cart.id).await?.token, "pm_test_ok").await?.order.expect("an order");
    let seen = shop.status(&nosy.token).await?.order.expect("an order");
    assert_eq!((seen.id, &*seen.email, &*seen.ip), (order.id, "G***@example.com", "***"));
    assert!(seen.redacted.contains(&"shipping_address".to_owned()));
    Ok(())
}

/// OR-3: an unknown payment method, and an unknown or foreign token.
#[tokio::test]
async fn what_is_unknown_is_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let checkout = shop.checkout().await?;
    assert_eq!(reason(shop.capture(&checkout.token, "pm_gold").await), "payment_method_unknown");
    assert_eq!(reason(shop.capture("checkout_unknown", "pm_test_ok").await), "checkout_not_found");
    let foreign = shop.rig.actors.elsewhere().anonymous(payment(&checkout.token, "pm_test_ok"));
    assert_eq!(reason(shop.capture_by(foreign).await), "checkout_not_found");
    let mut sister = shop.rig.actors.elsewhere();
    sister.realm = shop.rig.actors.realm;
    let sister = sister.anonymous(payment(&checkout.token, "pm_test_ok"));
    assert_eq!(reason(shop.capture_by(sister).await), "checkout_not_found");
    let staff = shop.rig.actors.staff(&[], payment(&checkout.token, "pm_test_ok"));
    assert_eq!(reason(shop.capture_by(staff).await), "wrong_caller");
    assert_eq!(shop.count(PAYMENTS).await?, 0);
    Ok(())
}

/// PL-3: under the same key the stored answer comes back; another request under it is refused.
#[tokio::test]
async fn a_key_answers_as_before() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let checkout = shop.checkout().await?;
    let capture = |method: &'static str, key: &'static str| {
        shop.capture_by(keyed(shop.rig.actors.anonymous(payment(&checkout.token, method)), key, method))
    };
    let declined = capture("pm_test_declined", "key-1").await?;
    assert_eq!(declined.status, "declined");
    assert_eq!(capture("pm_test_declined", "key-1").await?, declined);
    assert_eq!(shop.count(PAYMENTS).await?, 1);
    assert_eq!(reason(capture("pm_test_ok", "key-1").await), "idempotency_mismatch");
    assert_eq!(capture("pm_test_ok", "key-2").await?.status, "completed");
    Ok(())
}

/// CU-2, ID-7: the same person buying again stays the same customer, whose id is told to nobody who only typed an
/// address; and the store's numbers go on.
#[tokio::test]
async fn the_same_person_buys_again() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let first = shop.capture(&shop.checkout().await?.token, "pm_test_ok").await?.order.expect("an order");
    let second = shop.capture(&shop.checkout().await?.token, "pm_test_ok").await?.order.expect("an order");
    let customers: Vec<String> =
        sqlx::query_scalar("select distinct customer_id::text from orders").fetch_all(shop.db.pool()).await?;
    assert_eq!((customers.len(), &*first.customer, &*second.customer), (1, "", ""));
    assert_eq!((&*first.number, &*second.number), ("1001", "1002"));
    assert_ne!(first.cart.parse::<CartId>()?, second.cart.parse::<CartId>()?);
    Ok(())
}
