//! What staff see who may not see personal data.
use e2e::{House, Member, Shop, http::text, mail, shop::customer};

/// Personal data of the buyer that must not be seen.
const PERSONAL: [&str; 5] =
    ["ada.lovelace@example.com", "Ada Lovelace", "Unter den Linden", "+4930901820", "127.0.0.1"];

/// ID-23: a moderator sees customers, orders and their states, and nothing that says who it was.
#[tokio::test]
async fn a_moderator_sees_no_personal_data() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let order = shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
    let ada = customer(&shop, "ada.lovelace@example.com").await?;
    mail::arrival(&house, "ada.lovelace@example.com", "Corner Shop").await?;
    let (customer_id, order_id) = (text(&ada, "/id")?, text(&order, "/id")?);
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    for path in [
        "customers".to_owned(),
        "leads".to_owned(),
        format!("customers/{customer_id}"),
        format!("customers/{customer_id}/profile"),
        format!("customers/{customer_id}/orders"),
        "orders".to_owned(),
        format!("orders/{order_id}"),
    ] {
        let clear = shop.owner.get(&format!("/admin/v1/{path}")).await?.expect(200)?.to_string();
        let masked = moderator.get(&format!("/admin/v1/{path}")).await?.expect(200)?.to_string();
        for secret in PERSONAL {
            assert!(!masked.contains(secret), "{path} shows {secret}: {masked}");
        }
        assert!(path == "leads" || clear.contains("Ada Lovelace"), "{path}: {clear}");
    }
    let seen = moderator.get(&format!("/admin/v1/customers/{customer_id}")).await?.expect(200)?;
    assert_eq!(text(&seen, "/email")?, "a***@example.com");
    assert!(seen["redacted"].as_array().is_some_and(|fields| fields.iter().any(|field| field == "email")));
    Ok(())
}

/// ID-23: search, filter and sort are no oracle for what is masked.
#[tokio::test]
async fn masked_data_cannot_be_guessed_by_searching() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
    customer(&shop, "ada.lovelace@example.com").await?;
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    let found = moderator.get("/admin/v1/customers?q=lovelace").await?.expect(200)?;
    assert_eq!(found["data"].as_array().map(Vec::len), Some(0));
    for query in ["filter[email][eq]=ada.lovelace@example.com", "filter[name][contains]=ada", "sort=name", "sort=-name"]
    {
        moderator.get(&format!("/admin/v1/customers?{query}")).await?.problem(403, "pii_required")?;
    }
    Ok(())
}

/// ID-22, ID-30: each role may do what it may, and is told what it lacks.
#[tokio::test]
async fn roles_may_do_what_they_may() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    let product = serde_json::json!({ "name": "Mug", "sku": "M", "kind": "physical", "price": { "amount": 1, "currency": "EUR" } });
    let refused = moderator.post("/admin/v1/products", &product).await?.problem(403, "permission_required")?;
    assert_eq!(refused["required_permission"], "catalog.write");
    moderator.get("/admin/v1/messages").await?.problem(403, "permission_required")?;
    let agent = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    agent.get("/admin/v1/messages").await?.expect(200)?;
    agent.get("/admin/v1/customers").await?.expect(200)?;
    Ok(())
}
