//! Nothing of one store's customer base is visible in another's.
use e2e::{House, Shop, http::text, shop::customer};
use serde_json::json;

/// PL-4: a customer, order and message of one store do not exist for the staff and customers of another.
#[tokio::test]
async fn another_stores_customer_does_not_exist() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (one, two) = (Shop::open(&house, "One", "EUR").await?, Shop::open(&house, "Two", "EUR").await?);
    let mug = one.product("MUG", 1_000).await?;
    let (rita, account) = one.register("rita@example.com", "Rita").await?;
    let order = rita.buy(&mug, "rita@example.com").await?;
    let (customer_id, order_id) = (text(&account, "/id")?, text(&order, "/id")?);
    customer(&one, "rita@example.com").await?;

    let list = two.owner.get("/admin/v1/customers?q=rita").await?.expect(200)?;
    assert_eq!(list["data"], json!([]));
    for path in ["customers/", "customers/{}/profile", "customers/{}/orders", "customers/{}/messages"] {
        let path = if path.contains("{}") { path.replace("{}", customer_id) } else { format!("{path}{customer_id}") };
        let answer = two.owner.get(&format!("/admin/v1/{path}")).await?;
        let nothing = answer.status == 404 || answer.body["data"] == json!([]);
        assert!(nothing, "{path}: {} {}", answer.status, answer.body);
    }
    two.owner.get(&format!("/admin/v1/orders/{order_id}")).await?.problem(404, "order_not_found")?;
    two.guest().get(&format!("orders/{order_id}")).await?.problem(401, "unauthenticated")?;
    let (olga, _) = two.register("olga@example.com", "Olga").await?;
    olga.get(&format!("orders/{order_id}")).await?.problem(404, "order_not_found")?;

    let abroad = two.guest().with_token(text(&account, "/token")?);
    abroad.get("customers/me").await?.problem(401, "unauthenticated")?;
    let login = json!({ "identity": "rita@example.com", "password": "a long enough password" });
    two.guest().post("customers/login", &login).await?.problem(401, "bad_credentials")?;
    Ok(())
}

/// PL-4, OR-2: one customer of a store never sees another's order or profile.
#[tokio::test]
async fn customers_see_only_their_own() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "One", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (rita, account) = shop.register("rita@example.com", "Rita").await?;
    let (sven, _) = shop.register("sven@example.com", "Sven").await?;
    let order = rita.buy(&mug, "rita@example.com").await?;
    rita.get(&format!("orders/{}", text(&order, "/id")?)).await?.expect(200)?;
    sven.get(&format!("orders/{}", text(&order, "/id")?)).await?.problem(404, "order_not_found")?;
    sven.get(&format!("customers/{}", text(&account, "/id")?)).await?.problem(404, "customer_not_found")?;
    assert_eq!(sven.get("customers/orders").await?.expect(200)?, json!([]));
    Ok(())
}
