//! What happened around a customer, across services.
use std::collections::BTreeSet;

use anyhow::Context;
use e2e::{House, Member, Shop, eventually, http::text, shop::customer};
use serde_json::{Value, json};

fn kinds(list: &Value) -> BTreeSet<&str> {
    let rows = list["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().filter_map(|row| row["kind"].as_str()).collect()
}

/// CU-18, CU-7: registration, sign-in, purchase, payment, message, review and what staff did are told together, by whom,
/// in a list of its own and in the profile; whoever may not see personal data sees as much, since nothing is.
#[tokio::test]
async fn a_timeline_is_told_across_services() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_999).await?;
    let (ada, _) = shop.register("ada.lovelace@example.com", "Ada Lovelace").await?;
    let order = ada.buy(&mug, "ada.lovelace@example.com").await?;
    let review = json!({ "subject": mug, "rating": 4, "content": "Holds a pint." });
    ada.post("reviews", &review).await?.expect(201)?;
    let known = customer(&shop, "ada.lovelace@example.com").await?;
    let path = format!("/admin/v1/customers/{}", text(&known, "/id")?);
    let owner = &shop.owner;
    owner.post(&format!("{path}/tags"), &json!({ "add": ["regular"] })).await?.expect(200)?;
    owner.post(&format!("{path}/notes"), &json!({ "text": "Ms Lovelace calls at noon." })).await?.expect(201)?;
    let clerk = Member::hire(&house, &shop.store.id, "moderator").await?;
    let expected: BTreeSet<&str> = [
        "customer.created",
        "customer.registered",
        "order.placed",
        "payment.captured",
        "message.sent",
        "review.submitted",
        "customer.tagged",
        "note.added",
    ]
    .into();
    let list = eventually("everything is told", || async {
        let list = clerk.get(&format!("{path}/timeline?limit=100")).await?.expect(200)?;
        Ok(expected.is_subset(&kinds(&list)).then_some(list))
    })
    .await?;
    let of = |kind: &str| {
        let rows = list["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        rows.iter().find(|row| row["kind"] == kind).cloned().with_context(|| kind.to_owned())
    };
    assert_eq!(of("order.placed")?["subject"], order["id"]);
    assert_eq!(of("payment.captured")?["amount"], json!({ "amount": 1_999, "currency": "EUR" }));
    assert_eq!(of("customer.tagged")?["actor"]["kind"], "staff");
    assert_eq!(of("review.submitted")?["actor"]["id"], known["id"]);
    let whole = list.to_string().to_lowercase();
    assert!(!whole.contains("lovelace") && !whole.contains("noon") && !whole.contains("regular"), "{whole}");
    let some = clerk.get(&format!("{path}/timeline?filter[kind][eq]=note.added")).await?.expect(200)?;
    assert_eq!(kinds(&some), ["note.added"].into());
    let profile = owner.get(&format!("{path}/profile")).await?.expect(200)?;
    assert!(kinds(&profile["timeline"]).contains("order.placed"), "{profile}");
    Ok(())
}
