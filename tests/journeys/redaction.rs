//! What staff see who may not see personal data.
use anyhow::ensure;
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

/// ID-23: cursors, refusals, totals and expansions tell no more than the rows do, and a cursor of somebody who sees
/// personal data opens nothing for somebody who does not.
#[tokio::test]
async fn neither_cursors_nor_refusals_tell() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    for email in ["ada.lovelace@example.com", "grace.hopper@example.com"] {
        shop.guest().buy(&mug, email).await?;
        customer(&shop, email).await?;
    }
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    let sorted = shop.owner.get("/admin/v1/customers?sort=name&limit=1").await?.expect(200)?;
    let (clear, cursor) = (text(&sorted, "/data/0/email")?.to_owned(), text(&sorted, "/page/next")?.to_owned());
    ensure!(clear.contains("@example.com") && !cursor.contains("Lovelace"), "{sorted}");
    let list = "/admin/v1/customers?limit=1";
    moderator.get(&format!("{list}&sort=name&after={cursor}")).await?.problem(403, "pii_required")?;
    let refused = moderator.get(&format!("{list}&after={cursor}")).await?.problem(400, "invalid")?;
    assert_eq!(refused["violations"][0]["code"], "bad_cursor");
    let counted = moderator.get(&format!("{list}&include=total&q=lovelace")).await?.expect(200)?;
    assert_eq!(counted["page"]["total"], "0");
    let own = moderator.get(list).await?.expect(200)?;
    let next = moderator.get(&format!("{list}&after={}", text(&own, "/page/next")?)).await?.expect(200)?;
    let id = text(&own, "/data/0/id")?;
    let refusals = [
        moderator.get(&format!("/admin/v1/customers/{id}?expand=orders,default_address")).await?,
        moderator.get("/admin/v1/customers?filter[email][contains]=lovelace").await?,
        moderator.get("/admin/v1/customers?filter[orders_count][eq]=ada.lovelace@example.com").await?,
        moderator.get("/admin/v1/orders?filter[email][eq]=ada.lovelace@example.com").await?,
        moderator.get("/admin/v1/reviews?filter[author_name][eq]=Ada").await?,
    ];
    for refusal in refusals {
        ensure!([400, 403].contains(&refusal.status), "{}", refusal.body);
        for secret in PERSONAL {
            let asked = ["Ada Lovelace", "Unter den Linden", "+4930901820"].contains(&secret);
            ensure!(!asked || !refusal.body.to_string().contains(secret), "{secret}: {}", refusal.body);
        }
    }
    for page in [own, next] {
        ensure!(!page.to_string().contains("Lovelace") && !page.to_string().contains("hopper@"), "{page}");
    }
    Ok(())
}
