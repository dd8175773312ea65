//! Nothing that was acknowledged is lost, and nothing is done twice, whatever dies in between.
use std::time::Duration;

use e2e::{Buyer, Form, House, Shop, eventually, mail, shop::customer};
use serde_json::{Value, json};

/// What the books of the house say: orders placed, money that came in, charges the gateway knows of.
async fn books(house: &House) -> anyhow::Result<(i64, i64, i64)> {
    let books = sqlx::query_as(
        "select (select count(*) from orders where placed_at is not null),
                (select count(*) from transactions where type = 'payment' and status = 'succeeded'),
                (select count(*) from test_gateway_charges where state = 'charged')",
    );
    Ok(books.fetch_one(&house.tables("orders").await?).await?)
}

/// Waits until the gateway knows of a charge in this state, or of none when there is to be none.
async fn charge_under_way(house: &House) -> anyhow::Result<()> {
    let orders = house.tables("orders").await?;
    eventually("a payment is under way", || async {
        let started: i64 =
            sqlx::query_scalar("select count(*) from payments where state = 'started'").fetch_one(&orders).await?;
        Ok((started == 1).then_some(()))
    })
    .await
}

async fn killed_while_paying(method: &str) -> anyhow::Result<(House, String, String)> {
    let mut house = House::start(Form::Separate, Vec::new()).await?;
    let (key, token) = {
        let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
        let mug = shop.product("MUG", 1_000).await?;
        let cart = shop.guest().cart(&mug, 1).await?;
        let token = shop.guest().checkout(&cart, "ada@example.com", "test").await?;
        let paying = shop.guest().request(reqwest::Method::POST, "checkouts/capture");
        let paying = paying.json(&json!({ "token": token, "payment_method": method })).send();
        let paying = tokio::spawn(paying);
        charge_under_way(&house).await?;
        // The gateway has had time to hear of it; its answer is still far away.
        tokio::time::sleep(Duration::from_secs(1)).await;
        paying.abort();
        (shop.store.key.clone(), token)
    };
    house.kill("orders")?;
    house.revive("orders")?;
    house.ready().await?;
    Ok((house, key, token))
}

async fn status(house: &House, key: &str, token: &str) -> anyhow::Result<Value> {
    let path = format!("/storefront/v1/checkouts/status?token={token}");
    Ok(e2e::http::send(house.http.request(reqwest::Method::GET, &path).bearer_auth(key)).await?.body)
}

/// PL-2, OR-1: orders dies after the money was taken and before the order was placed; the order is placed, once.
#[tokio::test]
async fn a_payment_taken_before_a_crash_is_finished() -> anyhow::Result<()> {
    let (house, key, token) = killed_while_paying("pm_test_timeout").await?;
    let order = eventually("the payment is finished", || async {
        let status = status(&house, &key, &token).await?;
        Ok((status["status"] == "placed").then_some(status))
    })
    .await?;
    assert_eq!(order["payment_status"], "paid");
    assert_eq!(books(&house).await?, (1, 1, 1));
    mail::arrival(&house, "ada@example.com", "Corner Shop").await?;
    Ok(())
}

/// PL-2, OR-1: orders dies while the gateway has taken nothing; the payment is undone, and the cart can be paid again.
#[tokio::test]
async fn a_payment_not_taken_before_a_crash_is_undone() -> anyhow::Result<()> {
    let (house, key, token) = killed_while_paying("pm_test_timeout_lost").await?;
    eventually("the payment is undone", || async {
        let status = status(&house, &key, &token).await?;
        Ok(["open", "declined"]
            .iter()
            .any(|state| status["status"] == *state || status["code"] == "payment_declined")
            .then_some(()))
    })
    .await?;
    assert_eq!(books(&house).await?, (0, 0, 0));
    let body = json!({ "token": token, "payment_method": "pm_test_ok" });
    let capture = house.http.request(reqwest::Method::POST, "/storefront/v1/checkouts/capture").bearer_auth(&key);
    e2e::http::send(capture.json(&body)).await?.expect(200)?;
    assert_eq!(books(&house).await?, (1, 1, 1));
    Ok(())
}

/// PL-2: while the broker is down people go on buying; afterwards every consequence arrives, once.
#[tokio::test]
async fn a_broker_outage_delays_and_loses_nothing() -> anyhow::Result<()> {
    let mut house = House::one().await?;
    let (key, mug) = {
        let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
        (shop.store.clone(), shop.product("MUG", 1_000).await?)
    };
    house.broker.kill()?;
    let owner = e2e::Member::hire(&house, &key.id, "owner").await?;
    let shop = Shop { house: &house, store: key, owner };
    for _ in 0..3 {
        shop.guest().buy(&mug, "ada@example.com").await?;
    }
    assert_eq!(customer(&shop, "ada@example.com").await?["orders_count"], 0, "nobody has heard of them yet");
    let Shop { store, owner, .. } = shop;
    house.broker.revive()?;
    let shop = Shop { house: &house, store, owner };
    let ada = eventually("all three are counted", || async {
        let ada = customer(&shop, "ada@example.com").await?;
        Ok((ada["orders_count"] == 3 && ada["total_spent"][0]["amount"] == 3_000).then_some(ada))
    })
    .await?;
    assert_eq!(ada["lifecycle"], "customer");
    let sent = eventually("three confirmations", || async {
        Ok(Some(mail::to(&house, "ada@example.com")?.len()).filter(|count| *count == 3))
    });
    sent.await?;
    Ok(())
}

/// PL-2: when every event is delivered again, twice over, nothing changes any more.
#[tokio::test]
async fn events_delivered_three_times_count_once() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    buy_and_count(&shop, &shop.guest(), &mug, 1).await?;
    let broker = async_nats::jetstream::new(async_nats::connect(house.broker.url()).await?);
    for _ in 0..2 {
        let stream = broker.get_stream("patron_orders").await?;
        for consumer in ["customers", "carts", "notifications", "reviews"] {
            let had = stream.consumer_info(consumer).await?.delivered.consumer_sequence;
            assert!(had > 0, "{consumer} has had nothing yet");
            // A consumer that the broker has forgotten is made anew by its service, and starts from the beginning.
            stream.delete_consumer(consumer).await?;
            eventually(&format!("{consumer} has had everything again"), || async {
                let Ok(info) = stream.consumer_info(consumer).await else { return Ok(None) };
                let settled = info.num_pending == 0 && info.num_ack_pending == 0;
                Ok((settled && info.ack_floor.consumer_sequence >= had).then_some(()))
            })
            .await?;
        }
    }
    buy_and_count(&shop, &shop.guest(), &mug, 2).await?;
    let count: i64 =
        sqlx::query_scalar("select count(*) from dead_letters").fetch_one(&house.tables("customers").await?).await?;
    assert_eq!((count, mail::to(&house, "ada@example.com")?.len()), (0, 2));
    Ok(())
}

/// Buys one and waits until `count` orders are counted, and exactly as many confirmations are sent.
async fn buy_and_count(shop: &Shop<'_>, guest: &Buyer<'_>, product: &str, count: usize) -> anyhow::Result<()> {
    guest.buy(product, "ada@example.com").await?;
    eventually("the orders are counted", || async {
        let ada = customer(shop, "ada@example.com").await?;
        let spent = ada["total_spent"][0]["amount"] == json!(1_000 * count);
        let mails = mail::to(shop.house, "ada@example.com")?.len();
        Ok((ada["orders_count"] == json!(count) && spent && mails == count).then_some(()))
    })
    .await
}
