//! Who and what brings purchases about, from a shop front to the report (CA-8).
use anyhow::ensure;
use e2e::{
    House, Member, Shop,
    http::{send, text},
    shop::customer,
};
use reqwest::Method;
use serde_json::{Value, json};

/// CA-8, CA-3, OR-2, ID-23: what a shop front says of a cart goes into its order; staff see it, find carts and orders by it
/// and read reports of it; shoppers see nothing of it, and nobody but staff names an agent.
#[tokio::test]
async fn from_the_first_click_to_the_report() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (ada, _) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let opened = ada.get("carts?utm_source=newsletter&affiliate=partner-7").await?.expect(200)?;
    let cart = text(&opened, "/id")?.to_owned();
    ada.post(&format!("carts/{cart}/{mug}"), &json!({ "quantity": 2 })).await?.expect(200)?;
    let said = json!({ "utm_campaign": "spring", "gclid": "Cj0K", "metadata": { "visitor": "7" }, "merge": true,
                       "agent": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d50" });
    let seen = ada.put(&format!("carts/{cart}/attribution"), &said).await?.expect(200)?;
    ensure!(seen["attribution"].is_null(), "shoppers see nothing of it: {seen}");
    let known = format!("/admin/v1/carts/{cart}/attribution");
    let told = shop.owner.get(&known).await?.expect(200)?;
    assert_eq!((&told["affiliate"], &told["utm_campaign"]), (&json!("partner-7"), &json!("spring")));
    assert_eq!((&told["agent"], &told["gclid"]), (&Value::Null, &json!("Cj0K")));

    let agent = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    let funnel = json!({ "funnel": "phone", "merge": true });
    let put = async |member: &Member, body: &Value| send(member.request(Method::PUT, &known).json(body)).await;
    put(&moderator, &funnel).await?.expect(403)?;
    let told = put(&agent, &funnel).await?.expect(200)?;
    let who = text(&told, "/agent")?.to_owned();
    let anew = json!({ "affiliate": "partner-7", "funnel": "phone" });
    let told = put(&shop.owner, &anew).await?.expect(200)?;
    assert_eq!(
        (&told["agent"], &told["utm_campaign"]),
        (&json!(who), &Value::Null),
        "the newest replaces, the agent stays"
    );
    let found =
        format!("/admin/v1/carts?filter[affiliate][eq]=partner-7&filter[agent][eq]={who}&filter[status][eq]=open");
    assert_eq!(shop.owner.get(&found).await?.expect(200)?["data"][0]["id"], json!(cart));

    let token = ada.checkout(&cart, "ada@example.com", "test").await?;
    let order = ada.capture(&token, "pm_test_ok").await?.expect(200)?;
    ensure!(order["attribution"].is_null(), "nor of their order: {order}");
    let found = shop.owner.get("/admin/v1/orders?filter[funnel][eq]=phone").await?.expect(200)?;
    let expected = json!({ "agent": who, "affiliate": "partner-7", "funnel": "phone" });
    for (name, value) in expected.as_object().into_iter().flatten() {
        assert_eq!(&found["data"][0]["attribution"][name], value, "{found}");
    }
    let report = shop.owner.get("/admin/v1/reports/attribution?by=affiliate").await?.expect(200)?;
    assert_eq!((&report["data"][0]["key"], &report["data"][0]["orders"]), (&json!("partner-7"), &json!(1)));
    assert_eq!(report["data"][0]["revenue"], json!(2_000));
    agent.get("/admin/v1/reports/attribution?by=agent").await?.expect(200)?;
    shop.owner.get("/admin/v1/reports/attribution?by=moon").await?.expect(400)?;
    Ok(())
}

/// CA-7: a sales agent completes an order in a customer's name; who may not see people, or only answers for reviews, does
/// not; and what takes the customer's own hands is refused.
#[tokio::test]
async fn an_agent_checks_out_for_a_customer() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "grace@example.com").await?;
    let grace = customer(&shop, "grace@example.com").await?;
    let agent = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    let cart = agent.post("/admin/v1/carts", &json!({ "customer": grace["id"] })).await?.expect(201)?;
    let cart = text(&cart, "/id")?.to_owned();
    agent.post(&format!("/admin/v1/carts/{cart}/items"), &json!({ "product": mug })).await?.expect(200)?;
    let now = format!("/admin/v1/carts/{cart}/checkout-now");
    moderator.post(&now, &json!({})).await?.expect(403)?;
    let opened = agent.post(&now, &json!({})).await?.expect(200)?;
    ensure!(text(&opened, "/url")?.ends_with(&format!("/console/carts/{cart}/checkout-now")), "{opened}");
    let redirect = json!({ "gateway": "test", "payment_method": "pm_test_redirect" });
    let refused = agent.post(&now, &redirect).await?.expect(422)?;
    assert_eq!(refused["code"], json!("redirect_for_agents"));
    let done = agent.post(&now, &json!({ "gateway": "test", "payment_method": "pm_test_ok" })).await?.expect(200)?;
    let order = format!("/admin/v1/orders/{}", text(&done, "/order/id")?);
    let order = shop.owner.get(&order).await?.expect(200)?;
    assert_eq!((&order["customer_id"], &order["email"]), (&grace["id"], &json!("grace@example.com")));
    let by = format!("customer {}", text(&grace, "/id")?);
    ensure!(order["history"].as_array().into_iter().flatten().all(|change| change["actor"] == json!(by)), "{order}");
    ensure!(text(&order, "/attribution/agent")?.starts_with("stf_"), "{order}");
    Ok(())
}
