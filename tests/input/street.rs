//! Two shops that have nothing to do with each other, and a network, each with people, orders and carts.
use std::collections::BTreeMap;

use anyhow::Context;
use e2e::{
    Buyer, House, Member, Shop, eventually,
    house::system,
    http::{form, send, text},
    mail,
    shop::customer,
};
use proto::identity::v1::{CreateNetworkRequest, network_service_client::NetworkServiceClient};
use reqwest::Method;
use serde_json::{Value, json};

/// The roles there are.
pub const ROLES: [&str; 5] = ["owner", "administrator", "customer_service", "sales_agent", "moderator"];

/// What the customer of a shop left behind, by kind of id.
#[derive(Clone, Debug)]
pub struct Traces {
    /// Ids by the prefix of their kind.
    ids: Vec<(&'static str, String)>,
    /// The token of a checkout that waits.
    pub checkout: String,
}

impl Traces {
    /// The id of this kind.
    pub fn id(&self, prefix: &str) -> anyhow::Result<&str> {
        let id = self.ids.iter().find(|(known, _)| *known == prefix);
        id.map(|(_, id)| id.as_str()).with_context(|| format!("nothing here has an id {prefix}_…"))
    }

    /// All the ids.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|(_, id)| id.as_str())
    }

    /// All the ids by prefix, as JSON.
    pub fn json(&self) -> String {
        json!(self.ids.iter().cloned().collect::<BTreeMap<_, _>>()).to_string()
    }
}

/// Personal data of the customer of every shop on the street; found in no answer to whoever may not see it.
pub const PERSONAL: [&str; 8] = [
    "ada.lovelace",
    "Lovelace",
    "Unter den Linden",
    "4930901820",
    "30 901820",
    "127.0.0.1",
    "patron-street",
    "Second floor",
];

/// Adds products, purchases, carts and a review to `shop`: by a guest, and by a registered customer, who is answered.
pub async fn settle<'a>(shop: &'a Shop<'a>) -> anyhow::Result<(Buyer<'a>, Traces)> {
    let product = shop.product("MUG", 1_000).await?;
    shop.product("JUG", 2_000).await?;
    shop.guest().buy(&product, "grace.hopper@example.com").await?;
    let (ada, _) = shop.register("ada.lovelace@example.com", "Ada Lovelace").await?;
    let order = ada.buy(&product, "ada.lovelace@example.com").await?;
    let subscription = subscribe(shop, &ada).await?;
    let review = json!({ "subject": product, "rating": 4, "content": "Holds a pint." });
    let review = ada.post("reviews", &review).await?.expect(201)?;
    let cart = ada.cart(&product, 2).await?;
    let seen = ada.put(&format!("carts/{cart}/contact"), &contact()).await?.expect(200)?;
    let checkout = ada.checkout(&cart, "ada.lovelace@example.com", "test").await?;
    let known = customer(shop, "ada.lovelace@example.com").await?;
    mail::arrival(shop.house, "ada.lovelace@example.com", text(&order, "/number")?).await?;
    let message = eventually("the confirmation is logged", || async {
        let list = shop.owner.get("/admin/v1/messages?filter[template][eq]=order_confirmation").await?.expect(200)?;
        let rows = list["data"].as_array().context("a list")?;
        Ok(rows.iter().find(|row| row["customer"] == known["id"]).cloned())
    })
    .await?;
    let sessions = ada.get("customers/sessions").await?.expect(200)?;
    let device = json!({ "token": "push-token-of-ada", "platform": "ios" });
    let device = ada.post("customers/register-device", &device).await?.expect(200)?;
    let id = |body: &Value| text(body, "/id").map(str::to_owned);
    let of_ada = format!("/admin/v1/customers/{}", text(&known, "/id")?);
    let note = json!({ "text": "Ms Lovelace likes to be called in the morning." });
    let note = shop.owner.post(&format!("{of_ada}/notes"), &note).await?.expect(201)?;
    let place = json!({ "name": "Ada Lovelace", "line1": "Unter den Linden 1", "city": "Berlin", "country": "DE" });
    let place = ada.post("customers/places", &place).await?.expect(201)?;
    let link = shop.owner.post(&format!("/admin/v1/carts/{cart}/checkout-links"), &json!({})).await?.expect(201)?;
    let view = format!("/admin/v1/orders/{}/links", text(&order, "/id")?);
    let view = shop.owner.post(&view, &Value::Null).await?.expect(201)?;
    let receipts = format!("/admin/v1/orders/{}/receipts", text(&order, "/id")?);
    let receipts = shop.owner.get(&receipts).await?.expect(200)?;
    let owed = ada.checkout(&ada.cart(&product, 1).await?, "ada.lovelace@example.com", "manual").await?;
    let owed = ada.capture(&owed, "").await?.expect(200)?;
    let owed = format!("/admin/v1/orders/{}/payment-links", text(&owed, "/id")?);
    let owed = shop.owner.post(&owed, &json!({})).await?.expect(201)?;
    let ticket = ticket(shop, (&ada, &product), text(&order, "/id")?).await?;
    let song = library(shop, &of_ada).await?;
    let picture = shop.owner.request(Method::POST, &format!("/admin/v1/products/{product}/images"));
    let picture = send(form(picture, "mug.gif", b"GIF89a")).await?.expect(201)?;
    let written = letters(shop, (text(&known, "/id")?, text(&subscription, "/renews_at")?)).await?;
    let ids = vec![
        ("cmp", written.0),
        ("spp", written.1),
        ("pho", portrait(shop, &of_ada).await?),
        ("pfl", id(&picture)?),
        ("lib", song.0),
        ("dwn", song.1),
        ("sub", id(&subscription)?),
        ("plan", text(&subscription, "/terms/plan")?.to_owned()),
        ("rtgt", text(&subscription, "/renewal_target/id")?.to_owned()),
        ("tkt", ticket.clone()),
        ("att", attachment(&ada, &ticket).await?),
        ("clnk", id(&link)?),
        ("job", erase(shop, &product).await?),
        ("acau", look_through(shop).await?),
        ("note", id(&note)?),
        ("adr", id(&place)?),
        ("sto", shop.store.id.clone()),
        ("prd", product),
        ("cus", id(&known)?),
        ("ord", id(&order)?),
        ("rcp", text(&receipts, "/data/0/id")?.to_owned()),
        ("olnk", id(&view)?),
        ("plnk", id(&owed)?),
        ("orderlink", text(&view, "/secret")?.to_owned()),
        ("rev", id(&review)?),
        ("cart", cart),
        ("line", text(&seen, "/items/0/id")?.to_owned()),
        ("msg", id(&message)?),
        ("ses", text(&sessions, "/0/id")?.to_owned()),
        ("dev", text(&device, "/device")?.to_owned()),
    ];
    let ids = ids.into_iter().chain(office(shop).await?).collect();
    Ok((ada, Traces { ids, checkout }))
}

/// Something in the library of `of`, and a link to it that was used: `lib_…` and `dwn_…`.
async fn library(shop: &Shop<'_>, of: &str) -> anyhow::Result<(String, String)> {
    let song = shop.song("SONG", b"A song that is sold").await?;
    let given = json!({ "product": song, "reason": "Ms Lovelace won it.", "note": "Ada Lovelace likes rain." });
    let item = shop.owner.post(&format!("{of}/library"), &given).await?.expect(201)?;
    let item = text(&item, "/id")?.to_owned();
    let made = shop.owner.post(&format!("{of}/library/{item}/downloads"), &json!({})).await?.expect(201)?;
    let (_, path) = text(&made, "/url")?.split_once("/files/").context("an address")?;
    send(shop.house.http.request(Method::GET, &format!("/files/{path}"))).await?.expect(200)?;
    Ok((item, text(&made, "/id")?.to_owned()))
}

/// A photo of `of`: `pho_…`.
async fn portrait(shop: &Shop<'_>, of: &str) -> anyhow::Result<String> {
    let photo = shop.owner.request(Method::PUT, &format!("{of}/photo"));
    let shown = send(form(photo, "ada.gif", b"GIF89a")).await?.expect(200)?;
    let (_, file) = text(&shown, "/photo_url")?.split_once("/photos/").context("an address")?;
    Ok(file.split('?').next().unwrap_or_default().to_owned())
}

/// What `ada` subscribed to, by the month.
async fn subscribe(shop: &Shop<'_>, ada: &Buyer<'_>) -> anyhow::Result<Value> {
    let plan = json!({ "name": "Monthly", "interval": "month", "count": 1,
                       "price": { "amount": 500, "currency": shop.store.currency } });
    let product = json!({ "name": "Box", "sku": "BOX", "kind": "digital", "price": plan["price"], "plans": [plan],
                          "renewal_targets": [{ "name": "Server 1" }], "renewal_target_changeable": true });
    let product = shop.owner.post("/admin/v1/products", &product).await?.expect(201)?;
    let cart = text(&ada.get("carts").await?.expect(200)?, "/id")?.to_owned();
    let line = json!({ "quantity": 1, "plan": product["plans"][0]["id"] });
    ada.post(&format!("carts/{cart}/{}", text(&product, "/id")?), &line).await?.expect(200)?;
    let token = ada.checkout(&cart, "ada.lovelace@example.com", "test").await?;
    ada.capture(&token, "pm_test_ok").await?.expect(200)?;
    let own = ada.get("customers/subscriptions").await?.expect(200)?;
    let target = json!({ "target": product["renewal_targets"][0]["id"] });
    ada.put(&format!("customers/subscriptions/{}/renewal-target", text(&own, "/0/id")?), &target).await?.expect(200)
}

/// A ticket of `ada` about an order of hers, which staff answered and noted something in.
async fn ticket(shop: &Shop<'_>, (ada, product): (&Buyer<'_>, &str), order: &str) -> anyhow::Result<String> {
    let ticket = json!({ "subject": "The mug of Ms Lovelace", "text": "Ada Lovelace here: it has no handle.",
                         "order": order, "products": [product] });
    let ticket = text(&ada.post("customers/tickets", &ticket).await?.expect(201)?, "/id")?.to_owned();
    for (public, words) in [(true, "Dear Ms Lovelace, we send another one."), (false, "Ms Lovelace is upset.")] {
        let comment = json!({ "text": words, "public": public });
        shop.owner.post(&format!("/admin/v1/tickets/{ticket}/comments"), &comment).await?.expect(201)?;
    }
    Ok(ticket)
}

/// A file that `ada` sent with a reply in `ticket`.
async fn attachment(ada: &Buyer<'_>, ticket: &str) -> anyhow::Result<String> {
    let path = format!("customers/tickets/{ticket}");
    let file = form(ada.request(Method::POST, &format!("{path}/attachments")), "Ada Lovelace.txt", b"A mug, a handle");
    let file = text(&send(file).await?.expect(201)?, "/id")?.to_owned();
    let words = json!({ "text": "This is Ada Lovelace's mug.", "attachments": [file] });
    send(ada.request(Method::POST, &format!("{path}/comments")).json(&words)).await?.expect(201)?;
    Ok(file)
}

/// A campaign that begins `later`, and the address of `ada`, which mail came back from: `cmp_…` and `spp_…`.
async fn letters(shop: &Shop<'_>, (ada, later): (&str, &str)) -> anyhow::Result<(String, String)> {
    let campaign = json!({ "name": "Spring", "channel": "email", "purpose": "marketing", "subject": "Spring",
        "text": "Dear {{name}}, spring is here.", "send_at": later,
        "filter": { "field": "lifecycle", "op": "eq", "value": "customer" } });
    let begin = shop.owner.request(Method::POST, "/admin/v1/campaigns").header("Idempotency-Key", "spring");
    let campaign = send(begin.json(&campaign)).await?.expect(202)?;
    let came_back = "insert into suppressions (realm_id, id, channel, recipient, customer_id, store_id, cause, message_id,
        created_at) select realm_id, id, 'email', 'ada.lovelace@example.com', customer_id, store_id, 'rejected', id, created_at
        from messages where customer_id = $1::uuid order by created_at limit 1 returning id::text";
    let ada = ada.trim_start_matches("cus_");
    let db = shop.house.tables("notifications").await?;
    let id: String = sqlx::query_scalar(came_back).bind(ada).fetch_one(&db).await?;
    Ok((text(&campaign, "/id")?.to_owned(), format!("spp_{}", id.replace('-', ""))))
}

/// The job that erases somebody who has bought `product`.
async fn erase(shop: &Shop<'_>, product: &str) -> anyhow::Result<String> {
    shop.guest().buy(product, "gone.for.good@example.com").await?;
    let gone = text(&customer(shop, "gone.for.good@example.com").await?, "/id")?.to_owned();
    let path = format!("/admin/v1/customers/{gone}/erasure");
    let request = shop.owner.request(Method::POST, &path).header("Idempotency-Key", "gone for good");
    let job = send(request.json(&json!({ "reason": "Asked for it.", "confirm": gone }))).await?.expect(202)?;
    Ok(text(&job, "/id")?.to_owned())
}

/// An audit of the accounts of `shop` that came to its end.
pub async fn look_through(shop: &Shop<'_>) -> anyhow::Result<String> {
    let job = eventually("no other audit goes on", || async {
        let asked = shop.owner.post("/admin/v1/account-audits", &Value::Null).await?;
        Ok((asked.status == 202).then_some(asked.body))
    })
    .await?;
    let found = eventually("all accounts were looked at", || async {
        let found = shop.owner.get(text(&job, "/result_url")?).await?.expect(200)?;
        Ok((found["state"] == "succeeded").then_some(found))
    })
    .await?;
    Ok(text(&found, "/id")?.to_owned())
}

/// What there is around the staff of `shop`.
async fn office(shop: &Shop<'_>) -> anyhow::Result<Vec<(&'static str, String)>> {
    let clerk = Member::hire(shop.house, &shop.store.id, "moderator").await?;
    let me = clerk.get("/admin/v1/me").await?.expect(200)?;
    let sessions = clerk.get("/admin/v1/sessions").await?.expect(200)?;
    let role = json!({ "name": "Warehouse", "permissions": ["orders.read"] });
    let role = shop.owner.post("/admin/v1/roles", &role).await?.expect(201)?;
    let key = json!({ "name": "Accounting", "permissions": ["orders.read"] });
    let key = shop.owner.post("/admin/v1/api-keys", &key).await?.expect(201)?;
    let invitation = json!({ "email": "nobody@staff.example.com", "role": "moderator" });
    let invitation = shop.owner.post("/admin/v1/invitations", &invitation).await?.expect(201)?;
    let segment = json!({ "name": "Regulars", "filter": { "field": "repeat", "op": "eq", "value": true } });
    let segment = shop.owner.post("/admin/v1/segments", &segment).await?.expect(201)?;
    let export = json!({ "type": "customers", "format": "csv" });
    let export =
        shop.owner.request(Method::POST, "/admin/v1/exports").header("Idempotency-Key", "street").json(&export);
    let export = send(export).await?.expect(202)?;
    let import = shop.owner.import("email,name\r\nsomebody@example.com,Somebody\r\n").await?.expect(201)?;
    let block = json!({ "kind": "domain", "value": "blocked.example", "reason": "Nothing but spam." });
    let block = shop.owner.post("/admin/v1/blocks", &block).await?.expect(201)?;
    let offer = json!({ "name": "Three for less", "percent": 10, "min_quantity": 3 });
    let offer = shop.owner.post("/admin/v1/offers", &offer).await?.expect(201)?;
    let voucher = json!({ "code": "SPRING-10", "percent": 5 });
    let voucher = shop.owner.post("/admin/v1/vouchers", &voucher).await?.expect(201)?;
    let webhook = json!({ "url": "https://hooks.example.com/street" });
    let webhook = shop.owner.post("/admin/v1/webhooks", &webhook).await?.expect(201)?;
    let test = format!("/admin/v1/webhooks/{}/test", text(&webhook, "/id")?);
    let ping = shop.owner.post(&test, &Value::Null).await?.expect(201)?;
    let euros = |amount: i64| json!({ "amount": amount, "currency": shop.store.currency });
    let post = json!({ "name": "Post", "price": euros(490) });
    let post = shop.owner.post("/admin/v1/shipping-methods", &post).await?.expect(201)?;
    let vat = json!({ "name": "VAT", "country": "AT", "rate": 2_000, "included": true });
    let vat = shop.owner.post("/admin/v1/tax-rates", &vat).await?.expect(201)?;
    let id = |body: &Value| text(body, "/id").map(str::to_owned);
    Ok(vec![
        ("shpm", id(&post)?),
        ("taxr", id(&vat)?),
        ("off", id(&offer)?),
        ("vou", id(&voucher)?),
        ("whk", id(&webhook)?),
        ("whd", id(&ping)?),
        ("seg", id(&segment)?),
        ("exp", id(&export)?),
        ("imp", id(&import)?),
        ("blk", id(&block)?),
        ("net", shop.store.id.replace("sto_", "net_")),
        ("stf", id(&me)?),
        ("ses", text(&sessions, "/data/0/id")?.to_owned()),
        ("role", id(&role)?),
        ("akey", id(&key)?),
        ("inv", id(&invitation)?),
    ])
}

fn contact() -> Value {
    json!({ "email": "ada.lovelace@example.com", "name": "Ada Lovelace", "phone": "+49 30 901820", "addresses": [{
        "name": "Ada Lovelace", "line1": "Unter den Linden 1", "line2": "Second floor", "city": "Berlin",
        "postal_code": "10117", "country": "DE", "phone": "+49 30 901820" }] })
}

/// A network of `shops`; answers its key.
pub async fn network(house: &House, shops: &[&Shop<'_>]) -> anyhow::Result<String> {
    let request = CreateNetworkRequest {
        name: "The Compass".to_owned(),
        stores: shops.iter().map(|shop| shop.store.id.clone()).collect(),
        reviews_enabled: true,
        currency: "EUR".to_owned(),
    };
    let mut networks = NetworkServiceClient::new(house.channel("identity")?);
    Ok(networks.create_network(system(request)?).await?.into_inner().key)
}

/// A staff member of each role in `shop`.
pub async fn staff(shop: &Shop<'_>) -> anyhow::Result<Vec<(&'static str, Member)>> {
    let mut staff = Vec::new();
    for role in ROLES {
        staff.push((role, Member::hire(shop.house, &shop.store.id, role).await?));
    }
    Ok(staff)
}
