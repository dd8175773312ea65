//! Offers and vouchers, from the desk to the receipt (CA-5).
use e2e::{House, Member, Shop, http::text};
use futures_util::future::join_all;
use serde_json::{Value, json};

fn amounts(order: &Value) -> (Option<i64>, Option<i64>, Option<i64>) {
    let amount = |part: &str| order[part]["amount"].as_i64();
    (amount("subtotal"), amount("discount"), amount("total"))
}

/// CA-5, CA-11, OR-1: what staff offer is taken off by itself, a code takes off more, the cart says why, and the order is
/// paid at that price and keeps the reasons. Prices that a client sends count nothing.
#[tokio::test]
async fn what_is_offered_is_taken_off() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_999).await?;
    let offer = json!({ "name": "Three for less", "percent": 10, "min_quantity": 3, "products": [product] });
    let offer = shop.owner.post("/admin/v1/offers", &offer).await?.expect(201)?;
    let voucher = json!({ "code": "spring", "amount": { "amount": 500, "currency": "EUR" } });
    let voucher = shop.owner.post("/admin/v1/vouchers", &voucher).await?.expect(201)?;
    let guest = shop.guest();
    let cart = guest.cart(&product, 3).await?;
    let unknown = guest.post(&format!("carts/{cart}/codes"), &json!({ "code": "SUMMER" })).await?;
    assert_eq!((unknown.status, unknown.body["code"].as_str()), (422, Some("code_unknown")));
    let entered = json!({ "code": "Spring", "amount": 5_000 });
    let shown = guest.post(&format!("carts/{cart}/codes"), &entered).await?.expect(200)?;
    assert_eq!(
        (&shown["subtotal"], &shown["discount"], &shown["total"]),
        (&json!(5_997), &json!(1_100), &json!(4_897))
    );
    assert_eq!(shown["discounts"][0]["id"], offer["id"]);
    assert_eq!(
        shown["discounts"][1],
        json!({ "id": voucher["id"], "name": "spring", "code": "SPRING", "amount": 500 })
    );
    assert_eq!((&shown["discount_code"], &shown["items"][0]["discount"]), (&json!("SPRING"), &json!(1_100)));
    let checkout = guest.checkout(&cart, "grace@example.com", "test").await?;
    let order = guest.capture(&checkout, "pm_test_ok").await?.expect(200)?;
    let order = shop.owner.get(&format!("/admin/v1/orders/{}", text(&order, "/id")?)).await?.expect(200)?;
    assert_eq!(amounts(&order), (Some(5_997), Some(1_100), Some(4_897)));
    assert_eq!(order["discounts"][1]["code"], "SPRING");
    assert_eq!(order["transactions"][0]["amount"]["amount"], 4_897);
    Ok(())
}

/// CA-5: a voucher for one order is used by one of six who pay at once; the others are told so and pay nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_for_one_is_used_by_one() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_999).await?;
    let voucher = json!({ "code": "FIRST", "percent": 50, "max_uses": 1 });
    shop.owner.post("/admin/v1/vouchers", &voucher).await?.expect(201)?;
    let guests: Vec<_> = (0..6).map(|_| shop.guest()).collect();
    let mut checkouts = Vec::new();
    for (number, guest) in guests.iter().enumerate() {
        let cart = guest.cart(&product, 1).await?;
        guest.post(&format!("carts/{cart}/codes"), &json!({ "code": "FIRST" })).await?.expect(200)?;
        checkouts.push(guest.checkout(&cart, &format!("buyer{number}@example.com"), "test").await?);
    }
    let captures = guests.iter().zip(&checkouts).map(|(guest, checkout)| guest.capture(checkout, "pm_test_ok"));
    let mut outcomes = Vec::new();
    for answer in join_all(captures).await {
        let answer = answer?;
        outcomes.push((answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned()));
    }
    outcomes.sort();
    let refused = (409, "voucher_used_up".to_owned());
    assert_eq!(outcomes[0].0, 200);
    assert!(outcomes[1..].iter().all(|outcome| *outcome == refused), "{outcomes:?}");
    let orders = shop.owner.get("/admin/v1/orders").await?.expect(200)?;
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(1));
    Ok(())
}

/// ID-22, CA-4: staff enter codes for customers; who may only read the catalog changes no offers.
#[tokio::test]
async fn staff_enter_codes_and_readers_change_nothing() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_999).await?;
    let voucher = json!({ "code": "DESK", "percent": 12.5 });
    let voucher = shop.owner.post("/admin/v1/vouchers", &voucher).await?.expect(201)?;
    assert_eq!(voucher["percent"], json!(12.5));
    let agent = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    let cart = shop.guest().cart(&product, 2).await?;
    let path = format!("/admin/v1/carts/{cart}/codes");
    let shown = agent.post(&path, &json!({ "code": "desk" })).await?.expect(200)?;
    assert_eq!((&shown["discount"], &shown["codes"][0]["applied"]), (&json!(500), &json!(true)));
    let voucher = format!("/admin/v1/vouchers/{}", text(&voucher, "/id")?);
    agent.get(&voucher).await?.expect(200)?;
    let refused = agent.post("/admin/v1/vouchers", &json!({ "code": "MINE", "percent": 100 })).await?;
    assert_eq!((refused.status, refused.body["required_permission"].as_str()), (403, Some("catalog.write")));
    Ok(())
}
