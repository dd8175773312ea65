//! Keys of integrations, block lists and impersonation, as they are seen from outside.
use e2e::{
    Answer, Form, House, Shop, eventually,
    http::{send, text},
    shop::customer,
};
use reqwest::Method;
use serde_json::json;

async fn ask(house: &House, key: &str, forwarded: &str) -> anyhow::Result<Answer> {
    let request = house.http.request(Method::GET, "/admin/v1/orders").bearer_auth(key);
    // What services tell each other means nothing from outside.
    let request = request.header("client-ip", "192.0.2.1").header("patron-acting", "staff stf_1 ses_1");
    send(request.header("X-Forwarded-For", forwarded)).await
}

/// ID-24: a key works from where it may and for what it may; nobody makes up where they come from; and once revoked it is
/// over in every process.
#[tokio::test]
async fn a_key_is_bound_and_revoked_everywhere() -> anyhow::Result<()> {
    let house = House::start(Form::Separate, Vec::new()).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let make = async |body: serde_json::Value| {
        let key = shop.owner.post("/admin/v1/api-keys", &body).await?.expect(201)?;
        anyhow::Ok((text(&key, "/secret")?.to_owned(), text(&key, "/id")?.to_owned()))
    };
    let bound = json!({ "name": "Far", "permissions": ["orders.read"], "allowed_ips": ["192.0.2.0/24"] });
    let (far, _) = make(bound).await?;
    ask(&house, &far, "192.0.2.1").await?.problem(403, "address_not_allowed")?;
    let near = json!({ "name": "Near", "permissions": ["orders.read"], "allowed_ips": ["127.0.0.0/8"] });
    let (near, id) = make(near).await?;
    ask(&house, &near, "192.0.2.1").await?.expect(200)?;
    let customers = house.http.request(Method::GET, "/admin/v1/customers").bearer_auth(&near);
    send(customers).await?.problem(403, "permission_required")?;
    send(shop.owner.request(Method::DELETE, &format!("/admin/v1/api-keys/{id}"))).await?.expect(204)?;
    eventually("the key is over", || async { Ok((ask(&house, &near, "").await?.status == 401).then_some(())) }).await
}

/// ID-26: who is on the block list neither registers, signs in, checks out nor reviews; others do.
#[tokio::test]
async fn who_is_blocked_stays_out() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_000).await?;
    let (sven, _) = shop.register("sven@spam.example", "Sven").await?;
    let block = json!({ "kind": "domain", "value": "spam.example", "reason": "Nothing but spam." });
    shop.owner.post("/admin/v1/blocks", &block).await?.expect(201)?;
    let identity = json!({ "mode": "email", "identity": "eve@spam.example" });
    eventually("the list is known", || async {
        let answer = shop.guest().post("customers/request-creation-code", &identity).await?;
        Ok((answer.status == 403).then_some(()))
    })
    .await?;
    let login = json!({ "identity": "sven@spam.example", "password": "a long enough password" });
    shop.guest().post("customers/login", &login).await?.problem(403, "blocked")?;
    let review = json!({ "subject": product, "rating": 5, "content": "Buy pills." });
    eventually("reviews know of it", || async {
        Ok((sven.post("reviews", &review).await?.status == 403).then_some(()))
    })
    .await?;
    let cart = shop.guest().cart(&product, 1).await?;
    let contact = json!({ "email": "eve@mail.spam.example", "name": "Eve" });
    let body = json!({ "cart": cart, "contact": contact, "gateway": "test" });
    shop.guest().post("checkouts", &body).await?.problem(403, "blocked")?;
    shop.guest().buy(&product, "ada@example.com").await?;
    Ok(())
}

/// ID-25: being logged in as a guest shows what the guest would see, says so on every answer, and is refused what is for
/// the person alone; the staff member's sign-out ends it.
#[tokio::test]
async fn an_impersonation_says_so() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&product, "ada@example.com").await?;
    let ada = customer(&shop, "ada@example.com").await?;
    let path = format!("/admin/v1/customers/{}/impersonations", text(&ada, "/id")?);
    shop.owner.post(&path, &json!({ "reason": "" })).await?.expect(400)?;
    let opened = shop.owner.post(&path, &json!({ "reason": "Cannot find the order." })).await?.expect(201)?;
    let me = shop.owner.get("/admin/v1/me").await?.expect(200)?;
    assert_eq!(opened["impersonator"], me["id"]);
    let within = shop.guest().with_token(text(&opened, "/token")?);
    let profile = within.get("customers/me").await?;
    assert_eq!(profile.header("impersonator"), text(&me, "/id")?);
    assert_eq!(profile.expect(200)?["email"], "ada@example.com");
    assert_eq!(shop.guest().get("about").await?.header("impersonator"), "");
    within.put("customers/me", &json!({ "phone": "+49 30 901820" })).await?.expect(403)?;
    let review = json!({ "subject": product, "rating": 1, "content": "Not mine." });
    within.post("reviews", &review).await?.expect(403)?;
    send(shop.owner.request(Method::DELETE, "/admin/v1/sessions/current")).await?.expect(204)?;
    eventually("it has ended", || async { Ok((within.get("customers/me").await?.status == 401).then_some(())) }).await
}
