//! The cart editor of the console, form by form, on the whole house (CA-4 to CA-8).
use anyhow::{Context, ensure};
use e2e::{House, Member, Shop, eventually, http::text, mail};
use reqwest::{Method, header::LOCATION};
use serde_json::{Value, json};

/// A page of the console, or what a form of it came to.
struct Seen {
    status: u16,
    location: String,
    text: String,
}

impl Seen {
    /// The page, which has to hold each of `texts`.
    fn shows(&self, status: u16, texts: &[&str]) -> anyhow::Result<&str> {
        ensure!(self.status == status, "{} instead of {status}: {}", self.status, self.text);
        for text in texts {
            ensure!(self.text.contains(text), "{text} in {}", self.text);
        }
        Ok(&self.text)
    }

    /// The version that its forms were made for.
    fn version(&self) -> anyhow::Result<&str> {
        let field = self.text.split("name=\"version\" value=\"").nth(1).context("a form")?;
        Ok(field.split('"').next().unwrap_or_default())
    }
}

/// Somebody of the staff in front of the console.
struct Desk<'a> {
    house: &'a House,
    who: &'a Member,
}

impl Desk<'_> {
    async fn send(&self, path: &str, form: Option<&[(&str, &str)]>) -> anyhow::Result<Seen> {
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let cookie = format!("__Host-patron_staff={}", self.who.token);
        let asked = self.house.http.request(method, path).header("cookie", cookie);
        let asked = asked.header("sec-fetch-site", "same-origin");
        let answer = form.map_or(asked.try_clone().context("no stream")?, |form| asked.form(form)).send().await?;
        let location = answer.headers().get(LOCATION).and_then(|at| at.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Seen { status: answer.status().as_u16(), location, text: answer.text().await? })
    }

    async fn get(&self, path: &str) -> anyhow::Result<Seen> {
        self.send(path, None).await
    }

    /// Sends a form of the page of `cart` as it is now.
    async fn does(&self, cart: &str, what: &str, form: &[(&str, &str)]) -> anyhow::Result<Seen> {
        let seen = self.get(cart).await?;
        let form = [&[("version", seen.version()?)], form].concat();
        self.send(&format!("{cart}/{what}"), Some(&form)).await
    }

    /// Opens a cart for `customer`; answers the address of its page.
    async fn opens(&self, customer: &Value, key: &str) -> anyhow::Result<String> {
        let path = format!("/console/customers/{}/carts", text(customer, "/id")?);
        let opened = self.send(&path, Some(&[("key", key)])).await?;
        opened.shows(303, &[])?;
        Ok(opened.location)
    }
}

/// Somebody of the staff who may do no more than this.
async fn limited(shop: &Shop<'_>, permissions: &[&str]) -> anyhow::Result<Member> {
    let role = json!({ "name": permissions.join(" "), "permissions": permissions });
    let role = shop.owner.post("/admin/v1/roles", &role).await?.expect(201)?;
    let member = Member::hire(shop.house, &shop.store.id, "moderator").await?;
    let me = member.get("/admin/v1/me").await?.expect(200)?;
    let path = format!("/admin/v1/staff/{}", text(&me, "/id")?);
    shop.owner.patch(&path, &json!({ "role": role["id"] })).await?.expect(200)?;
    Ok(member)
}

/// The cart as the API tells it.
async fn told(shop: &Shop<'_>, cart: &str) -> anyhow::Result<Value> {
    shop.owner.get(&cart.replace("/console/", "/admin/v1/")).await?.expect(200)
}

/// A box that is sold once and by the month.
async fn sell_box(shop: &Shop<'_>) -> anyhow::Result<(String, String)> {
    let euros = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
    let plan = json!({ "name": "Monthly", "interval": "month", "count": 1, "price": euros(900) });
    let product =
        json!({ "name": "Box of tea", "sku": "BOX", "kind": "digital", "price": euros(1_000), "plans": [plan] });
    let product = shop.owner.post("/admin/v1/products", &product).await?.expect(201)?;
    Ok((text(&product, "/id")?.to_owned(), text(&product, "/plans/0/id")?.to_owned()))
}

/// CA-4, CA-8: an agent opens a cart from the customer's page, once however often the button is pressed, finds products by
/// their name, adds others by their SKU, changes how many and by which plan, and takes out again; prices are the server's.
#[tokio::test]
async fn staff_fill_a_cart_in_the_editor() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_250).await?;
    let (tea, plan) = sell_box(&shop).await?;
    let (_, ada) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let agent = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    let desk = Desk { house: &house, who: &agent };
    let profile = format!("/console/customers/{}", text(&ada, "/id")?);
    desk.get(&profile).await?.shows(200, &["Open a new cart"])?;
    let cart = desk.opens(&ada, "one").await?;
    ensure!(desk.opens(&ada, "one").await? == cart, "one press, one cart");
    ensure!(desk.opens(&ada, "two").await? != cart, "another press, another cart");
    desk.get(&cart).await?.shows(200, &["Cart of Ada Lovelace", "Nothing is in this cart yet", "Corner Shop"])?;

    let added = desk.does(&cart, "items", &[("sku", " MUG "), ("quantity", "2"), ("price", "1")]).await?;
    ensure!(added.status == 303 && added.location == format!("{cart}#lines"), "{} {}", added.status, added.text);
    let seen = desk.get(&cart).await?;
    seen.shows(200, &["Product MUG", "2 × 12.50 EUR", "25.00 EUR"])?;
    let twice = [("version", seen.version()?), ("sku", "MUG"), ("quantity", "1")];
    for _ in 0..2 {
        desk.send(&format!("{cart}/items"), Some(&twice)).await?.shows(303, &[])?;
    }
    assert_eq!(told(&shop, &cart).await?["total"], 3_750, "pressed twice, added once");
    let line = format!("items/{}", text(&told(&shop, &cart).await?, "/items/0/id")?);
    desk.does(&cart, &line, &[("do", "save"), ("quantity", "2")]).await?.shows(303, &[])?;
    let found = desk.get(&format!("{cart}?q=of+TEA")).await?;
    let page = found.shows(200, &["Box of tea", "Once, 10.00 EUR", "Monthly, 9.00 EUR every month", &tea])?;
    ensure!(!page.contains("aria-label=\"Add Product MUG\""), "it has another name");
    let form = [("product", &*tea), ("plan", &plan), ("quantity", "3"), ("q", "of TEA")];
    desk.does(&cart, "items", &form).await?.shows(303, &[])?;
    let now = told(&shop, &cart).await?;
    assert_eq!((&now["items"][1]["plan"]["id"], &now["total"]), (&json!(plan), &json!(2_500 + 2_700)));

    let line = format!("items/{}", text(&now, "/items/1/id")?);
    let once = [("do", "save"), ("quantity", "1"), ("plan", "")];
    desk.does(&cart, &line, &once).await?.shows(303, &[])?;
    let now = told(&shop, &cart).await?;
    assert_eq!((&now["items"][1]["plan"], &now["total"]), (&Value::Null, &json!(2_500 + 1_000)));
    desk.does(&cart, &line, &[("do", "save"), ("quantity", "4"), ("plan", &plan)]).await?.shows(303, &[])?;
    desk.get(&cart).await?.shows(200, &["4 × 9.00 EUR", "61.00 EUR"])?;
    desk.does(&cart, &line, &[("do", "remove"), ("quantity", "4")]).await?.shows(303, &[])?;
    let now = told(&shop, &cart).await?;
    assert_eq!((now["items"].as_array().map(Vec::len), &now["total"]), (Some(1), &json!(2_500)));
    // Whoever works on it first is its agent.
    desk.get(&cart).await?.shows(200, &["<dt>Agent</dt><dd>The sales_agent</dd>"])?;
    let listed = desk.get("/console/carts").await?;
    listed.shows(200, &[&format!("<a href=\"{cart}\">Change it")])?;
    desk.get(&profile).await?.shows(200, &[&format!("<a href=\"{cart}\">Cart")])?;
    Ok(())
}

/// CA-4, CA-5: what is refused is said by its form, with what was typed; codes are entered and taken out, and each says what
/// it takes off, or why nothing; what somebody else changed meanwhile is shown before anything is done to it.
#[tokio::test]
async fn what_is_refused_is_said_by_its_form() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_250).await?;
    let (_, ada) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let spring = json!({ "code": "SPRING", "percent": 10 });
    shop.owner.post("/admin/v1/vouchers", &spring).await?.expect(201)?;
    let large = json!({ "code": "LARGE", "percent": 50, "minimum": { "amount": 99_900, "currency": "EUR" } });
    shop.owner.post("/admin/v1/vouchers", &large).await?.expect(201)?;
    let desk = Desk { house: &house, who: &shop.owner };
    let cart = desk.opens(&ada, "one").await?;
    let unknown = desk.does(&cart, "items", &[("sku", "JUG"), ("quantity", "7")]).await?;
    let kept = ["Nothing was changed: there is no such product.", "name=\"sku\"", "value=\"JUG\"", "value=\"7\""];
    unknown.shows(422, &kept)?;
    desk.does(&cart, "items", &[("sku", "MUG"), ("quantity", "two")]).await?.shows(422, &["is no number of pieces"])?;
    desk.does(&cart, "links", &[("how", "copy"), ("lasts", "3600"), ("key", "a")])
        .await?
        .shows(422, &["this cart is empty"])?;
    let before = desk.get(&cart).await?;
    desk.does(&cart, "items", &[("sku", "MUG"), ("quantity", "2")]).await?.shows(303, &[])?;

    let refused = desk.does(&cart, "codes", &[("code", "nothing")]).await?;
    refused.shows(422, &["there is no voucher with this code", "value=\"nothing\""])?;
    for code in ["spring", "LARGE"] {
        desk.does(&cart, "codes", &[("code", code)]).await?.shows(303, &[])?;
    }
    let words = ["2.50 EUR off", "it asks for a larger sum", "-2.50 EUR", "22.50 EUR"];
    desk.get(&cart).await?.shows(200, &words)?;
    desk.does(&cart, "codes", &[("remove", "SPRING")]).await?.shows(303, &[])?;
    assert_eq!(told(&shop, &cart).await?["total"], 2_500);

    let line = text(&told(&shop, &cart).await?, "/items/0/id")?.to_owned();
    let stale = [("version", before.version()?), ("do", "save"), ("quantity", "9")];
    let late = desk.send(&format!("{cart}/items/{line}"), Some(&stale)).await?;
    late.shows(412, &["somebody changed this cart", "value=\"9\"", "2 × 12.50 EUR"])?;
    ensure!(late.version()? != before.version()?, "it can be sent again");
    assert_eq!(told(&shop, &cart).await?["total"], 2_500);
    let many = [("do", "save"), ("quantity", "10000")];
    desk.does(&cart, &format!("items/{line}"), &many).await?.shows(422, &["value=\"10000\""])?;
    Ok(())
}

/// CA-4, ID-22, ID-23: who lacks carts.write looks at a cart and changes nothing, who lacks customers.pii sees nobody, and
/// another store's cart is not there.
#[tokio::test]
async fn who_may_not_change_a_cart_does_not() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (shop, other) = (Shop::open(&house, "One", "EUR").await?, Shop::open(&house, "Two", "EUR").await?);
    let mug = shop.product("MUG", 1_250).await?;
    let (ada, known) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let id = ada.cart(&mug, 2).await?;
    let contact = json!({ "email": "ada@example.com", "name": "Ada Lovelace", "phone": "+49 30 901820" });
    ada.put(&format!("carts/{id}/contact"), &contact).await?.expect(200)?;
    let cart = format!("/console/carts/{id}");
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    let reader = limited(&shop, &["customers.read", "carts.read"]).await?;
    let clerk = limited(&shop, &["customers.read", "carts.read", "carts.write"]).await?;
    let as_moderator = Desk { house: &house, who: &moderator };
    as_moderator.get(&cart).await?.shows(403, &["carts.read"])?;

    let desk = Desk { house: &house, who: &reader };
    let seen = desk.get(&cart).await?;
    let page = seen.shows(200, &["carts.write", "you can look at this cart", "a***@example.com", "Product MUG"])?;
    ensure!(
        !page.contains("Lovelace") && !page.contains("901820") && !page.contains(&format!("{cart}/items")),
        "{page}"
    );
    let profile = format!("/console/customers/{}", text(&known, "/id")?);
    ensure!(!desk.get(&profile).await?.shows(200, &["Product MUG"])?.contains("id=\"open-cart\""));
    for (what, form) in [
        ("items", ("sku", "MUG")),
        ("codes", ("code", "SPRING")),
        ("shipping", ("method", "")),
        ("attribution", ("funnel", "phone")),
        ("links", ("how", "email")),
    ] {
        let form = [form, ("quantity", "1"), ("lasts", "3600"), ("key", "a")];
        desk.send(&format!("{cart}/{what}"), Some(&form)).await?.shows(403, &["carts.write"])?;
        as_moderator.send(&format!("{cart}/{what}"), Some(&form)).await?.shows(403, &["carts."])?;
        let elsewhere = Desk { house: &house, who: &other.owner };
        elsewhere.send(&format!("{cart}/{what}"), Some(&form)).await?.shows(404, &["belongs to another store"])?;
    }
    desk.send(&format!("{profile}/carts"), Some(&[("key", "a")])).await?.shows(200, &["No cart was opened"])?;
    let elsewhere = Desk { house: &house, who: &other.owner };
    elsewhere.get(&cart).await?.shows(404, &["belongs to another store"])?;
    elsewhere.get(&format!("{cart}0")).await?.shows(404, &[])?;

    // A link shows whom it is for, so that who may not see them has it sent.
    let desk = Desk { house: &house, who: &clerk };
    ensure!(!desk.get(&cart).await?.shows(200, &["By e-mail"])?.contains("I copy it"));
    desk.does(&cart, "links", &[("how", "copy"), ("lasts", "3600"), ("key", "b")])
        .await?
        .shows(403, &["customers.pii"])?;
    let sent = desk.does(&cart, "links", &[("how", "email"), ("lasts", "3600"), ("key", "c")]).await?;
    ensure!(!sent.shows(200, &["The link was sent by e-mail"])?.contains("cartlink_"), "{}", sent.text);
    mail::arrival(&house, "ada@example.com", "/checkout/cartlink_").await?;
    Ok(())
}

/// CA-6, CA-7, CA-8: what brought a cart about is said, links are made, shown once and revoked, and what became an order
/// does not change any more.
#[tokio::test]
async fn a_cart_is_sent_and_sold_from_the_editor() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_250).await?;
    let (_, ada) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let desk = Desk { house: &house, who: &shop.owner };
    let cart = desk.opens(&ada, "one").await?;
    desk.does(&cart, "items", &[("sku", "MUG"), ("quantity", "2")]).await?.shows(303, &[])?;
    let said = [("funnel", "phone"), ("gclid", "click-7"), ("notes", "call: asked for a blue one\r\nvisitor: a7")];
    desk.does(&cart, "attribution", &said).await?.shows(303, &[])?;
    let known = told(&shop, &cart).await?["attribution"].clone();
    assert_eq!((&known["funnel"], &known["gclid"]), (&json!("phone"), &json!("click-7")));
    assert_eq!(known["metadata"], json!({ "call": "asked for a blue one", "visitor": "a7" }));
    let blind = limited(&shop, &["carts.read", "carts.write"]).await?;
    let other = Desk { house: &house, who: &blind };
    ensure!(!other.get(&cart).await?.shows(200, &["phone"])?.contains("click-7"));
    other.does(&cart, "attribution", &[("affiliate", "partner-7"), ("funnel", "")]).await?.shows(303, &[])?;
    let known = told(&shop, &cart).await?["attribution"].clone();
    assert_eq!(
        (&known["affiliate"], &known["gclid"], &known["funnel"]),
        (&json!("partner-7"), &json!("click-7"), &json!("phone"))
    );
    let long = "x".repeat(201);
    desk.does(&cart, "attribution", &[("funnel", &long)]).await?.shows(422, &["at most 200 characters", &long])?;

    let copied = desk.does(&cart, "links", &[("how", "copy"), ("lasts", "86400"), ("key", "a")]).await?;
    copied.shows(200, &["shown this once", "/checkout/cartlink_"])?;
    let shown = desk.get(&cart).await?;
    ensure!(!shown.text.contains("cartlink_"), "it was shown once");
    let link = shown.text.split(&format!("action=\"{cart}/links/")).nth(1).context("a link")?;
    let link = link.split('/').next().unwrap_or_default();
    desk.send(&format!("{cart}/links/{link}/revoke"), Some(&[])).await?.shows(303, &[])?;
    ensure!(!desk.get(&cart).await?.shows(200, &["Revoked"])?.contains("/revoke\""));
    let forged = [("how", "copy"), ("lasts", "soon"), ("key", "b")];
    desk.does(&cart, "links", &forged).await?.shows(422, &["a link lasts 5 minutes to 30 days"])?;

    let now = format!("{cart}/checkout-now");
    let form = desk.get(&now).await?;
    let key = form.shows(200, &[&cart, "25.00 EUR"])?.split("name=\"key\" value=\"").nth(1).context("a key")?;
    let key = key.split('"').next().unwrap_or_default();
    let details = [
        ("total", "2500"),
        ("key", key),
        ("payment", "card"),
        ("name", "Ada Lovelace"),
        ("phone", ""),
        ("line1", ""),
        ("line2", ""),
        ("city", ""),
        ("region", ""),
        ("postal_code", ""),
        ("country", ""),
    ];
    let bought = desk.send(&now, Some(&details)).await?;
    ensure!(bought.status == 303 && bought.location.starts_with("/console/orders/ord_"), "{}", bought.text);
    let closed = eventually("the cart is closed", || async {
        let seen = desk.get(&cart).await?;
        Ok(seen.text.contains("This cart became").then_some(seen))
    })
    .await?;
    let page = closed.shows(200, &[&bought.location, "25.00 EUR"])?;
    ensure!(!page.contains(&format!("{cart}/items")) && !page.contains("id=\"check-out-now\""), "{page}");
    let late = [("sku", "MUG"), ("quantity", "1")];
    desk.send(&format!("{cart}/items"), Some(&late)).await?.shows(422, &["this cart is closed: it became an order"])?;
    Ok(())
}
