//! Lists of customers: narrowed down, saved, taken away, counted.
use anyhow::Context;
use e2e::{
    House, Member, Shop, eventually,
    http::{send, text},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The e-mail addresses of a list.
async fn found(who: &Member, list: &str) -> anyhow::Result<Vec<String>> {
    let list = who.get(list).await?.expect(200)?;
    let rows = list["data"].as_array().context("a list")?;
    rows.iter().map(|row| Ok(text(row, "/email")?.to_owned())).collect()
}

/// CU-5, CU-6, CU-17: a purchase is found by what was bought and where it went; the filter is saved and used by its name in
/// lists and searches; what it asks for can be changed by one at a time.
#[tokio::test]
async fn filters_are_saved_and_used() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (mug, jug) = (shop.product("MUG", 1_000).await?, shop.product("JUG", 2_000).await?);
    for (product, email) in [(&mug, "ada@example.com"), (&jug, "bob@example.com"), (&mug, "bob@example.com")] {
        shop.guest().buy(product, email).await?;
    }
    let office = &shop.owner;
    let by_mug = format!("/admin/v1/customers?filter[products][eq]={mug}&sort=orders_count");
    eventually("both have bought a mug", || async {
        Ok((found(office, &by_mug).await? == ["ada@example.com", "bob@example.com"]).then_some(()))
    })
    .await?;
    let filter = json!({ "and": [
        { "field": "products", "op": "in", "value": [mug, jug] }, { "field": "repeat", "op": "eq", "value": true },
    ] });
    let saved = office.post("/admin/v1/segments", &json!({ "name": "Regulars", "filter": filter })).await?;
    let saved = saved.expect(201)?;
    assert_eq!((&saved["filter"], &saved["version"]), (&filter, &json!(1)));
    let id = text(&saved, "/id")?;
    assert_eq!(found(office, &format!("/admin/v1/customers?filter[segment][eq]={id}")).await?, ["bob@example.com"]);
    let search = json!({ "filter": { "not": { "field": "segment", "op": "eq", "value": id } } });
    let others = office.post("/admin/v1/customers/search", &search).await?.expect(200)?;
    assert_eq!(others["data"].as_array().map(Vec::len), Some(1));
    let path = format!("/admin/v1/segments/{id}");
    let stale = office.request(Method::PATCH, &path).header("If-Match", "\"9\"").json(&json!({ "name": "x" }));
    send(stale).await?.problem(412, "stale_version")?;
    let taken = office.post("/admin/v1/segments", &json!({ "name": "regulars", "filter": filter })).await?;
    taken.problem(409, "segment_name_taken")?;
    send(office.request(Method::DELETE, &path)).await?.expect(204)?;
    office.get(&format!("/admin/v1/customers?filter[segment][eq]={id}")).await?.problem(404, "segment_not_found")?;
    let retention = office.get("/admin/v1/customers/retention").await?.expect(200)?;
    assert_eq!(
        (&retention["buyers"], &retention["repeat"], &retention["active"]),
        (&json!("2"), &json!("1"), &json!("2"))
    );
    Ok(())
}

/// EX-1, EX-2, EX-3, ID-23: a list becomes a file in each form behind the request; its link needs nothing else and is worth
/// nothing changed; who may not see personal data gets a masked one; the audit knows how many rows were taken.
#[tokio::test]
async fn a_list_is_taken_away() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    shop.guest().buy(&mug, "eve@example.com").await?;
    let wanted = |format: &str| {
        json!({ "type": "customers", "format": format, "columns": ["email", "orders_count"],
        "filter": { "field": "email", "op": "eq", "value": "ada@example.com" } })
    };
    shop.owner.post("/admin/v1/exports", &wanted("csv")).await?.problem(400, "idempotency_key_required")?;
    for (format, media_type) in [
        ("csv", "text/csv; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ] {
        let done = take(&shop.owner, &wanted(format), format).await?;
        let link = format!("{}{}", house.http.base(), text(&done, "/result_url")?);
        let answer = reqwest::get(&link).await?;
        assert_eq!((answer.status(), answer.headers()["content-type"].to_str()?), (StatusCode::OK, media_type));
        let bytes = answer.bytes().await?;
        match format {
            "csv" => assert_eq!(bytes, "\u{feff}email,orders_count\r\nada@example.com,1\r\n"),
            "html" => assert!(String::from_utf8_lossy(&bytes).contains("<td>ada@example.com</td><td>1</td>")),
            _ => assert!(bytes.starts_with(b"PK")),
        }
        let tampered = link.replace("&signature=", "&signature=00");
        assert_eq!(reqwest::get(&tampered).await?.status(), StatusCode::NOT_FOUND);
    }
    let clerk = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    clerk.get("/admin/v1/exports").await?.problem(403, "permission_required")?;
    let audit = eventually("the audit knows", || async {
        let list = shop.owner.get("/admin/v1/audit?filter[action][eq]=export.ended").await?.expect(200)?;
        let rows = list["data"].as_array().context("a list")?.clone();
        Ok((rows.len() == 3).then_some(rows))
    })
    .await?;
    assert_eq!(
        (&audit[0]["after"]["rows"], &audit[0]["after"]["filter"]["and"][0]["value"]),
        (&json!(1), &json!("***"))
    );
    Ok(())
}

/// An export that is done.
async fn take(who: &Member, wanted: &Value, key: &str) -> anyhow::Result<Value> {
    let asked = who.request(Method::POST, "/admin/v1/exports").header("Idempotency-Key", key).json(wanted);
    let asked = send(asked).await?;
    let location = asked.header("location").to_owned();
    let asked = asked.expect(202)?;
    assert_eq!(location, format!("/admin/v1/exports/{}", text(&asked, "/id")?));
    eventually("the file is written", || async {
        let export = who.get(&location).await?.expect(200)?;
        Ok((export["state"] == "succeeded").then_some(export))
    })
    .await
}
