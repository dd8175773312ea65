//! Links that staff send for a cart, and the page behind them.
use anyhow::{Context, ensure};
use e2e::{
    Buyer, House, Shop, eventually,
    http::{self, text},
    mail,
    shop::customer,
};
use reqwest::{Method, Response, header};
use serde_json::{Value, json};

/// A guest who has bought before, and a cart that staff have made for them.
async fn settle<'a>(shop: &'a Shop<'a>) -> anyhow::Result<(Value, String)> {
    let product = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&product, "grace@example.com").await?;
    let grace = customer(shop, "grace@example.com").await?;
    let cart = shop.owner.post("/admin/v1/carts", &json!({ "customer": grace["id"] })).await?.expect(201)?;
    let cart = text(&cart, "/id")?.to_owned();
    let items = format!("/admin/v1/carts/{cart}/items");
    let filled = shop.owner.post(&items, &json!({ "product": product, "quantity": 2 })).await?.expect(200)?;
    ensure!(filled["total"] == 2_000, "prices are the server's: {filled}");
    let line = text(&filled, "/items/0/id")?;
    shop.owner.patch(&format!("{items}/{line}"), &json!({ "quantity": 3 })).await?.expect(200)?;
    Ok((grace, cart))
}

/// The same of somebody else.
async fn settle_again(shop: &Shop<'_>) -> anyhow::Result<(Value, String)> {
    let product = shop.product("JUG", 2_000).await?;
    shop.guest().buy(&product, "eve@example.com").await?;
    let eve = customer(shop, "eve@example.com").await?;
    let cart = shop.owner.post("/admin/v1/carts", &json!({ "customer": eve["id"] })).await?.expect(201)?;
    let cart = text(&cart, "/id")?.to_owned();
    let item = json!({ "product": product });
    shop.owner.post(&format!("/admin/v1/carts/{cart}/items"), &item).await?.expect(200)?;
    Ok((eve, cart))
}

async fn link(shop: &Shop<'_>, cart: &str) -> anyhow::Result<(String, String)> {
    let made = shop.owner.post(&format!("/admin/v1/carts/{cart}/checkout-links"), &json!({})).await?.expect(201)?;
    let path = text(&made, "/url")?.split_once("/checkout/").context("an address")?.1.to_owned();
    Ok((format!("/checkout/{path}"), text(&made, "/id")?.to_owned()))
}

/// A form that our own page sends.
async fn send(house: &House, path: &str, cookie: &str, form: &[(&str, &str)]) -> anyhow::Result<Response> {
    let request = house.http.request(Method::POST, path).header("sec-fetch-site", "same-origin");
    Ok(request.header(header::COOKIE, cookie).form(form).send().await?)
}

/// The cookie that following a link sets; empty when it sets none.
fn cookie(answer: &Response) -> String {
    let set = answer.headers().get(header::SET_COOKIE).and_then(|set| set.to_str().ok()).unwrap_or_default();
    set.split(';').next().unwrap_or_default().to_owned()
}

async fn page(house: &House, cookie: &str) -> anyhow::Result<(u16, String)> {
    let answer = house.http.request(Method::GET, "/checkout").header(header::COOKIE, cookie).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// What the cookie holds as a Customer-Token.
fn signed_in<'a>(shop: &'a Shop<'a>, cookie: &str) -> anyhow::Result<Buyer<'a>> {
    Ok(shop.guest().with_token(cookie.split('.').nth(1).context("a token")?))
}

/// For three mugs.
const DETAILS: [(&str, &str); 10] = [
    ("name", "Grace Hopper"),
    ("phone", "+4930901820"),
    ("line1", "Unter den Linden 1"),
    ("line2", ""),
    ("city", "Berlin"),
    ("region", ""),
    ("postal_code", "10117"),
    ("country", "DE"),
    ("payment", "card"),
    ("total", "3000"),
];

/// CA-6: a link opens the cart as it was made, on any device, with the details filled in; looking at it changes nothing;
/// its one order is the customer's.
#[tokio::test]
async fn a_link_is_checked_out_once() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (grace, cart) = settle(&shop).await?;
    let sent = json!({ "send": true, "expires_in": 3_600 });
    let links = format!("/admin/v1/carts/{cart}/checkout-links");
    let made = shop.owner.post(&links, &sent).await?.expect(201)?;
    let mailed = mail::arrival(&house, "grace@example.com", "/checkout/cartlink_").await?;
    let url = text(&made, "/url")?;
    ensure!(mailed.text.contains(url), "the mail has the link");
    let path = url.split_once("/checkout/").map(|(_, rest)| format!("/checkout/{rest}")).context("an address")?;
    let looked = house.http.request(Method::GET, &path).send().await?;
    ensure!(looked.status() == 200 && cookie(&looked).is_empty() && !looked.text().await?.contains("grace"));

    let device = send(&house, &path, "", &[]).await?;
    assert_eq!((device.status().as_u16(), device.headers()["location"].to_str()?), (303, "/checkout"));
    let cookie = cookie(&device);
    let (status, shown) = page(&house, &cookie).await?;
    assert_eq!(status, 200, "{shown}");
    for part in ["30.00 EUR", "grace@example.com", "Ada Lovelace", "Unter den Linden 1", "Corner Shop"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let nowhere = DETAILS.map(|(name, value)| if name == "city" { (name, "") } else { (name, value) });
    let refused = send(&house, "/checkout", &cookie, &nowhere).await?;
    assert_eq!(refused.status(), 422, "an address without a town is told at once");
    let bought = send(&house, "/checkout", &cookie, &DETAILS).await?;
    assert_eq!(bought.status(), 200);
    assert!(bought.text().await?.contains("id=\"done\""), "it is not offered once more");
    let done = eventually("the cart is an order", || async {
        let (_, shown) = page(&house, &cookie).await?;
        Ok(shown.contains("id=\"done\"").then_some(shown))
    })
    .await?;
    assert!(done.contains("30.00 EUR"), "{done}");
    send(&house, "/checkout", &cookie, &DETAILS).await?;
    let of_grace = format!("/admin/v1/customers/{}/orders", text(&grace, "/id")?);
    let orders = shop.owner.get(&of_grace).await?.expect(200)?;
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(2), "the one from before, and one: {orders}");
    assert_eq!((&orders["data"][0]["total"]["amount"], &orders["data"][0]["ip"]), (&json!(3_000), &json!("127.0.0.1")));
    let listed = shop.owner.get(&links).await?.expect(200)?;
    assert_eq!((&listed["data"][0]["state"], &listed["data"][0]["url"]), (&json!("used"), &Value::Null));
    assert_eq!(send(&house, &path, "", &[]).await?.status(), 422, "one order for each link");
    Ok(())
}

/// CA-6, CA-11: the page of a link asks how the cart is shipped, shows what that and the tax come to before anything is paid,
/// and charges just that.
#[tokio::test]
async fn a_link_is_shipped_and_taxed() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (grace, cart) = settle(&shop).await?;
    let post = json!({ "name": "Post", "price": { "amount": 490, "currency": "EUR" } });
    let post = shop.owner.post("/admin/v1/shipping-methods", &post).await?.expect(201)?;
    let vat = json!({ "name": "VAT", "country": "DE", "rate": 1_900, "included": false, "class": "standard" });
    shop.owner.post("/admin/v1/tax-rates", &vat).await?.expect(201)?;
    let cookie = cookie(&send(&house, &link(&shop, &cart).await?.0, "", &[]).await?);
    let (_, shown) = page(&house, &cookie).await?;
    for part in ["35.70 EUR", "5.70 EUR", "Post, 4.90 EUR"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let pay = async |total: &'static str| {
        let others = DETAILS.into_iter().filter(|(name, _)| *name != "total");
        let details: Vec<_> = others.chain([("total", total), ("method", text(&post, "/id")?)]).collect();
        let answer = send(&house, "/checkout", &cookie, &details).await?;
        anyhow::Ok((answer.status().as_u16(), answer.text().await?))
    };
    let (status, changed) = pay("3570").await?;
    assert_eq!(status, 422, "shipping comes to it: {changed}");
    for part in ["41.53 EUR", "The cart has changed"] {
        assert!(changed.contains(part), "{part}: {changed}");
    }
    let (status, bought) = pay("4153").await?;
    assert_eq!(status, 200, "{bought}");
    let of_grace = format!("/admin/v1/customers/{}/orders", text(&grace, "/id")?);
    let order = shop.owner.get(&of_grace).await?.expect(200)?["data"][0].clone();
    assert_eq!((&order["total"]["amount"], &order["shipping"]["amount"]), (&json!(4_153), &json!(490)));
    Ok(())
}

/// ID-8, CA-6: a guest who came by a link saves no address and writes no review; what asks for fresh proof still does.
#[tokio::test]
async fn a_link_proves_nothing_freshly() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, cart) = settle(&shop).await?;
    let cookie = cookie(&send(&house, &link(&shop, &cart).await?.0, "", &[]).await?);
    let guest = signed_in(&shop, &cookie)?;
    let place = json!({ "name": "Grace", "line1": "Main street 1", "city": "Berlin", "country": "DE" });
    guest.post("customers/places", &place).await?.problem(403, "registration_required")?;
    let product = shop.owner.get("/admin/v1/products").await?.expect(200)?;
    let review = json!({ "subject": product["data"][0]["id"], "rating": 1, "content": "No." });
    guest.post("reviews", &review).await?.problem(403, "recent_sign_in_required")?;

    let (ada, account) = shop.register("ada@example.com", "Ada").await?;
    ada.get("customers/me").await?.expect(200)?;
    let own = shop.owner.post("/admin/v1/carts", &json!({ "customer": account["id"] })).await?.expect(201)?;
    let own = text(&own, "/id")?.to_owned();
    let item = json!({ "product": product["data"][0]["id"] });
    shop.owner.post(&format!("/admin/v1/carts/{own}/items"), &item).await?.expect(200)?;
    let answer = send(&house, &link(&shop, &own).await?.0, "", &[]).await?;
    let by_link = signed_in(&shop, &self::cookie(&answer))?;
    assert_eq!(by_link.get("customers/me").await?.expect(200)?["id"], account["id"], "it is their account");
    let number = json!({ "phone": "+4930901820" });
    by_link.post("customers/request-phone-verification", &number).await?.problem(403, "recent_sign_in_required")?;
    ada.post("customers/request-phone-verification", &number).await?.expect(200)?;
    for (path, body) in [
        ("reviews", review),
        ("customers/register-device", json!({ "token": "push-token", "platform": "ios" })),
        ("customers/logout-all", json!({})),
        ("customers/account-closure", json!({})),
    ] {
        by_link.post(path, &body).await?.problem(403, "recent_sign_in_required")?;
    }
    by_link.put("customers/consents", &json!({ "email": true })).await?.problem(403, "recent_sign_in_required")?;
    ada.get("customers/me").await?.expect(200)?;
    let password = json!({ "password": "another long password" });
    let refused = by_link.put("customers/password", &password).await?;
    ensure!(refused.status >= 400, "a link sets no password: {}", refused.body);
    Ok(())
}

/// ID-9, CA-6: an inactive customer's link opens nothing, and what it opened ends; so it does with a link that is revoked.
#[tokio::test]
async fn a_link_that_is_over_opens_nothing() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (grace, cart) = settle(&shop).await?;
    let (path, _) = link(&shop, &cart).await?;
    let first = cookie(&send(&house, &path, "", &[]).await?);
    assert_eq!(page(&house, &first).await?.0, 200);
    let of_grace = format!("/admin/v1/customers/{}", text(&grace, "/id")?);
    shop.owner.post(&format!("{of_grace}/inactivate"), &json!({ "reason": "asked" })).await?.expect(200)?;
    eventually("the session has ended", || async { Ok((page(&house, &first).await?.0 == 422).then_some(())) }).await?;
    let refused = send(&house, &path, "", &[]).await?;
    assert_eq!((refused.status().as_u16(), cookie(&refused)), (422, String::new()));
    shop.owner.post(&format!("{of_grace}/activate"), &json!({ "reason": "asked" })).await?.expect(200)?;
    assert_eq!(send(&house, &path, "", &[]).await?.status(), 422, "what was ended stays so");
    let (path, id) = link(&shop, &cart).await?;
    let second = cookie(&send(&house, &path, "", &[]).await?);
    assert_eq!(page(&house, &second).await?.0, 200, "active again, a new one opens");

    let revoke = shop.owner.request(Method::DELETE, &format!("/admin/v1/carts/{cart}/checkout-links/{id}"));
    http::send(revoke).await?.expect(200)?;
    assert_eq!(send(&house, &path, "", &[]).await?.status(), 422);
    eventually("its session has ended", || async { Ok((page(&house, &second).await?.0 == 422).then_some(())) }).await?;
    // A cookie that names another's cart shows nothing of it.
    let (_, other) = settle_again(&shop).await?;
    let third = cookie(&send(&house, &link(&shop, &other).await?.0, "", &[]).await?);
    let (kept, _) = third.rsplit_once('.').context("a cart")?;
    assert_eq!(page(&house, &third).await?.0, 200);
    assert_eq!(page(&house, &format!("{kept}.{cart}")).await?.0, 422);
    for wrong in ["", "__Host-patron_checkout=a.b.c", "__Host-patron_checkout=sto_1.customer_x.cart_1"] {
        assert_eq!(page(&house, wrong).await?.0, 422, "{wrong}");
    }
    Ok(())
}

/// OR-1, CA-6: the price shown is the price charged: when the cart has changed since, the page comes again and nothing is
/// bought.
#[tokio::test]
async fn the_price_shown_is_charged() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (grace, cart) = settle(&shop).await?;
    let cookie = cookie(&send(&house, &link(&shop, &cart).await?.0, "", &[]).await?);
    assert!(page(&house, &cookie).await?.1.contains("Buy for 30.00 EUR"));
    let product = shop.owner.get("/admin/v1/products").await?.expect(200)?["data"][0]["id"].clone();
    let items = format!("/admin/v1/carts/{cart}/items");
    shop.owner.post(&items, &json!({ "product": product, "quantity": 1 })).await?.expect(200)?;
    let refused = send(&house, "/checkout", &cookie, &DETAILS).await?;
    assert_eq!(refused.status(), 422);
    let shown = refused.text().await?;
    assert!(shown.contains("has changed") && shown.contains("Buy for 40.00 EUR"), "{shown}");
    let orders = format!("/admin/v1/customers/{}/orders", text(&grace, "/id")?);
    assert_eq!(shop.owner.get(&orders).await?.expect(200)?["data"].as_array().map(Vec::len), Some(1));
    let agreed = DETAILS.map(|(name, value)| if name == "total" { (name, "4000") } else { (name, value) });
    assert_eq!(send(&house, "/checkout", &cookie, &agreed).await?.status(), 200);
    let bought = shop.owner.get(&orders).await?.expect(200)?;
    assert_eq!(bought["data"][0]["total"]["amount"], 4_000);
    Ok(())
}

/// CA-6, CU-8, ID-10: a link opens nothing once all that was open was ended: by another e-mail address, or by the customer.
#[tokio::test]
async fn a_link_ends_with_everything_else() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (grace, cart) = settle(&shop).await?;
    let (path, _) = link(&shop, &cart).await?;
    assert_eq!(send(&house, &path, "", &[]).await?.status(), 303);
    let of_grace = format!("/admin/v1/customers/{}", text(&grace, "/id")?);
    shop.owner.patch(&of_grace, &json!({ "email": "hopper@example.com" })).await?.expect(200)?;
    eventually("the link has ended", || async {
        Ok((send(&house, &path, "", &[]).await?.status() == 422).then_some(()))
    })
    .await?;
    let (fresh, _) = link(&shop, &cart).await?;
    assert_eq!(send(&house, &fresh, "", &[]).await?.status(), 303, "one that was made since leads there");
    Ok(())
}
