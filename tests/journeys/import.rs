//! Customers taken in from files.
use anyhow::Context;
use e2e::{Form, House, Member, Shop, eventually, http::send};
use reqwest::Method;
use serde_json::{Value, json};

/// As a shop elsewhere exports its customers.
const FILE: &str = "First Name,Last Name,Email,Accepts Email Marketing,Default Address Address1,Default Address City,\
    Default Address Country Code,Phone,Total Spent,Tags\r\n\
    Ada,King,ada@example.com,yes,Allee 1,Berlin,DE,+49 30 901820,12.50,vip\r\n\
    Bob,,bob@example,no,,,,,0.00,\r\n\
    Eve,Moor,eve@example.com,no,,,,call me,0.00,\r\n";

/// The import at `path`, once it is as far as `state`.
async fn when(who: &Member, path: &str, state: &str) -> anyhow::Result<Value> {
    eventually(&format!("the import is {state}"), || async {
        let import = who.get(path).await?.expect(200)?;
        anyhow::ensure!(import["state"] != "failed", "{import}");
        Ok((import["state"] == state).then_some(import))
    })
    .await
}

async fn go(who: &Member, path: &str) -> anyhow::Result<Value> {
    send(who.request(Method::POST, path)).await?.expect(202)
}

/// CU-3, CU-4, CU-9, CU-11, CU-16, AD-1: a file is uploaded, its columns are proposed and changed, it is checked with what is
/// wrong in which cell, and taken in; whose row it was is told in a report; the audit has counts and nobody's name.
#[tokio::test]
async fn a_file_of_customers_is_taken_in() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let owner = &shop.owner;
    let uploaded = owner.import(FILE).await?;
    let path = uploaded.header("location").to_owned();
    let import = uploaded.expect(201)?;
    let proposed = json!([
        "first_name",
        "last_name",
        "email",
        "consents.email",
        "address.line1",
        "address.city",
        "address.country",
        "phone",
        null,
        "tags"
    ]);
    assert_eq!((&import["mapping"], &import["rows"], &import["encoding"]), (&proposed, &json!(3), &json!("utf-8")));
    assert_eq!(import["sample"][0][2], "ada@example.com");
    let mut mapping = proposed.clone();
    mapping[8] = json!("meta.spent");
    let change = json!({ "mapping": mapping, "options": { "tags": ["moved"] } });
    assert_eq!(owner.patch(&path, &change).await?.expect(200)?["mapping"], mapping);
    send(owner.request(Method::POST, &format!("{path}/start"))).await?.problem(409, "import_not_ready")?;
    go(owner, &format!("{path}/check")).await?;
    let checked = when(owner, &path, "checked").await?;
    let counts = json!({ "new": 2, "changed": 0, "unchanged": 0, "refused": 1, "superseded": 0, "warnings": 1 });
    assert_eq!(checked["counts"], counts);
    let wrong = owner.get(&format!("{path}/errors?limit=1")).await?.expect(200)?;
    assert_eq!((&wrong["data"][0]["line"], &wrong["data"][0]["column"]), (&json!(3), &json!("Email")));
    let next = wrong["page"]["next"].as_str().context("a second page")?;
    let wrong = owner.get(&format!("{path}/errors?limit=1&after={next}")).await?.expect(200)?;
    assert_eq!((&wrong["data"][0]["column"], &wrong["data"][0]["refuses"]), (&json!("Phone"), &json!(false)));
    assert_eq!(wrong["page"]["has_more"], false);

    go(owner, &format!("{path}/start")).await?;
    let done = when(owner, &path, "succeeded").await?;
    assert_eq!((&done["counts"], &done["sample"]), (&counts, &json!([])));
    let found = owner.get("/admin/v1/customers?filter[tags][eq]=moved&sort=name").await?.expect(200)?;
    let ada = &found["data"][0];
    assert_eq!(
        (&ada["name"], &ada["lifecycle"], &ada["tags"]),
        (&json!("Ada King"), &json!("lead"), &json!(["moved", "vip"]))
    );
    assert_eq!((&ada["meta"]["spent"], &ada["consents"]["email"]), (&json!("12.50"), &json!(true)));
    let report = owner.get(done["result_url"].as_str().context("a report")?).await?.expect(200)?;
    let lines: Vec<&str> = report.as_str().unwrap_or_default().lines().collect();
    let id = ada["id"].as_str().unwrap_or_default();
    assert_eq!(lines[..3], ["line,id,outcome,reason", format!("2,{id},created,").as_str(), "3,,refused,malformed"]);
    eventually("the audit knows of it", || async {
        let list = owner.get("/admin/v1/audit?filter[action][eq]=import.ended").await?.expect(200)?;
        let told = list["data"][0]["after"].to_string();
        anyhow::ensure!(!told.contains("Ada") && !told.contains("example.com"), "{told}");
        Ok(told.contains("\"created\":2").then_some(()))
    })
    .await
}

/// ID-22, ID-23, PL-4: nobody takes people in who may not make and see them; another shop knows of no import; what is no list
/// of customers, or too large, is refused.
#[tokio::test]
async fn files_are_taken_from_those_who_may() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (shop, other) = (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Harbour", "EUR").await?);
    let clerk = Member::hire(&house, &shop.store.id, "moderator").await?;
    clerk.import(FILE).await?.problem(403, "permission_required")?;
    let path = shop.owner.import(FILE).await?.header("location").to_owned();
    for part in ["", "/errors", "/report"] {
        other.owner.get(&format!("{path}{part}")).await?.problem(404, "import_not_found")?;
    }
    shop.owner.import("ada@example.com,Ada\r\n").await?.problem(422, "file_unreadable")?;
    shop.owner.post("/admin/v1/imports", &json!({})).await?.problem(415, "unsupported_media_type")?;
    let large = "x".repeat(25 * 1024 * 1024 + 1);
    shop.owner.import(large).await?.problem(413, "too_large")?;
    let rows =
        (0..60_000).map(|number| format!("p{number}@example.com,{}\n", "y".repeat(400))).collect::<Vec<_>>().concat();
    let import = shop.owner.import(format!("email,name\n{rows}")).await?.expect(201)?;
    assert_eq!(import["rows"], 60_000, "24 MiB are taken");
    Ok(())
}

/// PL-2: an import goes on after whoever carried it out was killed, and nobody is made twice.
#[tokio::test]
async fn an_import_outlives_those_who_carry_it_out() -> anyhow::Result<()> {
    let mut house = House::start(Form::Separate, Vec::new()).await?;
    let rows =
        (0..1_500).map(|n| format!("p{n}@example.com,P{n},Allee {n},Berlin,DE,moved\n")).collect::<Vec<_>>().concat();
    let file = format!("email,name,street,city,country,tags\n{rows}");
    let (owner, path) = {
        let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
        let path = shop.owner.import(file).await?.header("location").to_owned();
        go(&shop.owner, &format!("{path}/check")).await?;
        when(&shop.owner, &path, "checked").await?;
        go(&shop.owner, &format!("{path}/start")).await?;
        eventually("it has begun", || async {
            let import = shop.owner.get(&path).await?.expect(200)?;
            Ok((import["progress"]["done"].as_i64() > Some(0)).then_some(()))
        })
        .await?;
        (shop.owner.clone(), path)
    };
    house.kill("customers")?;
    house.revive("customers")?;
    house.ready().await?;
    let tables = house.tables("customers").await?;
    // The one who died kept it for a minute; that is not waited for.
    sqlx::query("update imports set due_at = now() where due_at is not null").execute(&tables).await?;
    let done = when(&owner, &path, "succeeded").await?;
    assert_eq!((&done["counts"]["new"], &done["progress"]["done"]), (&json!(1_500), &json!(1_500)));
    let made = "select (select count(*) from customers) = 1500 and (select count(*) from customer_addresses) = 1500
                  and (select count(*) from import_lines) = 1500 and (select count(*) = 1500 from customers where version = 1)";
    assert!(sqlx::query_scalar::<_, bool>(made).fetch_one(&tables).await?, "nothing was done twice");
    Ok(())
}
