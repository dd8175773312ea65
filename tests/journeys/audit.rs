//! What the audit knows of a day in a shop (AD-1).
use anyhow::{Context, ensure};
use e2e::{House, Member, Shop, eventually, http::text, shop::customer};
use serde_json::{Value, json};

/// The entries that match `query`, once there are any.
async fn entries(reader: &Member, query: &str) -> anyhow::Result<Vec<Value>> {
    eventually(&format!("{query} is in the audit"), || async {
        let list = reader.get(&format!("/admin/v1/audit?{query}")).await?.expect(200)?;
        let found = list["data"].as_array().context("a list")?.clone();
        Ok(Some(found).filter(|found| !found.is_empty()))
    })
    .await
}

/// AD-1: what staff change is in the audit of their store, with who, what, before and after; whoever lacks audit.read, and
/// staff of another store, do not see it.
#[tokio::test]
async fn what_staff_change_is_in_the_audit() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let hidden = shop.owner.patch(&format!("/admin/v1/products/{mug}"), &json!({ "active": false })).await?;
    hidden.expect(200)?;
    let entry = entries(&shop.owner, "filter[action][eq]=product.updated").await?.remove(0);
    let me = shop.owner.get("/admin/v1/me").await?.expect(200)?;
    assert_eq!((&entry["actor"]["id"], &entry["actor_name"]), (&me["id"], &me["name"]));
    assert_eq!(entry["target"], json!({ "kind": "product", "id": mug }));
    assert_eq!((&entry["before"], &entry["after"]), (&json!({ "active": true }), &json!({ "active": false })));
    assert_eq!((text(&entry, "/service")?, text(&entry, "/store")?), ("catalog", &*shop.store.id));
    assert_eq!(text(&entry, "/ip")?, "127.0.0.1");
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    for path in ["audit", "audit/verify", "audit/export?format=csv", "audit/access"] {
        moderator.get(&format!("/admin/v1/{path}")).await?.problem(403, "permission_required")?;
    }
    let other = Shop::open(&house, "Harbour Books", "EUR").await?;
    let list = other.owner.get(&format!("/admin/v1/audit?filter[target][eq]={mug}")).await?.expect(200)?;
    assert_eq!(list["data"], json!([]));
    let export = shop.owner.get("/admin/v1/audit/export?format=csv&filter[action][eq]=product.updated").await?;
    let file = export.expect(200)?;
    let file = file.as_str().context("a file")?;
    ensure!(file.lines().count() == 2 && file.starts_with("number,at,service"), "{file}");
    let lines = shop.owner.get("/admin/v1/audit/export?format=jsonl").await?.expect(200)?;
    let lines =
        lines.as_str().context("a file")?.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    ensure!(lines.iter().any(|line| line["id"] == entry["id"]), "{lines:?}");
    Ok(())
}

/// AD-1, ID-20: who signs in and out is in the audit, and the access review says who may do what.
#[tokio::test]
async fn signing_in_is_in_the_audit() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let clerk = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    let me = clerk.get("/admin/v1/me").await?.expect(200)?;
    let entry = entries(&shop.owner, &format!("filter[actor][eq]={}", text(&me, "/id")?)).await?.remove(0);
    assert_eq!(text(&entry, "/action")?, "staff.signed_in");
    assert_eq!(entry["after"], json!({ "methods": ["password", "otp"] }));
    let review = shop.owner.get("/admin/v1/audit/access").await?.expect(200)?;
    let access = review["data"].as_array().into_iter().flatten().find(|access| access["id"] == me["id"]);
    let access = access.context("the clerk")?;
    assert_eq!(
        (&access["seats"][0]["role"], &access["deeds"][0]["action"]),
        (&json!("sales_agent"), &json!("staff.signed_in"))
    );
    Ok(())
}

/// AD-1, ID-23: who reads personal data in the clear is recorded beside the request, once a minute for each customer; who
/// sees it masked reads none.
#[tokio::test]
async fn reading_personal_data_is_recorded() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let order = shop.guest().buy(&mug, "ada.lovelace@example.com").await?;
    let ada = text(&customer(&shop, "ada.lovelace@example.com").await?, "/id")?.to_owned();
    let clerk = Member::hire(&house, &shop.store.id, "customer_service").await?;
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    for member in [&clerk, &moderator] {
        for path in [format!("customers/{ada}"), format!("orders/{}", text(&order, "/id")?), "customers".to_owned()] {
            member.get(&format!("/admin/v1/{path}")).await?.expect(200)?;
        }
    }
    let id =
        async |member: &Member| anyhow::Ok(text(&member.get("/admin/v1/me").await?.expect(200)?, "/id")?.to_owned());
    let read = format!("filter[action][eq]=pii.read&filter[target][eq]={ada}");
    let known = entries(&shop.owner, &format!("{read}&filter[actor][eq]={}", id(&clerk).await?)).await?;
    // Two at most, when the minute ended in between.
    ensure!(known.len() <= 2 && known[0]["customers"] == json!([ada]), "{known:?}");
    let masked = shop.owner.get(&format!("/admin/v1/audit?{read}&filter[actor][eq]={}", id(&moderator).await?)).await?;
    assert_eq!(masked.expect(200)?["data"], json!([]));
    let verdict = shop.owner.get("/admin/v1/audit/verify").await?.expect(200)?;
    ensure!(verdict["sound"] == true && verdict["verified"] == verdict["length"], "{verdict}");
    Ok(())
}
