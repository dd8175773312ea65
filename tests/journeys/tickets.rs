//! Support tickets, through the doors of everybody who has to do with them.
use anyhow::{Context, ensure};
use e2e::{
    Buyer, House, Member, Shop, eventually,
    http::{send, text},
    mail,
    shop::{buyer, customer},
};
use reqwest::Method;
use serde_json::{Value, json};

/// What was written in a ticket as its customer sees it.
async fn words(ada: &Buyer<'_>, ticket: &str) -> anyhow::Result<Vec<String>> {
    let list = ada.get(&format!("customers/tickets/{ticket}/comments")).await?.expect(200)?;
    let comments = list.as_array().context("a list")?;
    Ok(comments.iter().filter_map(|comment| Some(comment["text"].as_str()?.to_owned())).collect())
}

/// Asks as the shopper who has this portal session.
async fn portal(
    house: &House,
    (method, path): (Method, &str),
    token: &str,
    body: &Value,
) -> anyhow::Result<e2e::Answer> {
    let request = house.http.request(method, &format!("/account/v1/{path}")).bearer_auth(token);
    send(if body.is_null() { request } else { request.json(body) }).await
}

pub async fn sign_in(house: &House, email: &str) -> anyhow::Result<String> {
    let ask = house.http.request(Method::POST, "/account/v1/magic-links").json(&json!({ "email": email }));
    send(ask).await?.expect(202)?;
    let link = json!({ "token": mail::link(house, email, "Patron").await? });
    let session = house.http.request(Method::POST, "/account/v1/sessions").json(&link);
    Ok(text(&send(session).await?.expect(201)?, "/token")?.to_owned())
}

/// ST-1, ST-2, ST-3, NO-1: a customer asks, staff note and answer, the answer goes out by mail and is in no log, the customer
/// replies, and what is closed is followed up; notes are for staff alone, whichever way somebody looks.
#[tokio::test]
async fn a_ticket_goes_back_and_forth() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let other = Shop::open(&house, "Harbour Books", "EUR").await?;
    let (mug, book) = (shop.product("MUG", 1_000).await?, other.product("BOOK", 1_000).await?);
    let (ada, _) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let order = ada.buy(&mug, "ada@example.com").await?;
    let new = |product: &str| json!({ "subject": "No handle", "text": "It came\nwithout.", "order": order["id"], "products": [product] });
    ada.post("customers/tickets", &new(&book)).await?.problem(400, "invalid")?;
    let ticket = ada.post("customers/tickets", &new(&mug)).await?.expect(201)?;
    let id = text(&ticket, "/id")?;
    ensure!(ticket["number"] == 1 && ticket["status"] == "new" && ticket["order"] == order["id"], "{ticket}");

    let agent = Member::hire(&house, &shop.store.id, "customer_service").await?;
    let me = agent.get("/admin/v1/me").await?.expect(200)?;
    let path = format!("/admin/v1/tickets/{id}");
    let changed = agent.request(Method::PATCH, &path).header("If-Match", "\"1\"");
    let changed = send(changed.json(&json!({ "assignee": me["id"], "priority": "high" }))).await?.expect(200)?;
    ensure!(changed["assignee"] == me["id"] && changed["assignee_name"] == me["name"], "{changed}");
    let stale = agent.request(Method::PATCH, &path).header("If-Match", "\"1\"").json(&json!({ "priority": "low" }));
    send(stale).await?.problem(412, "stale_version")?;
    let write = async |body: Value| agent.post(&format!("{path}/comments"), &body).await?.expect(201);
    write(json!({ "text": "The parcel looked opened.", "public": false })).await?;
    write(json!({ "text": "We send another one.\n\nCarl", "public": true })).await?;

    let letter = mail::arrival(&house, "ada@example.com", "We send another one.").await?;
    ensure!(letter.text.contains("[1] No handle") && !letter.text.contains("opened"), "{}", letter.text);
    let log = eventually("the reply is logged as sent", || async {
        let log = agent.get("/admin/v1/messages?filter[template][eq]=ticket_reply").await?.expect(200)?;
        Ok((log["data"][0]["status"] == "sent").then_some(log))
    })
    .await?;
    ensure!(!log.to_string().contains("another one"), "the log says what staff wrote: {log}");

    ensure!(words(&ada, id).await? == ["It came\nwithout.", "We send another one.\n\nCarl"]);
    ada.post(&format!("customers/tickets/{id}/comments"), &json!({ "text": "Thank you." })).await?.expect(201)?;
    let mine = format!("/admin/v1/tickets?q=opened&filter[status][eq]=open&filter[assignee][eq]={}", text(&me, "/id")?);
    let list = agent.get(&mine).await?.expect(200)?;
    ensure!(list["data"][0]["customer_email"] == "ada@example.com" && list["data"][1].is_null(), "{list}");

    let blind = Member::hire(&house, &shop.store.id, "moderator").await?;
    for path in ["/admin/v1/tickets".to_owned(), path.clone(), format!("{path}/comments")] {
        let seen = blind.get(&path).await?.expect(200)?.to_string();
        for told in ["handle", "without", "opened", "ada@", "Lovelace"] {
            ensure!(!seen.contains(told), "{path} tells {told}: {seen}");
        }
    }
    blind
        .post(&format!("{path}/comments"), &json!({ "text": "x", "public": true }))
        .await?
        .problem(403, "permission_required")?;
    let (stranger, _) = other.register("eve@example.com", "Eve").await?;
    stranger.get(&format!("customers/tickets/{id}")).await?.problem(404, "ticket_not_found")?;
    other.owner.get(&path).await?.problem(404, "ticket_not_found")?;

    let known = customer(&shop, "ada@example.com").await?;
    let export = format!("/admin/v1/customers/{}/data-export", text(&known, "/id")?);
    let export = agent.post(&export, &Value::Null).await?.expect(200)?.to_string();
    ensure!(
        export.contains("No handle") && export.contains("We send another one.") && !export.contains("looked opened")
    );

    let closed = agent.request(Method::PATCH, &path).json(&json!({ "status": "closed" }));
    send(closed).await?.expect(200)?;
    agent
        .post(&format!("{path}/comments"), &json!({ "text": "x", "public": false }))
        .await?
        .problem(422, "ticket_closed")?;
    let again =
        ada.post(&format!("customers/tickets/{id}/comments"), &json!({ "text": "It broke." })).await?.expect(201)?;
    let next = ada.get(&format!("customers/tickets/{}", text(&again, "/ticket")?)).await?.expect(200)?;
    ensure!(next["follows"] == id && next["number"] == 2 && next["status"] == "new", "{next}");
    Ok(())
}

/// ST-3, ID-8, ID-15: a guest, who has no tickets in a shop front, asks each of their stores in the account portal.
#[tokio::test]
async fn guests_ask_in_the_portal() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (one, two) =
        (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Harbour Books", "EUR").await?);
    let far = Shop::open(&house, "Far Shop", "EUR").await?;
    for shop in [&one, &two] {
        let product = shop.product("MUG", 1_000).await?;
        shop.guest().buy(&product, "ada@example.com").await?;
        buyer(shop, "ada@example.com").await?;
    }
    let ada = sign_in(&house, "ada@example.com").await?;
    let new = |shop: &Shop<'_>| json!({ "store": shop.store.id, "subject": "Where is it?", "text": "I wait." });
    portal(&house, (Method::POST, "tickets"), &ada, &new(&far)).await?.problem(400, "invalid")?;
    let mut ids = Vec::new();
    for shop in [&one, &two] {
        let opened = portal(&house, (Method::POST, "tickets"), &ada, &new(shop)).await?.expect(201)?;
        ids.push(text(&opened, "/id")?.to_owned());
        let seen = shop.owner.get("/admin/v1/tickets").await?.expect(200)?;
        ensure!(seen["data"][0]["id"] == opened["id"] && seen["data"][0]["channel"] == "portal", "{seen}");
    }
    let list = portal(&house, (Method::GET, "tickets"), &ada, &Value::Null).await?.expect(200)?;
    let listed: Vec<_> =
        list["data"].as_array().into_iter().flatten().filter_map(|ticket| ticket["id"].as_str()).collect();
    ensure!(listed == [ids[1].as_str(), &ids[0]], "{list}");
    let answer = json!({ "text": "It is on its way.", "public": true, "status": "solved" });
    one.owner.post(&format!("/admin/v1/tickets/{}/comments", ids[0]), &answer).await?.expect(201)?;
    let comments = format!("tickets/{}/comments", ids[0]);
    let reply = json!({ "text": "It is not." });
    portal(&house, (Method::POST, &comments), &ada, &reply).await?.expect(201)?;
    let thread = portal(&house, (Method::GET, &comments), &ada, &Value::Null).await?.expect(200)?;
    ensure!(thread["data"][1]["by"] == "staff" && thread["data"][2]["text"] == "It is not.", "{thread}");
    let seen = portal(&house, (Method::GET, &format!("tickets/{}", ids[0])), &ada, &Value::Null).await?.expect(200)?;
    ensure!(seen["status"] == "open", "{seen}");

    let product = far.product("MUG", 1_000).await?;
    far.guest().buy(&product, "eve@example.com").await?;
    buyer(&far, "eve@example.com").await?;
    let eve = sign_in(&house, "eve@example.com").await?;
    for path in [comments, format!("tickets/{}", ids[0])] {
        portal(&house, (Method::GET, &path), &eve, &Value::Null).await?.problem(404, "ticket_not_found")?;
    }
    Ok(())
}
