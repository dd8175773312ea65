//! Many customers changed at once, as a job.
use std::collections::BTreeSet;

use anyhow::Context;
use e2e::{
    Answer, House, Member, Shop, eventually,
    http::{send, text},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Asks for a change of many under an idempotency key.
async fn ask(who: &Member, key: &str, wanted: &Value) -> anyhow::Result<Answer> {
    let asked = who.request(Method::POST, "/admin/v1/customers/bulk").header("Idempotency-Key", key);
    send(asked.json(wanted)).await
}

/// The job that was begun, once it has ended.
async fn ended(who: &Member, asked: Answer) -> anyhow::Result<Value> {
    let location = asked.header("location").to_owned();
    let job = asked.expect(202)?;
    assert_eq!(location, format!("/admin/v1/jobs/{}", text(&job, "/id")?));
    eventually("the job ends", || async {
        let job = who.get(&location).await?.expect(200)?;
        Ok((!job["ended_at"].is_null()).then_some(job))
    })
    .await
}

/// CU-8, CU-6: a segment is tagged behind the request with progress; whoever may not do so to one does not to many; the
/// audit knows the filter, the number and each of them; then all of it is erased, by those who prove and count.
#[tokio::test]
async fn many_are_changed_behind_the_request() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    for email in ["ada@example.com", "bob@example.com", "eve@example.com"] {
        shop.guest().buy(&mug, email).await?;
    }
    let owner = &shop.owner;
    let bought = json!({ "field": "products", "op": "eq", "value": mug });
    eventually("all have bought", || async {
        let list = owner.get(&format!("/admin/v1/customers?filter[products][eq]={mug}")).await?.expect(200)?;
        Ok((list["data"].as_array().map(Vec::len) == Some(3)).then_some(()))
    })
    .await?;
    let segment = json!({ "name": "Mugs", "filter": bought });
    let segment = owner.post("/admin/v1/segments", &segment).await?.expect(201)?;
    let tag = json!({ "action": "tag", "add": ["mug"], "segment": segment["id"] });
    owner.post("/admin/v1/customers/bulk", &tag).await?.problem(400, "idempotency_key_required")?;
    let clerk = Member::hire(&house, &shop.store.id, "moderator").await?;
    ask(&clerk, "k", &tag).await?.problem(403, "permission_required")?;
    let job = ended(owner, ask(owner, "k1", &tag).await?).await?;
    assert_eq!(
        (&job["kind"], &job["state"], &job["progress"], &job["refused"]),
        (&json!("bulk"), &json!("succeeded"), &json!({ "done": 3, "total": 3 }), &json!(0))
    );
    let tagged = owner.get("/admin/v1/customers?filter[tags][eq]=mug").await?.expect(200)?;
    let ids = tagged["data"].as_array().context("a list")?;
    let ids: BTreeSet<&str> = ids.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids.len(), 3);
    let report = owner.request(Method::GET, text(&job, "/result_url")?).send().await?;
    assert_eq!(report.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(report.text().await?, "customer,code\r\n");
    send(owner.request(Method::POST, &format!("/admin/v1/jobs/{}/cancel", text(&job, "/id")?)))
        .await?
        .problem(409, "job_ended")?;
    eventually("the audit knows each of them", || async {
        let list = owner.get("/admin/v1/audit?filter[action][eq]=customer.tagged").await?.expect(200)?;
        let rows = list["data"].as_array().context("a list")?;
        let targets: BTreeSet<&str> = rows.iter().filter_map(|row| row["target"]["id"].as_str()).collect();
        Ok((targets == ids && rows.iter().all(|row| row["actor"]["kind"] == "staff")).then_some(()))
    })
    .await?;

    let delete =
        |confirm: i64| json!({ "action": "delete", "filter": bought, "reason": "Asked for it.", "confirm": confirm });
    ask(owner, "k2", &delete(2)).await?.problem(422, "confirmation_mismatch")?;
    let job = ended(owner, ask(owner, "k3", &delete(3)).await?).await?;
    assert_eq!((&job["progress"]["done"], &job["refused"]), (&json!(3), &json!(0)));
    for id in ids {
        owner.get(&format!("/admin/v1/customers/{id}")).await?.problem(404, "customer_not_found")?;
    }
    Ok(())
}
