//! Shipping and tax, from the store's tables to the refund (CA-11, OR-1).
use e2e::{
    Answer, Buyer, House, Shop,
    http::{send, text},
};
use reqwest::Method;
use serde_json::{Value, json};

async fn method(shop: &Shop<'_>, name: &str, price: i64, countries: &[&str]) -> anyhow::Result<String> {
    let body = json!({ "name": name, "price": { "amount": price, "currency": "EUR" }, "countries": countries,
                       "free_from": { "amount": 10_000, "currency": "EUR" } });
    let made = shop.owner.post("/admin/v1/shipping-methods", &body).await?.expect(201)?;
    Ok(text(&made, "/id")?.to_owned())
}

async fn tax(shop: &Shop<'_>, (country, class): (&str, &str), rate: u32, included: bool) -> anyhow::Result<String> {
    let body = json!({ "name": "VAT", "country": country, "rate": rate, "included": included, "class": class });
    let made = shop.owner.post("/admin/v1/tax-rates", &body).await?.expect(201)?;
    Ok(format!("/admin/v1/tax-rates/{}", text(&made, "/id")?))
}

fn contact(email: &str, country: &str) -> Value {
    json!({ "email": email, "name": "Ada Lovelace",
            "addresses": [{ "line1": "Lindenstr. 5", "city": "Town", "postal_code": "10117", "country": country }] })
}

async fn begin(buyer: &Buyer<'_>, cart: &str, country: &str) -> anyhow::Result<Answer> {
    let body = json!({ "cart": cart, "gateway": "test", "contact": contact("ada@example.com", country) });
    buyer.post("checkouts", &body).await
}

async fn ship(buyer: &Buyer<'_>, cart: &str, method: &str) -> anyhow::Result<Answer> {
    buyer.put(&format!("carts/{cart}/shipping-method"), &json!({ "id": method })).await
}

fn sums(of: &Value) -> [i64; 5] {
    ["subtotal", "shipping", "tax", "included_tax", "total"].map(|name| {
        let sum = &of[name];
        sum.as_i64().or_else(|| sum["amount"].as_i64()).unwrap_or(-1)
    })
}

/// A cart with two mugs at 19.99 and a song at 9.90, taxed at home with 19 % on top and 7 % inside.
async fn cart(shop: &Shop<'_>, buyer: &Buyer<'_>) -> anyhow::Result<String> {
    let (mug, song) = (shop.product("MUG", 1_999).await?, shop.song("SONG", b"la la la").await?);
    shop.owner.patch(&format!("/admin/v1/products/{song}"), &json!({ "tax_class": "reduced" })).await?.expect(200)?;
    let cart = buyer.cart(&mug, 2).await?;
    buyer.post(&format!("carts/{cart}/{song}"), &json!({})).await?.expect(200)?;
    Ok(cart)
}

/// CA-11, OR-1, OR-5: something to ship and something digital are bought with shipping and tax, at the price that is shown;
/// what changes in between is told with the new total; all of it goes back.
#[tokio::test]
async fn shipping_and_tax_from_cart_to_refund() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let guest = shop.guest();
    let post = method(&shop, "Post", 490, &["DE"]).await?;
    let rate = tax(&shop, ("DE", "standard"), 1_900, false).await?;
    tax(&shop, ("DE", "reduced"), 700, true).await?;
    let cart = cart(&shop, &guest).await?;
    let shown = guest.get(&format!("carts/{cart}")).await?.expect(200)?;
    assert_eq!((sums(&shown), &shown["shipping_state"]), ([4_988, 0, 760, 65, 5_748], &json!("needed")));
    assert_eq!((&shown["items"][0]["tax"], &shown["items"][1]["included_tax"]), (&json!(760), &json!(65)));
    begin(&guest, &cart, "DE").await?.problem(409, "shipping_method_needed")?;
    let ways = guest.get(&format!("carts/{cart}/shipping-methods")).await?.expect(200)?;
    assert_eq!((&ways[0]["id"], &ways[0]["price"], &ways[0]["tax"]), (&json!(post), &json!(490), &json!(93)));
    let shown = ship(&guest, &cart, &post).await?.expect(200)?;
    assert_eq!((sums(&shown), &shown["shipping_method"]["name"]), ([4_988, 490, 853, 65, 6_331], &json!("Post")));
    let begun = begin(&guest, &cart, "DE").await?.expect(200)?;
    assert_eq!(begun["amount"], 6_331);
    let changed = json!({ "name": "VAT", "country": "DE", "rate": 1_600, "included": false, "class": "standard" });
    send(shop.owner.request(Method::PUT, &rate).json(&changed)).await?.expect(200)?;
    let refused = guest.capture(text(&begun, "/token")?, "pm_test_ok").await?;
    assert_eq!((refused.status, refused.body["code"].as_str()), (409, Some("price_changed")));
    assert_eq!(refused.body["amount"].to_string().trim_matches('"'), "6196", "{}", refused.body);
    let begun = begin(&guest, &cart, "DE").await?.expect(200)?;
    let order = guest.capture(text(&begun, "/token")?, "pm_test_ok").await?.expect(200)?;
    assert_eq!((sums(&order), &order["shipping_method"]["name"]), ([4_988, 490, 718, 65, 6_196], &json!("Post")));
    let at = format!("/admin/v1/orders/{}", text(&order, "/id")?);
    let seen = shop.owner.get(&at).await?.expect(200)?;
    assert_eq!((sums(&seen), &seen["lines"][0]["tax_rate"]), (sums(&order), &json!(1_600)));
    let back = shop.owner.request(Method::POST, &format!("{at}/refunds")).header("Idempotency-Key", "all");
    let back = send(back.json(&json!({ "reason": "All of it came back." }))).await?.expect(201)?;
    assert_eq!((&back["amount"]["amount"], &back["shipping"]["amount"]), (&json!(6_196), &json!(568)));
    let seen = shop.owner.get(&at).await?.expect(200)?;
    assert_eq!(seen["payment_status"], "refunded");
    Ok(())
}

/// CA-11, OR-1: where it goes decides: the address that the buyer gives counts, a way to ship that does not go there or was
/// withdrawn is told, and digital products are not shipped at all. Staff choose for a cart, too.
#[tokio::test]
async fn the_place_decides() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let guest = shop.guest();
    let near = method(&shop, "Near", 490, &["DE"]).await?;
    tax(&shop, ("DE", "standard"), 1_900, true).await?;
    tax(&shop, ("CH", "standard"), 800, false).await?;
    let cart = cart(&shop, &guest).await?;
    ship(&guest, &cart, &near).await?.expect(200)?;
    begin(&guest, &cart, "CH").await?.problem(409, "shipping_method_elsewhere")?;
    let far = method(&shop, "Far", 1_990, &[]).await?;
    guest.put(&format!("carts/{cart}/contact"), &contact("ada@example.com", "CH")).await?.expect(200)?;
    ship(&guest, &cart, &near).await?.problem(422, "shipping_method_elsewhere")?;
    let at = format!("/admin/v1/carts/{cart}");
    let ways = shop.owner.get(&format!("{at}/shipping-methods")).await?.expect(200)?;
    assert_eq!((&ways["data"][0]["id"], ways["data"].as_array().map(Vec::len)), (&json!(far), Some(1)));
    let chosen = shop.owner.patch(&at, &json!({ "shipping_method": far })).await?.expect(200)?;
    assert_eq!(sums(&chosen), [4_988, 1_990, 320 + 159, 0, 4_988 + 1_990 + 479]);
    let home = begin(&guest, &cart, "DE").await?.expect(200)?;
    assert_eq!(home["amount"], 4_988 + 1_990, "at home prices hold the tax");
    send(shop.owner.request(Method::DELETE, &format!("/admin/v1/shipping-methods/{far}"))).await?.expect(204)?;
    guest.capture(text(&home, "/token")?, "pm_test_ok").await?.problem(409, "shipping_method_withdrawn")?;
    let song = shop.song("SONG-2", b"la la").await?;
    let digital = guest.cart(&song, 1).await?;
    let begun = begin(&guest, &digital, "CH").await?.expect(200)?;
    assert_eq!(begun["amount"], 990 + 79);
    guest.capture(text(&begun, "/token")?, "pm_test_ok").await?.expect(200)?;
    Ok(())
}
