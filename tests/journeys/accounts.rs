//! Accounts that nobody uses, or that are spam: found, looked at, removed.
use anyhow::Context;
use e2e::{
    Answer, House, Member, Shop, eventually,
    http::{send, text},
};
use reqwest::Method;
use serde_json::{Value, json};

/// The job that was begun, once it has ended.
async fn ended(who: &Member, asked: Answer) -> anyhow::Result<Value> {
    let location = asked.header("location").to_owned();
    asked.expect(202)?;
    eventually("the job ends", || async {
        let job = who.get(&location).await?.expect(200)?;
        Ok((!job["ended_at"].is_null()).then_some(job))
    })
    .await
}

async fn clean(who: &Member, key: &str, wanted: &Value) -> anyhow::Result<Answer> {
    let asked = who.request(Method::POST, "/admin/v1/account-cleanups").header("Idempotency-Key", key);
    send(asked.json(wanted)).await
}

/// AD-2, AD-3: staff look all accounts through, see who is suspected and why, and remove them behind a typed confirmation:
/// whoever has put something into a cart since then stays, the others are gone and cannot come back by the address they
/// used; the report tells so. Nobody else may.
#[tokio::test]
async fn spam_is_found_and_removed() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.register("ada@example.com", "Ada Lovelace").await?;
    let (_, robot) = shop.register("robot@mailinator.com", "www.pills.top").await?;
    let (person, customer) = shop.register("person@mailinator.com", "Grace Hopper").await?;
    let owner = &shop.owner;
    let clerk = Member::hire(&house, &shop.store.id, "customer_service").await?;
    clerk.post("/admin/v1/account-audits", &Value::Null).await?.problem(403, "permission_required")?;
    let job = ended(owner, owner.post("/admin/v1/account-audits", &Value::Null).await?).await?;
    let found = owner.get(text(&job, "/result_url")?).await?.expect(200)?;
    let share = |accounts: i64, percent: f64| json!({ "accounts": accounts, "percent": percent });
    assert_eq!(
        (&found["active"], &found["unused"], &found["spam"]),
        (&share(1, 33.3), &share(0, 0.0), &share(2, 66.7))
    );
    let audit = text(&found, "/id")?;
    let list = format!("/admin/v1/account-audits/{audit}/verdicts");
    let verdicts = owner.get(&format!("{list}?filter[kind][eq]=spam&filter[score][gte]=70")).await?.expect(200)?;
    let worst = verdicts.pointer("/data/0").context("a verdict")?;
    assert_eq!((&worst["customer"]["id"], &worst["score"]), (&robot["id"], &json!(100)));
    assert_eq!(worst["reasons"][0]["code"], "url_in_name");
    owner.get(&format!("{list}?filter[score][lt]=70")).await?.problem(400, "invalid")?;

    let choice = json!({ "audit": audit, "kind": "spam" });
    let preview = owner.post("/admin/v1/account-cleanups/preview", &choice).await?.expect(200)?;
    assert_eq!((&preview["accounts"], &preview["reasons"]["disposable_domain"]), (&json!(2), &json!(2)));
    person.cart(&mug, 1).await?;
    let wanted = |confirm: i64| {
        json!({ "audit": audit, "kind": "spam", "confirm": confirm, "reason": "Registered by a script.",
                "block": { "emails": true, "domains": true, "days": 30 } })
    };
    clean(owner, "k1", &wanted(3)).await?.problem(422, "confirmation_mismatch")?;
    owner.post("/admin/v1/account-cleanups", &wanted(2)).await?.problem(400, "idempotency_key_required")?;
    // Whoever was there within the last hour would stay: it passes.
    let passes = "update customers set last_activity_at = last_activity_at - interval '2 hours'";
    sqlx::query(passes).execute(&house.tables("customers").await?).await?;
    let job = ended(owner, clean(owner, "k2", &wanted(2)).await?).await?;
    assert_eq!((&job["kind"], &job["progress"]["done"]), (&json!("account_cleanup"), &json!(2)));
    let report = owner.request(Method::GET, text(&job, "/result_url")?).send().await?.text().await?;
    assert!(report.starts_with("customer,verdict,score,reasons,outcome\r\n"), "{report}");
    assert!(report.contains(&format!("{},spam,100,", text(&robot, "/id")?)), "{report}");
    assert!(report.contains(&format!("{},spam,60,disposable_domain 60,purchase_started\r\n", text(&customer, "/id")?)));
    assert!(report.lines().any(|line| line.ends_with(",deleted")), "{report}");
    owner.get(&format!("/admin/v1/customers/{}", text(&robot, "/id")?)).await?.problem(404, "customer_not_found")?;
    owner.get(&format!("/admin/v1/customers/{}", text(&customer, "/id")?)).await?.expect(200)?;
    let blocks = owner.get("/admin/v1/blocks").await?.expect(200)?;
    let mut kinds: Vec<_> =
        blocks["data"].as_array().context("a list")?.iter().filter_map(|block| block["kind"].as_str()).collect();
    kinds.sort_unstable();
    // Somebody who stays has an address in that domain, too.
    assert_eq!(kinds, ["email"]);
    let again = json!({ "mode": "email", "identity": "robot@mailinator.com" });
    eventually("the address is kept out", || async {
        let asked = shop.guest().post("customers/request-creation-code", &again).await?;
        Ok((asked.body["code"] == "blocked").then_some(()))
    })
    .await
}
