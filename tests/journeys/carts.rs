//! Carts that are not there, not yours, or closed.
use e2e::{House, Shop, eventually, http::text};
use serde_json::json;

/// CA-2: a cart that became an order never changes; asking for it gives a fresh one, and it cannot be bought again.
#[tokio::test]
async fn a_closed_cart_never_changes() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 1).await?;
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    let order = guest.capture(&token, "pm_test_ok").await?.expect(200)?;
    let fresh = eventually("the cart is closed", || async {
        let asked = guest.get(&format!("carts/{cart}")).await?.expect(200)?;
        Ok((asked["id"] != json!(cart)).then_some(asked))
    })
    .await?;
    assert_eq!(fresh["total_items"], 0);
    guest.post(&format!("carts/{cart}/{mug}"), &json!({ "quantity": 1 })).await?.problem(409, "cart_closed")?;
    let again = json!({ "cart": cart, "contact": { "email": "ada@example.com" }, "gateway": "test" });
    assert_eq!(guest.post("checkouts", &again).await?.status, 409);
    let closed: (String, String) =
        sqlx::query_as("select status, order_id::text from carts where order_id is not null")
            .fetch_one(&house.tables("carts").await?)
            .await?;
    assert_eq!(
        (closed.0.as_str(), closed.1.replace('-', "")),
        ("closed", text(&order, "/id")?["ord_".len()..].to_owned())
    );
    Ok(())
}

/// PL-4: an unknown cart and another store's cart are the same: not found.
#[tokio::test]
async fn foreign_carts_are_not_found() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (one, two) = (Shop::open(&house, "One", "EUR").await?, Shop::open(&house, "Two", "EUR").await?);
    let mug = one.product("MUG", 1_000).await?;
    let cart = one.guest().cart(&mug, 1).await?;
    let unknown = "cart_00000000000070008000000000000000";
    for id in [cart.as_str(), unknown] {
        let line = json!({ "quantity": 1 });
        two.guest().get(&format!("carts/{id}")).await?.problem(404, "cart_not_found")?;
        two.guest().post(&format!("carts/{id}/{mug}"), &line).await?.problem(404, "cart_not_found")?;
        let checkout = json!({ "cart": id, "contact": { "email": "ada@example.com" }, "gateway": "test" });
        two.guest().post("checkouts", &checkout).await?.problem(404, "cart_not_found")?;
    }
    one.guest()
        .post(&format!("carts/{cart}/prd_00000000000070008000000000000000"), &json!({}))
        .await?
        .problem(404, "product_not_found")?;
    Ok(())
}

/// CA-4: a client's price is ignored; the server's is charged.
#[tokio::test]
async fn a_clients_price_changes_nothing() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.get("carts").await?.expect(200)?;
    let path = format!("carts/{}/{mug}", text(&cart, "/id")?);
    let cheap = json!({ "quantity": 2, "price": 1, "subtotal": 2, "currency": "XXX" });
    let cart = guest.post(&path, &cheap).await?.expect(200)?;
    assert_eq!((&cart["subtotal"], &cart["total"], &cart["currency"]), (&json!(2_000), &json!(2_000), &json!("EUR")));
    Ok(())
}
