//! What leaves the house on its way through outbox and broker: who really acted, and nothing personal.
use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use async_nats::jetstream;
use e2e::{House, Shop, eventually, http::text, shop::customer};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

/// Says who somebody is; told in reasons, contacts and addresses, and found nowhere on the way.
const PERSONAL: [&str; 5] = ["lovelace", "Lovelace", "Unter den Linden", "901820", "drunk"];

/// A message as the broker keeps it.
struct Carried {
    subject: String,
    acting: String,
    text: String,
}

/// Everything that the broker keeps of what services told each other.
async fn carried(house: &House) -> anyhow::Result<Vec<Carried>> {
    let broker = jetstream::new(async_nats::connect(house.broker.url()).await?);
    let mut carried = Vec::new();
    for name in broker.stream_names().try_collect::<Vec<_>>().await? {
        let mut stream = broker.get_stream(&name).await?;
        let last = stream.info().await?.state.last_sequence;
        for place in 1..=last {
            let message = stream.get_raw_message(place).await?;
            let acting = message.headers.get("patron-acting").map(ToString::to_string).unwrap_or_default();
            let text = format!("{:?} {}", message.headers, String::from_utf8_lossy(&message.payload));
            carried.push(Carried { subject: message.subject.to_string(), acting, text });
        }
    }
    Ok(carried)
}

/// The rows of every service's outbox, as text.
async fn outboxes(house: &House) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let mut outboxes = BTreeMap::new();
    for service in ["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews"] {
        let rows: Vec<(String, Vec<u8>)> =
            sqlx::query_as("select concat(subject, ' ', headers), payload from outbox order by id")
                .fetch_all(&house.tables(service).await?)
                .await?;
        let rows = rows.iter().map(|(head, payload)| format!("{head} {}\n", String::from_utf8_lossy(payload)));
        outboxes.insert(service, rows.collect());
    }
    Ok(outboxes)
}

/// AD-1, ID-25: what comes of an impersonation names the staff member on every event, also on those that other services
/// tell when they have heard of it through the broker; and the audit has it under that name.
#[tokio::test]
async fn events_say_who_really_acted() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&product, "ada@example.com").await?;
    let ada = customer(&shop, "ada@example.com").await?;
    let path = format!("/admin/v1/customers/{}/impersonations", text(&ada, "/id")?);
    let opened = shop.owner.post(&path, &json!({ "reason": "Orders on the telephone." })).await?.expect(201)?;
    let within = shop.guest().with_token(text(&opened, "/token")?);
    within.buy(&product, "ada@example.com").await?;
    let (me, sessions) = (shop.owner.get("/admin/v1/me").await?, shop.owner.get("/admin/v1/sessions").await?);
    let (me, sessions) = (me.expect(200)?, sessions.expect(200)?);
    let acting = format!("staff {} {}", text(&me, "/id")?, text(&sessions, "/data/0/id")?);
    // Told in the request, and by those who heard of it.
    for subject in ["patron.orders.v1.OrderPlaced", "patron.carts.v1.CartClosed"] {
        eventually(&format!("{subject} in that name"), || async {
            let all = carried(&house).await?;
            let own: Vec<_> = all.iter().filter(|event| event.subject == subject).collect();
            Ok((own.len() == 2 && own[0].acting.is_empty() && own[1].acting == acting).then_some(()))
        })
        .await?;
    }
    let filter = format!("/admin/v1/audit?filter[impersonator][eq]={}", text(&me, "/id")?);
    let paid = eventually("the payment is in the audit", || async {
        let list = shop.owner.get(&filter).await?.expect(200)?;
        let rows = list["data"].as_array().context("a list")?;
        Ok(rows.iter().find(|entry| entry["action"] == "order.paid").cloned())
    })
    .await?;
    assert_eq!((&paid["impersonator"]["id"], &paid["actor"]["id"]), (&me["id"], &ada["id"]));
    assert_eq!(paid["actor_name"], me["name"]);
    Ok(())
}

/// AD-1, PL-7: no outbox and no stream holds personal data: not what buyers enter, not what staff change, and not what
/// they say of somebody in their own words. Whoever may see it reads it in the audit all the same.
#[tokio::test]
async fn nothing_personal_travels() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&product, "ada.lovelace@example.com").await?;
    let (ada, _) = shop.register("ada.lovelace@example.com", "Ada Lovelace").await?;
    ada.put("customers/me", &json!({ "name": "Ada Lovelace, Countess" })).await?.expect(200)?;
    let review = json!({ "subject": product, "rating": 4, "content": "Holds a pint." });
    let review = ada.post("reviews", &review).await?.expect(201)?;
    let known = customer(&shop, "ada.lovelace@example.com").await?;
    let path = format!("/admin/v1/customers/{}/impersonations", text(&known, "/id")?);
    let why = "Ada Lovelace was drunk when she ordered.";
    let opened = shop.owner.post(&path, &json!({ "reason": why })).await?.expect(201)?;
    let within = shop.guest().with_token(text(&opened, "/token")?);
    within.put("customers/me", &json!({ "name": "Augusta Lovelace" })).await?.expect(200)?;
    shop.owner.get(&format!("/admin/v1/customers/{}", text(&known, "/id")?)).await?.expect(200)?;
    edit(&shop, text(&known, "/id")?).await?;
    for email in ["ada.lovelace@example.com", "nobody.lovelace@example.com"] {
        let block = json!({ "kind": "email", "value": email, "reason": why });
        shop.owner.post("/admin/v1/blocks", &block).await?.expect(201)?;
    }
    let removed = shop.owner.request(reqwest::Method::DELETE, &format!("/admin/v1/reviews/{}", text(&review, "/id")?));
    e2e::http::send(removed).await?.expect(204)?;
    for action in ["impersonation.started", "block.created"] {
        let what = format!("{action} is in the audit");
        let told = eventually(&what, || async {
            let list = shop.owner.get(&format!("/admin/v1/audit?filter[action][eq]={action}")).await?.expect(200)?;
            let rows = list["data"].as_array().context("a list")?.clone();
            Ok(rows.into_iter().find(|entry| entry["reason"] == why))
        });
        let entry: Value = told.await?;
        assert_eq!(entry["customers"], json!([known["id"]]));
    }
    let all = carried(&house).await?;
    ensure!(all.len() > 20, "hardly anything travelled: {}", all.len());
    for secret in PERSONAL {
        for event in &all {
            ensure!(!event.text.contains(secret), "{} carries {secret}: {}", event.subject, event.text);
        }
        for (service, rows) in outboxes(&house).await? {
            ensure!(!rows.contains(secret), "the outbox of {service} holds {secret}: {rows}");
        }
    }
    Ok(())
}

/// Staff write down what they know of a customer.
async fn edit(shop: &Shop<'_>, customer: &str) -> anyhow::Result<()> {
    let path = format!("/admin/v1/customers/{customer}");
    let changes = json!({ "name": "Augusta Lovelace", "phone": "+49 30 901820", "business": "Lovelace & Co",
                          "meta": { "mood": "drunk" } });
    shop.owner.patch(&path, &changes).await?.expect(200)?;
    let note = json!({ "text": "Ms Lovelace was drunk when she called." });
    shop.owner.post(&format!("{path}/notes"), &note).await?.expect(201)?;
    let place = json!({ "name": "Ada Lovelace", "line1": "Unter den Linden 1", "city": "Berlin", "country": "DE" });
    shop.owner.post(&format!("{path}/addresses"), &place).await?.expect(201)?;
    for change in ["inactivate", "activate"] {
        let why = json!({ "reason": "Ada Lovelace was drunk." });
        shop.owner.post(&format!("{path}/{change}"), &why).await?.expect(200)?;
    }
    Ok(())
}
