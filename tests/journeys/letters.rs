//! What staff write to customers, through the doors of everybody who has to do with it.
use anyhow::{Context, ensure};
use e2e::{
    Form, House, Member, Shop, eventually,
    http::{send, text},
    mail,
    shop::{buyer, customer},
};
use reqwest::Method;
use serde_json::{Value, json};

fn letter(purpose: &str) -> Value {
    json!({ "channel": "email", "purpose": purpose, "subject": "For {{first_name|you}}", "text": "Dear {{name}},\n\nspring is here." })
}

/// The message at `path`, once it is as far as `status`.
async fn when(who: &Member, path: &str, status: &str) -> anyhow::Result<Value> {
    eventually(&format!("the message is {status}"), || async {
        let message = who.get(path).await?.expect(200)?;
        Ok((message["status"] == status).then_some(message))
    })
    .await
}

/// The campaign at `path`, once it is done. What was being sent when somebody was killed is kept from others for a minute.
async fn over(who: &Member, path: &str) -> anyhow::Result<Value> {
    let over = || async {
        let campaign = who.get(path).await?.expect(200)?;
        Ok((campaign["state"] == "done").then_some(campaign))
    };
    for _ in 0..3 {
        if let Ok(done) = eventually("it is done", over).await {
            return Ok(done);
        }
    }
    eventually("it is done", over).await
}

async fn agree(owner: &Member, customer: &str, agreed: bool) -> anyhow::Result<()> {
    let path = format!("/admin/v1/customers/{customer}/consents");
    owner.post(&path, &json!({ "consents": { "email": agreed } })).await?.expect(200)?;
    Ok(())
}

/// NO-6, NO-1, CU-16, CU-18: staff write to a customer, who gets it, and marketing only once they agreed; one click in it ends
/// that, looking does not, and the history of their consent says how it came.
#[tokio::test]
async fn staff_write_to_a_customer() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    let ada = buyer(&shop, "ada@example.com").await?;
    let id = text(&ada, "/id")?;
    let path = format!("/admin/v1/customers/{id}/messages");
    let agent = Member::hire(&house, &shop.store.id, "customer_service").await?;
    let sent = agent.post(&path, &letter("service")).await?;
    let at = sent.header("location").to_owned();
    let sent = sent.expect(201)?;
    ensure!(sent["template"] == "letter" && sent["purpose"] == "service" && sent["customer"] == *id, "{sent}");
    let logged = when(&agent, &at, "sent").await?;
    let name = ada["name"].as_str().context("a name")?;
    ensure!(logged["content"].as_str().is_some_and(|text| text.contains(&format!("Dear {name}"))), "{logged}");
    let mail = mail::arrival(&house, "ada@example.com", "spring is here").await?;
    ensure!(!mail.text.contains("List-Unsubscribe"), "{}", mail.text);

    agent.post(&path, &letter("marketing")).await?.problem(409, "no_consent")?;
    agree(&shop.owner, id, true).await?;
    let marketing = agent.post(&path, &letter("marketing")).await?;
    when(&agent, marketing.header("location"), "sent").await?;
    let mail = mail::arrival(&house, "ada@example.com", "List-Unsubscribe-Post: List-Unsubscribe=One-Click").await?;
    let unfolded = mail.text.replace("\n ", "");
    let link = unfolded.split("/unsubscribe/").nth(1).context("a link")?;
    let token: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
    let page = format!("/unsubscribe/{token}");
    for _ in 0..2 {
        let shown = house.http.request(Method::GET, &page).send().await?.error_for_status()?.text().await?;
        ensure!(shown.contains("Corner Shop") && shown.contains("<form"), "{shown}");
    }
    let path_of_consents = format!("/admin/v1/customers/{id}/consents");
    let known = shop.owner.get(&path_of_consents).await?.expect(200)?;
    ensure!(known.to_string().contains("console"), "{known}");
    // As a mail program does: from no page, without a cookie.
    let click = house.http.request(Method::POST, &page).header("Content-Type", "application/x-www-form-urlencoded");
    click.body("List-Unsubscribe=One-Click").send().await?.error_for_status()?;
    let known = shop.owner.get(&path_of_consents).await?.expect(200)?;
    ensure!(
        known.to_string().contains("\"source\":\"unsubscribe\"")
            && !known["history"][0]["granted"].as_bool().unwrap_or(true),
        "{known}"
    );
    agent.post(&path, &letter("marketing")).await?.problem(409, "no_consent")?;
    let made_up = house.http.request(Method::POST, "/unsubscribe/abc").send().await?;
    ensure!(made_up.status() == 404, "{made_up:?}");
    Ok(())
}

/// NO-6, ID-22, ID-30, PL-4: nobody writes without the permission, nor to another shop's customers, nor sees its campaigns.
#[tokio::test]
async fn letters_stay_within_their_shop() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (shop, other) = (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Harbour", "EUR").await?);
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    let ada = buyer(&shop, "ada@example.com").await?;
    let path = format!("/admin/v1/customers/{}/messages", text(&ada, "/id")?);
    other.owner.post(&path, &letter("service")).await?.problem(404, "customer_not_found")?;
    let seller = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    seller.post(&path, &letter("service")).await?.problem(403, "permission_required")?;
    let mut draft = letter("service");
    (draft["name"], draft["filter"]) = (json!("Spring"), json!({ "field": "status", "op": "eq", "value": "active" }));
    shop.owner.post("/admin/v1/campaigns", &draft).await?.problem(400, "idempotency_key_required")?;
    let begin =
        |key: &str| shop.owner.request(Method::POST, "/admin/v1/campaigns").header("Idempotency-Key", key.to_owned());
    let mut odd = draft.clone();
    odd["text"] = json!("{{password}}");
    send(begin("odd").json(&odd)).await?.problem(400, "invalid")?;
    let begun = send(begin("spring").json(&draft)).await?;
    let campaign = begun.header("location").to_owned();
    begun.expect(202)?;
    other.owner.get(&campaign).await?.problem(404, "campaign_not_found")?;
    send(other.owner.request(Method::POST, &format!("{campaign}/cancel"))).await?.problem(404, "campaign_not_found")?;
    ensure!(other.owner.get("/admin/v1/campaigns").await?.expect(200)?["data"] == json!([]), "another shop's");
    Ok(())
}

/// NO-6, PL-2: a campaign to a segment reaches everybody of it who agreed once, though whoever carries it out is killed on the
/// way, and says what became of the others.
#[tokio::test]
async fn a_campaign_outlives_those_who_carry_it_out() -> anyhow::Result<()> {
    let mut house = House::start(Form::Separate, Vec::new()).await?;
    let rows = (0..450).map(|n| format!("p{n}@example.com,P{n},{}\n", if n % 9 == 0 { "no" } else { "yes" }));
    let file = format!("email,name,Accepts Email Marketing\n{}", rows.collect::<String>());
    let (owner, path) = {
        let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
        let owner = shop.owner.clone();
        let import = owner.import(file).await?.header("location").to_owned();
        for (step, state) in [("check", "checked"), ("start", "succeeded")] {
            send(owner.request(Method::POST, &format!("{import}/{step}"))).await?.expect(202)?;
            eventually(&format!("the import is {state}"), || async {
                Ok((owner.get(&import).await?.expect(200)?["state"] == state).then_some(()))
            })
            .await?;
        }
        customer(&shop, "p1@example.com").await?;
        let leads = json!({ "name": "Leads", "filter": { "field": "lifecycle", "op": "eq", "value": "lead" } });
        let segment = owner.post("/admin/v1/segments", &leads).await?.expect(201)?;
        let mut draft = letter("marketing");
        draft["segment"] = segment["id"].clone();
        let seen = owner.post("/admin/v1/campaigns/preview", &draft).await?.expect(200)?;
        ensure!(seen["recipients"] == 450 && seen["reachable"] == 400 && seen["skipped"]["no_consent"] == 50, "{seen}");
        draft["name"] = json!("Spring");
        let begin = owner.request(Method::POST, "/admin/v1/campaigns").header("Idempotency-Key", "spring");
        let begun = send(begin.json(&draft)).await?;
        let path = begun.header("location").to_owned();
        begun.expect(202)?;
        (owner, path)
    };
    for looked_at in [1, 150] {
        eventually("it gets on", || async {
            let campaign = owner.get(&path).await?.expect(200)?;
            Ok((campaign["looked_at"].as_i64() >= Some(looked_at)).then_some(()))
        })
        .await?;
        house.kill("notifications")?;
        house.revive("notifications")?;
        house.ready().await?;
    }
    let done = over(&owner, &path).await?;
    ensure!(done["looked_at"] == 450 && done["sent"] == 400 && done["failed"] == 0, "{done}");
    ensure!(done["skipped"] == json!({ "no_consent": 50 }), "{done}");
    let folder = house.sent("mail");
    let mails = std::fs::read_dir(folder)?.filter_map(Result::ok).map(|file| std::fs::read_to_string(file.path()));
    let mails = mails.collect::<Result<Vec<_>, _>>()?;
    for number in [1, 2, 200, 449] {
        let to = format!("To: p{number}@example.com");
        ensure!(mails.iter().filter(|mail| mail.contains(&to)).count() == 1, "{to}");
    }
    ensure!(!mails.iter().any(|mail| mail.contains("To: p9@example.com")), "who did not agree");
    Ok(())
}
