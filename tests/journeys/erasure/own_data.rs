//! All that is kept of a person, given to them.
use anyhow::Context;
use e2e::{
    House, Member, Shop,
    http::{send, text},
    mail,
};
use holdings::Class;
use reqwest::Method;
use serde_json::{Value, json};

use super::rich::{EMAIL, PARTS, Rich};

/// What journeys do not say: which program they are.
const EMPTY: [&str; 3] = ["identity.sessions.agent", "identity.customer_credentials.agent", "orders.orders.user_agent"];

fn is_told(value: &Value) -> bool {
    !(value.is_null() || *value == json!("") || *value == json!([]) || *value == json!({}))
}

/// CU-15: the export has every field that says who somebody is, of every service, and nothing that is hidden; staff need
/// customers.pii for it, it is in the audit, and a shopper has their own in the portal.
#[tokio::test]
async fn an_export_has_all_that_is_personal() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let rich = Rich::lives(&shop).await?;
    let path = format!("/admin/v1/customers/{}/data-export", rich.id);
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    assert_eq!(moderator.post(&path, &json!({})).await?.status, 403);
    let exported = shop.owner.post(&path, &json!({})).await?.expect(200)?;
    assert_eq!(exported["customer"], rich.id.as_str());
    whole(&exported["data"])?;
    let audit = "/admin/v1/audit?filter[action][eq]=customer.exported";
    e2e::eventually("it is recorded", || async {
        let list = shop.owner.get(audit).await?.expect(200)?;
        Ok(list["data"].as_array().filter(|list| list.len() == 1).map(|_| ()))
    })
    .await?;

    let link = mail::link(&house, EMAIL, "Patron").await?;
    let enter = house.http.request(Method::POST, "/account/v1/sessions").json(&json!({ "token": link }));
    let session = send(enter).await?.expect(201)?;
    let own = house.http.request(Method::POST, "/account/v1/data-export").bearer_auth(text(&session, "/token")?);
    let own = send(own).await?.expect(200)?;
    let records = own["records"].as_array().context("records")?;
    assert_eq!((records.len(), &records[0]["customer"]), (1, &json!(rich.id)));
    whole(&records[0]["data"])
}

/// Passes when every personal field has a value, and nothing hidden is there.
fn whole(data: &Value) -> anyhow::Result<()> {
    let small = data.to_string().to_lowercase();
    for part in PARTS.iter().filter(|part| !part.contains(' ')) {
        assert!(small.contains(part), "{part} is missing");
    }
    let mut missing = Vec::new();
    for (service, tables) in house::holdings() {
        for table in tables.iter().filter(|table| table.whose.is_some() && table.exported().next().is_some()) {
            let rows = data[service][table.name].as_array().with_context(|| format!("{service}.{}", table.name))?;
            for (name, columns) in table.each() {
                let told = rows.iter().any(|row| is_told(&row[name]));
                let known = rows.iter().any(|row| row.get(name).is_some());
                assert!(columns.is_exported() || !known, "{}.{name} is told", table.name);
                if matches!(columns.class, Class::Shown { .. }) && !told {
                    missing.push(format!("{service}.{}.{name}", table.name));
                }
            }
        }
    }
    assert_eq!(missing, EMPTY, "these have no value");
    Ok(())
}
