//! The demo and the seed.
use std::{fs, process::Command};

use e2e::{House, Http, http::send};
use reqwest::Method;
use serde_json::{Value, json};
use testing::rig::SECRET;

fn patron(house: &House, args: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(std::env::var("PATRON_BIN")?);
    command.args(args).env("PATRON_DATABASE_URL", house.database()).env("PATRON_NATS_URL", house.broker.url());
    command.env("PATRON_SECRET", SECRET).env("PATRON_PUBLIC_URL", house.http.base());
    let output = command.current_dir(house.folder()).output()?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

async fn get(http: &Http, path: &str, key: &Value) -> anyhow::Result<Value> {
    send(http.request(Method::GET, path).bearer_auth(key.as_str().unwrap_or_default())).await?.expect(200)
}

/// ID-20, ID-21: the demo has stores, a network and staff in every role who can sign in; making it again changes nothing.
#[tokio::test]
async fn the_demo_can_be_used_at_once() -> anyhow::Result<()> {
    let house = House::one().await?;
    let file = house.folder().join("demo.json");
    let path = file.display().to_string();
    patron(&house, &["seed", "--demo", &path, "--customers", "40"])?;
    let text = fs::read_to_string(&file)?;
    patron(&house, &["seed", "--demo", &path, "--customers", "40"])?;
    assert_eq!(text, fs::read_to_string(&file)?);

    let demo: Value = serde_json::from_str(&text)?;
    assert_eq!(demo["base_url"], house.http.base());
    let keys = [&demo["stores"][0]["key"], &demo["stores"][1]["key"], &demo["network"]["key"]];
    for key in keys {
        let products = get(&house.http, "/storefront/v1/products", key).await?;
        assert!(products.as_array().is_some_and(|products| products.len() >= 10), "{products}");
    }
    let roles: Vec<&Value> = demo["staff"].as_array().into_iter().flatten().map(|member| &member["role"]).collect();
    assert_eq!(roles, ["owner", "administrator", "customer_service", "sales_agent", "moderator"]);
    for member in demo["staff"].as_array().into_iter().flatten() {
        let body = json!({ "email": member["email"], "password": member["password"] });
        let answer = send(house.http.request(Method::POST, "/admin/v1/sessions").json(&body)).await?.expect(200)?;
        assert_eq!(answer["mfa_required"], true);
        let totp_secret = member["totp_secret"].as_str().unwrap_or_default().to_owned();
        let body = json!({ "challenge": answer["challenge"], "code": e2e::staff::totp(&totp_secret)? });
        let session =
            send(house.http.request(Method::POST, "/admin/v1/sessions/mfa").json(&body)).await?.expect(201)?;
        for store in [&demo["stores"][0], &demo["stores"][1], &demo["network"]["stores"][0]] {
            let list = house.http.request(Method::GET, "/admin/v1/customers?include=total");
            let list = list.bearer_auth(session["token"].as_str().unwrap_or_default());
            let list =
                send(list.header("Patron-Store", store["id"].as_str().unwrap_or_default())).await?.expect(200)?;
            assert!(list["data"].as_array().is_some_and(|rows| !rows.is_empty()), "{store}: {list}");
        }
    }
    Ok(())
}

/// What is seeded agrees with itself: figures of customers are what their orders say.
#[tokio::test]
async fn seeded_figures_agree_with_the_orders() -> anyhow::Result<()> {
    let house = House::one().await?;
    let path = house.folder().join("demo.json").display().to_string();
    patron(&house, &["seed", "--demo", &path, "--customers", "10"])?;
    patron(&house, &["seed", "--customers", "500"])?;
    let customers: (i64, i64, i64, i64) = sqlx::query_as(
        "select count(*), sum(orders_count)::bigint, (select sum(captured)::bigint from customer_spend),
           (select sum(orders_count)::bigint from customer_spend) from customers",
    )
    .fetch_one(&house.tables("customers").await?)
    .await?;
    let orders: (i64, i64) = sqlx::query_as(
        "select (select count(*) from orders), (select sum(amount)::bigint from transactions where status = 'succeeded')",
    )
    .fetch_one(&house.tables("orders").await?)
    .await?;
    assert!(customers.0 >= 510);
    assert_eq!((customers.1, customers.2), orders);
    assert_eq!(customers.3, customers.1, "every order counts in its currency");
    Ok(())
}

/// PL-2: an operator lists dead letters and has them applied again by the running service.
#[tokio::test]
async fn dead_letters_are_listed_and_replayed() -> anyhow::Result<()> {
    let house = House::one().await?;
    let tables = house.tables("customers").await?;
    sqlx::query(
        "insert into dead_letters (event_id, subject, payload, error)
         values ('0190a000-0000-7000-8000-000000000001', 'patron.orders.v1.Unknown', '', 'a defect')",
    )
    .execute(&tables)
    .await?;
    let listed = patron(&house, &["dead-letters", "list"])?;
    assert!(listed.contains("customers\t0190a000-0000-7000-8000-000000000001\tpatron.orders.v1.Unknown"), "{listed}");
    patron(&house, &["dead-letters", "replay", "--service", "customers"])?;
    e2e::eventually("it is applied", || async {
        let left: i64 = sqlx::query_scalar("select count(*) from dead_letters").fetch_one(&tables).await?;
        Ok((left == 0).then_some(()))
    })
    .await?;
    assert_eq!(patron(&house, &["dead-letters", "list"])?, "");
    Ok(())
}
