//! What happens when paying does not go straight.
use anyhow::Context;
use e2e::{House, Shop, eventually, http::text};
use reqwest::Method;
use serde_json::{Value, json};

/// OR-1: eight captures at once make one order and one charge; every one of them is told the same order.
#[tokio::test]
async fn eight_captures_make_one_order() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let cart = shop.guest().cart(&mug, 3).await?;
    let token = shop.guest().checkout(&cart, "ada@example.com", "test").await?;
    let captures = (0..8).map(|_| {
        let guest = shop.guest();
        let token = token.clone();
        async move { guest.capture(&token, "pm_test_ok").await?.expect(200) }
    });
    let orders: Vec<Value> = futures_util::future::try_join_all(captures).await?;
    assert!(orders.iter().all(|order| order["id"] == orders[0]["id"]), "{orders:?}");
    let orders = house.tables("orders").await?;
    let counts: (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from orders), (select count(*) from transactions where type = 'payment' and status = 'succeeded'),
                (select count(*) from test_gateway_charges where state = 'charged')",
    )
    .fetch_one(&orders)
    .await?;
    assert_eq!(counts, (1, 1, 1));
    Ok(())
}

/// OR-1, OR-3: a declined card leaves the cart open; another card then pays for the same order.
#[tokio::test]
async fn a_declined_card_can_be_replaced() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 1).await?;
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    guest.capture(&token, "pm_test_declined").await?.problem(422, "payment_declined")?;
    assert_eq!(guest.get(&format!("carts/{cart}")).await?.expect(200)?["id"], json!(cart));
    let orders = shop.owner.get("/admin/v1/orders").await?.expect(200)?;
    assert_eq!(orders["data"], json!([]), "nothing was bought");
    let order = guest.capture(&token, "pm_test_ok").await?.expect(200)?;
    let again = guest.capture(&token, "pm_test_ok").await?.expect(200)?;
    assert_eq!(order["id"], again["id"]);
    Ok(())
}

/// OR-3: a redirect tells where to go; the order waits meanwhile.
#[tokio::test]
async fn a_redirect_says_where_to_go() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 1).await?;
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    let answer = guest.capture(&token, "pm_test_redirect").await?.expect(200)?;
    assert_eq!(answer["status"], "redirect");
    assert!(text(&answer, "/redirect_url")?.starts_with(house.http.base()));
    let status = guest.get(&format!("checkouts/status?token={token}")).await?.expect(200)?;
    assert_eq!(status["status"], "redirect");
    Ok(())
}

/// What a browser shows at the address a shopper was sent to, or, with a decision, after pressing that button.
async fn press(house: &House, address: &str, decision: Option<&str>) -> anyhow::Result<String> {
    let path = address.strip_prefix(house.http.base()).context("a page of this house")?;
    if let Some(decision) = decision {
        let post = house.http.request(Method::POST, path).header("origin", house.http.base());
        let answer = post.form(&[("decision", decision)]).send().await?;
        anyhow::ensure!(answer.status() == 303, "{}", answer.status());
    }
    Ok(house.http.request(Method::GET, path).send().await?.error_for_status()?.text().await?)
}

/// OR-3: the shopper pays on the page they were sent to, once, and the order is placed.
#[tokio::test]
async fn a_redirect_is_paid_on_its_page() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 2).await?;
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    let answer = guest.capture(&token, "pm_test_redirect").await?.expect(200)?;
    let address = text(&answer, "/redirect_url")?;
    let page = press(&house, address, None).await?;
    assert!(page.contains("20.00 EUR") && page.contains("Corner Shop") && page.contains("<form"), "{page}");
    let status = guest.get(&format!("checkouts/status?token={token}")).await?.expect(200)?;
    assert_eq!(status["status"], "redirect", "looking decides nothing");
    for decision in ["pay", "pay", "decline"] {
        let page = press(&house, address, Some(decision)).await?;
        assert!(page.contains(">Paid<") && !page.contains("<form"), "{page}");
    }
    let order = guest.get(&format!("checkouts/status?token={token}")).await?.expect(200)?;
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("placed"), &json!("paid")), "{order}");
    let payments: (i64, i64) = sqlx::query_as(
        "select (select count(*) from transactions where type = 'payment' and status = 'succeeded'),
                (select count(*) from test_gateway_charges where state = 'charged')",
    )
    .fetch_one(&house.tables("orders").await?)
    .await?;
    assert_eq!(payments, (1, 1));
    Ok(())
}

/// OR-1, OR-3: a shopper who declines on the page keeps the cart, and pays with another card.
#[tokio::test]
async fn a_redirect_is_declined_on_its_page() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 1).await?;
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    let answer = guest.capture(&token, "pm_test_redirect").await?.expect(200)?;
    let page = press(&house, text(&answer, "/redirect_url")?, Some("decline")).await?;
    assert!(page.contains(">Not paid<"), "{page}");
    guest.get(&format!("checkouts/status?token={token}")).await?.problem(422, "payment_declined")?;
    assert_eq!(guest.get(&format!("carts/{cart}")).await?.expect(200)?["status"], "open");
    let order = guest.capture(&token, "pm_test_ok").await?.expect(200)?;
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("placed"), &json!("paid")), "{order}");
    Ok(())
}

/// OR-1: a gateway that does not answer in time leaves the order pending; what it did is found out and finished.
#[tokio::test]
async fn a_payment_that_timed_out_is_finished() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 1).await?;
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    let answer = guest.capture(&token, "pm_test_timeout").await?.expect(202)?;
    assert_eq!(answer["status"], "pending");
    let order = eventually("the reaper finishes it", || async {
        let answer = guest.get(&format!("checkouts/status?token={token}")).await?;
        Ok((answer.body["status"] == "placed").then_some(answer.body))
    })
    .await?;
    assert_eq!((&order["payment_status"], &order["total"]["amount"]), (&json!("paid"), &json!(1_000)), "{order}");
    Ok(())
}

/// OR-1: the price shown is the price charged; when it changed in between the new total is told and nothing is taken.
#[tokio::test]
async fn a_changed_price_is_not_charged() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 2).await?;
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    shop.reprice(&mug, 1_100).await?;
    let problem = guest.capture(&token, "pm_test_ok").await?.problem(409, "price_changed")?;
    assert_eq!(problem["amount"].to_string().trim_matches('"'), "2200", "{problem}");
    let charges: i64 = sqlx::query_scalar("select count(*) from test_gateway_charges")
        .fetch_one(&house.tables("orders").await?)
        .await?;
    assert_eq!(charges, 0);
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    let order = guest.capture(&token, "pm_test_ok").await?.expect(200)?;
    assert!(order.to_string().contains("2200"), "{order}");
    Ok(())
}

/// OR-3, CU-1: an invoice is accepted at once; it makes the customer, and no money has come in yet.
#[tokio::test]
async fn an_invoice_makes_a_customer_too() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 1).await?;
    let token = guest.checkout(&cart, "ada@example.com", "manual").await?;
    guest.post("checkouts/capture", &json!({ "token": token })).await?.expect(200)?;
    let ada = eventually("the order is counted", || async {
        let ada = e2e::shop::customer(&shop, "ada@example.com").await?;
        Ok(Some(ada).filter(|ada| ada["orders_count"] == 1))
    })
    .await?;
    assert_eq!((&ada["lifecycle"], &ada["total_spent"]), (&json!("customer"), &json!([])));
    Ok(())
}
