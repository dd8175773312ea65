//! What stores sell: once and by plan, in bundles, with shipping and taxes beside it.
use e2e::{House, Shop, eventually, http::send, http::text};
use reqwest::Method;
use serde_json::{Value, json};

fn euros(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// An album of one song, sold for 9.99 once or for 1.99 each month.
async fn album(shop: &Shop<'_>) -> anyhow::Result<Value> {
    let song = json!({ "name": "Song", "sku": "SONG", "kind": "digital", "price": euros(99) });
    let song = shop.owner.post("/admin/v1/products", &song).await?.expect(201)?;
    let plan = json!({ "name": "Monthly", "interval": "month", "count": 1, "price": euros(199) });
    let album = json!({
        "name": "Field recordings", "sku": "ALBUM", "kind": "digital", "package": "bundle", "price": euros(999),
        "contents": [song["id"]], "plans": [plan], "renewal_targets": [{ "name": "Main server" }],
        "renewal_target_changeable": true, "tax_class": "reduced",
    });
    shop.owner.post("/admin/v1/products", &album).await?.expect(201)
}

/// CA-1, CA-4: staff put a product with a plan into a customer's cart, once and recurring, found by its name and by its SKU;
/// what was bought stays in the order as it was, and the product stays for ever.
#[tokio::test]
async fn a_recurring_line_becomes_an_order() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let made = album(&shop).await?;
    let (id, plan) = (text(&made, "/id")?, text(&made, "/plans/0/id")?);
    let found =
        shop.owner.get("/admin/v1/products?q=field&filter[package][eq]=bundle&filter[plans][exists]=true").await?;
    assert_eq!(found.expect(200)?["data"][0]["id"], made["id"]);
    let shown = shop.guest().get(&format!("products/{id}")).await?.expect(200)?;
    assert_eq!((&shown["price"], &shown["plans"][0]["price"]["amount"]), (&json!(999), &json!(199)));
    let (ada, account) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let cart = shop.owner.post("/admin/v1/carts", &json!({ "customer": account["id"] })).await?.expect(201)?;
    let items = format!("/admin/v1/carts/{}/items", text(&cart, "/id")?);
    shop.owner.post(&items, &json!({ "sku": "ALBUM", "quantity": 2 })).await?.expect(200)?;
    shop.owner.post(&items, &json!({ "sku": "NOTHING" })).await?.problem(404, "product_not_found")?;
    shop.owner.post(&items, &json!({ "sku": "ALBUM", "product": id })).await?.problem(422, "product_or_sku")?;
    let full = shop.owner.post(&items, &json!({ "product": id, "plan": plan })).await?.expect(200)?;
    assert_eq!((&full["total"], full["total_unique_items"].as_u64()), (&json!(2 * 999 + 199), Some(2)));
    assert_eq!((&full["items"][0]["plan"], &full["items"][1]["plan"]["id"]), (&Value::Null, &made["plans"][0]["id"]));
    let order = ada.checkout(text(&cart, "/id")?, "ada@example.com", "test").await?;
    let order = ada.capture(&order, "pm_test_ok").await?.expect(200)?;
    let path = format!("/admin/v1/orders/{}", text(&order, "/id")?);
    let order = shop.owner.get(&path).await?.expect(200)?;
    let lines = order["lines"].as_array().cloned().unwrap_or_default();
    assert_eq!(lines.iter().map(|line| &line["package"]).collect::<Vec<_>>(), [&json!("bundle"); 2]);
    assert_eq!(
        lines.iter().map(|line| &line["plan"]["id"]).collect::<Vec<_>>(),
        [&Value::Null, &made["plans"][0]["id"]]
    );
    eventually("the product is known to be sold", || async {
        let asked = shop.owner.request(Method::DELETE, &format!("/admin/v1/products/{id}")).header("If-Match", "\"7\"");
        let stale = send(asked).await?;
        anyhow::ensure!(stale.status == 412, "{}", stale.status);
        let sold: bool = sqlx::query_scalar("select sold from products where sku = 'ALBUM'")
            .fetch_one(&house.tables("catalog").await?)
            .await?;
        Ok(sold.then_some(()))
    })
    .await?;
    let delete = shop.owner.request(Method::DELETE, &format!("/admin/v1/products/{id}"));
    send(delete).await?.problem(409, "product_sold")?;
    Ok(())
}

/// CA-1, API §5: a change is a merge patch: what is left out stays, null takes the price away, and a plan that is left out
/// is no longer offered.
#[tokio::test]
async fn a_product_is_patched() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let made = album(&shop).await?;
    let path = format!("/admin/v1/products/{}", text(&made, "/id")?);
    let patch = async |body: Value| send(shop.owner.request(Method::PATCH, &path).json(&body)).await;
    let bare = patch(json!({ "price": null, "sku": "ALBUM-2" })).await?.expect(200)?;
    assert_eq!((&bare["price"], &bare["sku"], &bare["plans"]), (&Value::Null, &json!("ALBUM-2"), &made["plans"]));
    let shown = shop.guest().get(&format!("products/{}", text(&made, "/id")?)).await?.expect(200)?;
    assert_eq!((&shown["price"], &shown["is_subscription"]), (&json!(199), &json!(true)));
    patch(json!({ "plans": [] })).await?.problem(422, "unsuited")?;
    patch(json!({ "contents": [made["id"]] })).await?.problem(422, "contents_circular")?;
    patch(json!({ "sku": "SONG" })).await?.problem(409, "sku_taken")?;
    let priced = patch(json!({ "price": euros(1_099), "plans": null, "contents": null })).await?.expect(200)?;
    assert_eq!((&priced["plans"][0]["active"], &priced["contents"]), (&json!(false), &json!([])));
    let table = json!({ "table": "sku,name,price,kind\nSONG,Song two,\nEP,Short album,499,digital\n" });
    let faulty = shop.owner.post("/admin/v1/products/import", &table).await?;
    faulty.problem(422, "unsuited")?;
    let table = json!({ "table": "sku,name,price,kind\nSONG,Song two,,\nEP,Short album,499,digital\n" });
    let report = shop.owner.post("/admin/v1/products/import", &table).await?.expect(200)?;
    assert_eq!((&report["created"], &report["updated"], &report["applied"]), (&json!(1), &json!(1), &json!(true)));
    Ok(())
}

/// CA-11: a store keeps its ways to ship and its tax rates.
#[tokio::test]
async fn a_store_ships_and_taxes() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let post = json!({ "name": "Post", "price": euros(490), "free_from": euros(5_000), "countries": ["DE"] });
    let made = shop.owner.post("/admin/v1/shipping-methods", &post).await?.expect(201)?;
    let path = format!("/admin/v1/shipping-methods/{}", text(&made, "/id")?);
    let dearer = json!({ "name": "Post", "price": euros(590) });
    let put =
        send(shop.owner.request(Method::PUT, &path).header("If-Match", "\"1\"").json(&dearer)).await?.expect(200)?;
    assert_eq!((&put["free_from"], &put["countries"], &put["version"]), (&Value::Null, &json!([]), &json!(2)));
    send(shop.owner.request(Method::DELETE, &path).header("If-Match", "\"1\"")).await?.problem(412, "stale_version")?;
    let vat = json!({ "name": "VAT", "country": "DE", "rate": 1_900, "included": true });
    shop.owner.post("/admin/v1/tax-rates", &vat).await?.expect(201)?;
    shop.owner.post("/admin/v1/tax-rates", &vat).await?.problem(409, "tax_rate_taken")?;
    let rates = shop.owner.get("/admin/v1/tax-rates").await?.expect(200)?;
    assert_eq!((&rates["data"][0]["class"], rates["data"].as_array().map(Vec::len)), (&json!("standard"), Some(1)));
    Ok(())
}
