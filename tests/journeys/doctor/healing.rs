//! Each projection is broken by hand; the doctor finds exactly that.
use e2e::{Buyer, House, Shop, eventually, shop::customer};
use serde_json::{Value, json};
use sqlx::{PgPool, query};
use uuid::Uuid;

use super::clinic::{doctor, expected, healthy, uuid};

/// Somebody and what they bought.
pub struct Sale {
    pub customer: String,
    pub order: String,
    pub cart: String,
}

pub async fn sell(shop: &Shop<'_>, product: &str, name: &str) -> anyhow::Result<Sale> {
    let guest = shop.guest();
    let email = format!("{name}@example.com");
    let cart = guest.cart(product, 1).await?;
    let token = guest.checkout(&cart, &email, "test").await?;
    let order = guest.capture(&token, "pm_test_ok").await?.expect(200)?;
    let customer = customer(shop, &email).await?;
    Ok(Sale { customer: text(&customer["id"]), order: text(&order["id"]), cart })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn one(db: &PgPool, sql: &'static str, id: &str) -> anyhow::Result<()> {
    let done = query(sql).bind(uuid(id)?).execute(db).await?;
    assert!(done.rows_affected() >= 1, "{sql}");
    Ok(())
}

/// Who buys in the first of the journeys.
const BUYERS: [&str; 7] = ["ada", "bob", "carl", "dora", "erik", "fred", "gina"];

/// PL-2: what orders tell of and customers has lost or mistaken is found, told by id, and put right.
#[tokio::test]
async fn sums_and_rows_of_customers_are_healed() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let mut sales = Vec::new();
    for name in BUYERS {
        sales.push(sell(&shop, &mug, name).await?);
    }
    healthy(&house).await?;
    spoil_customers(&house.tables("customers").await?, &sales).await?;
    let [ada, bob, carl, dora, erik, fred, gina] = &sales[..] else { anyhow::bail!("seven people") };
    let payment: Uuid = query_payment(&house, &ada.order).await?;
    let payment = format!("txn_{}", payment.simple());
    let mut findings = expected([
        ("missing_order", vec![&ada.order, &gina.order]),
        ("missing_payment", vec![&payment]),
        ("wrong_spend", vec![&bob.customer, &gina.customer]),
        ("wrong_figures", vec![&carl.customer, &gina.customer]),
        ("lead_with_orders", vec![&dora.customer]),
        ("wrong_order", vec![&erik.order]),
        ("wrong_store_figures", vec![&fred.customer, &gina.customer]),
    ]);
    let round = doctor(&house, &["--grace", "0"]).await?;
    assert_eq!((round.status, round.findings()), (1, findings.clone()), "{}", round.report);
    let again = doctor(&house, &["--grace", "0"]).await?;
    assert_eq!(again.findings(), findings, "without --repair nothing is written");
    assert!(doctor(&house, &["--grace", "0", "--only", "carts,orders"]).await?.findings().is_empty());

    let round = doctor(&house, &["--grace", "0", "--repair"]).await?;
    // With her order gina's sums are as they were.
    for (kind, left) in
        [("wrong_spend", &bob.customer), ("wrong_figures", &carl.customer), ("wrong_store_figures", &fred.customer)]
    {
        findings.insert(kind.to_owned(), vec![left.clone()]);
    }
    assert_eq!((round.status, round.findings()), (0, findings), "{}", round.report);
    healthy(&house).await?;
    counted_once(&shop).await?;
    everything_again(&house).await?;
    healthy(&house).await?;
    counted_once(&shop).await
}

/// Breaks what customers know of each of the buyers, in another way.
async fn spoil_customers(db: &PgPool, sales: &[Sale]) -> anyhow::Result<()> {
    let [ada, bob, carl, dora, erik, fred, gina] = sales else { anyhow::bail!("seven people") };
    // As if the event had never come: neither the row nor what follows from it.
    one(db, "delete from customer_orders where order_id = $1", &ada.order).await?;
    one(db, "delete from customer_payments where order_id = $1", &ada.order).await?;
    one(db, "delete from customer_spend where customer_id = $1", &ada.customer).await?;
    one(db, "delete from customer_stores where customer_id = $1", &ada.customer).await?;
    one(
        db,
        "update customers set orders_count = 0, spent_base = 0, first_order_at = null, last_order_at = null,
           lifecycle = 'lead' where id = $1",
        &ada.customer,
    )
    .await?;
    one(db, "update customer_spend set captured = captured * 2 where customer_id = $1", &bob.customer).await?;
    one(db, "update customers set spent_base = 7 where id = $1", &carl.customer).await?;
    one(db, "update customers set lifecycle = 'lead' where id = $1", &dora.customer).await?;
    one(db, "update customer_orders set number = 'wrong' where order_id = $1", &erik.order).await?;
    one(db, "update customer_stores set orders_count = 9 where customer_id = $1", &fred.customer).await?;
    one(db, "delete from customer_orders where order_id = $1", &gina.order).await?;
    Ok(())
}

/// Each of the buyers has one order that is counted once.
async fn counted_once(shop: &Shop<'_>) -> anyhow::Result<()> {
    for name in BUYERS {
        let person = customer(shop, &format!("{name}@example.com")).await?;
        assert_eq!((&person["orders_count"], &person["lifecycle"]), (&json!(1), &json!("customer")), "{name}");
        assert_eq!(person["total_spent"][0]["amount"], 1_000, "{name}");
    }
    Ok(())
}

async fn query_payment(house: &House, order: &str) -> anyhow::Result<Uuid> {
    let sql = "select id from transactions where order_id = $1 and status = 'succeeded'";
    Ok(sqlx::query_scalar(sql).bind(uuid(order)?).fetch_one(&house.tables("orders").await?).await?)
}

/// Has all events of orders delivered once more, as new ones: the inbox has forgotten them.
pub async fn everything_again(house: &House) -> anyhow::Result<()> {
    query("delete from inbox").execute(&house.tables("customers").await?).await?;
    let broker = async_nats::jetstream::new(async_nats::connect(house.broker.url()).await?);
    let stream = broker.get_stream("patron_orders").await?;
    let sent = stream.cached_info().state.messages;
    stream.delete_consumer("customers").await?;
    eventually("customers has heard everything again", || async {
        let Ok(info) = stream.consumer_info("customers").await else { return Ok(None) };
        let settled = info.num_pending == 0 && info.num_ack_pending == 0;
        Ok((settled && info.ack_floor.consumer_sequence >= sent).then_some(()))
    })
    .await
}

/// PL-2: carts, confirmations and purchases are compared with the orders, both ways.
#[tokio::test]
async fn what_others_know_of_orders_is_healed() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (ada, bob, carl) =
        (sell(&shop, &mug, "ada").await?, sell(&shop, &mug, "bob").await?, sell(&shop, &mug, "carl").await?);
    let unsold = shop.guest().cart(&mug, 1).await?;
    healthy(&house).await?;
    let stray = spoil_others(&house, [&ada, &bob, &carl], &unsold).await?;
    // A cart that names another order is wrong from both ends, until the first is put right.
    let found = |strays| {
        expected([
            ("open_cart", vec![&*ada.cart]),
            ("wrong_cart_order", vec![&*bob.cart]),
            ("closed_cart_without_order", strays),
            ("missing_confirmation", vec![&*ada.order]),
            ("stray_confirmation", vec![&*stray]),
            ("missing_purchase", vec![&*bob.order]),
            ("stray_purchase", vec![&*carl.customer]),
        ])
    };
    let round = doctor(&house, &["--grace", "0"]).await?;
    // That a cart is open again nobody was told.
    let mut spoilt = found(vec![&*unsold, &*bob.cart]);
    spoilt.extend(expected([("missing_cart", vec![&*ada.cart])]));
    assert_eq!((round.status, round.findings()), (1, spoilt), "{}", round.report);
    let round = doctor(&house, &["--grace", "0", "--repair"]).await?;
    assert_eq!((round.status, round.findings()), (0, found(vec![&*unsold])), "{}", round.report);
    healthy(&house).await?;
    eventually("the confirmation is sent after all", || async {
        Ok(Some(e2e::mail::to(&house, "ada@example.com")?.len()).filter(|count| *count == 2))
    })
    .await?;
    Ok(())
}

/// Breaks what carts, notifications and reviews know of three sales; answers a confirmation of no order.
async fn spoil_others(house: &House, [ada, bob, carl]: [&Sale; 3], unsold: &str) -> anyhow::Result<String> {
    let carts = house.tables("carts").await?;
    one(&carts, "update carts set status = 'open', order_id = null where id = $1", &ada.cart).await?;
    one(&carts, "update carts set order_id = gen_random_uuid() where id = $1", &bob.cart).await?;
    one(&carts, "update carts set status = 'closed', order_id = gen_random_uuid() where id = $1", unsold).await?;
    let messages = house.tables("notifications").await?;
    query("delete from messages where reference = $1").bind(&ada.order).execute(&messages).await?;
    let stray = stray_message(&messages, &bob.order).await?;
    let reviews = house.tables("reviews").await?;
    one(&reviews, "delete from purchases where customer_id = $1 and subject_kind = 'product'", &bob.customer).await?;
    one(
        &reviews,
        "insert into purchases select realm_id, customer_id, 'product', gen_random_uuid() from purchases
         where customer_id = $1 and subject_kind = 'store'",
        &carl.customer,
    )
    .await?;
    Ok(stray)
}

/// A confirmation of an order that there is not, due so late that nobody tries to send it.
async fn stray_message(db: &PgPool, like: &str) -> anyhow::Result<String> {
    let (order, message) = (Uuid::from_u128(8), Uuid::from_u128(7));
    query(
        "insert into messages (realm_id, id, store_id, channel, template, reference, status, next_attempt_at, created_at)
         select realm_id, $2, store_id, channel, template, $3, 'queued', now() + interval '1 day', created_at
         from messages where reference = $1",
    )
    .bind(like)
    .bind(message)
    .bind(format!("ord_{}", order.simple()))
    .execute(db)
    .await?;
    Ok(format!("msg_{}", message.simple()))
}

async fn review(rita: &Buyer<'_>, product: &str) -> anyhow::Result<String> {
    let body = json!({ "subject": product, "rating": 5, "content": "Holds coffee." });
    let review = rita.post("reviews", &body).await?;
    assert!(review.status < 300, "{}", review.body);
    Ok(text(&review.body["id"]))
}

/// PL-2: reviews and accounts are compared with their owners; strays are asked about before they go.
#[tokio::test]
async fn reviews_accounts_and_strays_are_healed() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (mug, pot) = (shop.product("MUG", 1_000).await?, shop.product("POT", 2_000).await?);
    let (rita, account) = shop.register("rita@example.com", "Rita Reader").await?;
    rita.buy(&mug, "rita@example.com").await?;
    let (first, second) = (review(&rita, &mug).await?, review(&rita, &pot).await?);
    let (hugo, ida) = (sell(&shop, &mug, "hugo").await?, sell(&shop, &mug, "ida").await?);
    healthy(&house).await?;
    let (rita_id, db) = (text(&account["id"]), house.tables("customers").await?);
    one(&db, "delete from customer_reviews where review_id = $1", &first).await?;
    let gone = house.tables("reviews").await?;
    one(&gone, "delete from reviews where id = $1", &second).await?;
    one(&db, "update customers set registration = 'guest', registered_at = null where id = $1", &rita_id).await?;
    let stray = stray_rows(&db, &hugo.order, &ida.order).await?;
    let round = doctor(&house, &["--grace", "0"]).await?;
    let (order, payment) = (format!("ord_{}", stray.simple()), format!("txn_{}", stray.simple()));
    let sums = vec![&*rita_id, &*hugo.customer, &*ida.customer];
    let rows = [
        ("missing_review", vec![&*first]),
        ("stray_review", vec![&*second]),
        ("guest_with_account", vec![&*rita_id]),
        ("stray_order", vec![&*order]),
        ("stray_payment", vec![&*payment]),
    ];
    let mut all = expected(rows.clone());
    all.extend(expected([
        ("wrong_figures", sums.clone()),
        ("wrong_store_figures", sums),
        ("wrong_spend", vec![&*hugo.customer, &*ida.customer]),
    ]));
    assert_eq!((round.status, round.findings()), (1, all), "{}", round.report);
    let round = doctor(&house, &["--grace", "0", "--repair"]).await?;
    assert_eq!((round.status, round.findings()), (0, expected(rows)), "{}", round.report);
    healthy(&house).await?;
    let rita = customer(&shop, "rita@example.com").await?;
    assert_eq!((&rita["orders_count"], &rita["registration"]), (&json!(1), &json!("registered")));
    Ok(())
}

/// Has an order and a payment counted that there are not, each like one that there is; answers the id of both.
async fn stray_rows(db: &PgPool, order: &str, paid: &str) -> anyhow::Result<Uuid> {
    let stray = Uuid::from_u128(77);
    query(
        "insert into customer_orders select realm_id, $2, customer_id, store_id, 'stray', placed_at, currency
         from customer_orders where order_id = $1",
    )
    .bind(uuid(order)?)
    .bind(stray)
    .execute(db)
    .await?;
    query(
        "insert into customer_payments select realm_id, $2, customer_id, store_id, order_id, currency, amount,
           captured_at from customer_payments where order_id = $1",
    )
    .bind(uuid(paid)?)
    .bind(stray)
    .execute(db)
    .await?;
    Ok(stray)
}

/// PL-2: what the doctor cannot put right it tells, with what to do, and ends with 1.
#[tokio::test]
async fn what_cannot_be_healed_is_told() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (ada, bob) = (sell(&shop, &mug, "ada").await?, sell(&shop, &mug, "bob").await?);
    let cart = shop.guest().cart(&mug, 1).await?;
    let token = shop.guest().checkout(&cart, "carl@example.com", "test").await?;
    assert!(shop.guest().capture(&token, "pm_test_declined").await?.status >= 400);
    healthy(&house).await?;
    let (draft, letter) = spoil_for_good(&house, &ada.order, &bob.order).await?;
    let found = expected([
        ("wrong_order_sum", vec![&*ada.order]),
        ("stuck_payment", vec![&*bob.order]),
        ("payment_without_order", vec![&*draft]),
        ("payment_without_entry", vec![&*draft]),
        ("dead_letter", vec![&*letter]),
    ]);
    for args in [&["--grace", "0"][..], &["--grace", "0", "--repair"]] {
        let round = doctor(&house, args).await?;
        assert_eq!((round.status, round.findings()), (1, found.clone()), "{}", round.report);
        assert_eq!(round.repaired("wrong_order_sum"), 0);
    }
    Ok(())
}

/// Breaks what nobody but a person can put right; answers an order that is paid without being placed, and a dead letter.
async fn spoil_for_good(house: &House, sum: &str, stuck: &str) -> anyhow::Result<(String, String)> {
    let (orders, customers) = (house.tables("orders").await?, house.tables("customers").await?);
    one(&orders, "update order_lines set quantity = 2, subtotal = price * 2 where order_id = $1", sum).await?;
    one(
        &orders,
        "update payments set state = 'started', lease_until = now() + interval '1 day',
         created_at = now() - interval '1 hour' where order_id = $1",
        stuck,
    )
    .await?;
    let draft: Uuid =
        sqlx::query_scalar("update payments set state = 'captured' where state = 'failed' returning order_id")
            .fetch_one(&orders)
            .await?;
    let draft = format!("ord_{}", draft.simple());
    let letter = Uuid::from_u128(5);
    query("insert into dead_letters (event_id, subject, payload, error) values ($1, 'patron.x.v1.Y', '', 'broken')")
        .bind(letter)
        .execute(&customers)
        .await?;
    Ok((draft, letter.to_string()))
}
