//! What events of subscriptions make of a record, and whom lists find by them.
use kit::{
    clock,
    ids::{ProductId, StoreId, SubscriptionId},
};
use proto::{
    customers::v1::{Customer, GetCustomerRequest, ListCustomersRequest, SubscriptionCounts},
    orders::v1::{SubscriptionChanged, SubscriptionEnded, SubscriptionRenewed, SubscriptionStarted},
};
use testing::{Actors, Rig};

use crate::{
    merges::merge,
    network::network_on,
    shop::{PII, Shop, filter},
};

/// The beginning of a subscription of `customer`.
pub fn started(shop: &Shop, customer: &str) -> SubscriptionStarted {
    SubscriptionStarted {
        realm: shop.actors().realm.into(),
        store: shop.actors().store.into(),
        subscription: SubscriptionId::new(shop.now()).into(),
        customer: customer.to_owned(),
        product: ProductId::new(shop.now()).into(),
        status: "active".to_owned(),
        version: 1,
        at: Some(clock::timestamp(shop.now())),
        ..SubscriptionStarted::default()
    }
}

/// A later word of it.
pub fn changed(of: &SubscriptionStarted, (status, version): (&str, i64)) -> SubscriptionChanged {
    let SubscriptionStarted { realm, store, subscription, customer, product, at, .. } = of.clone();
    let (status, change, by) = (status.to_owned(), String::new(), String::new());
    SubscriptionChanged { realm, store, subscription, customer, product, status, version, at, change, by }
}

/// The last word of it.
pub fn ended(of: &SubscriptionStarted, (status, version): (&str, i64)) -> SubscriptionEnded {
    let SubscriptionChanged { realm, store, subscription, customer, product, status, version, at, .. } =
        changed(of, (status, version));
    SubscriptionEnded { realm, store, subscription, customer, product, status, version, at }
}

fn counts(customer: &Customer) -> (i64, i64) {
    let SubscriptionCounts { active, cancelled } = customer.subscriptions.unwrap_or_default();
    (active, cancelled)
}

/// CU-4: past due and paused subscriptions go on; cancelled and expired ones do not; each counts once.
#[tokio::test]
async fn subscriptions_are_counted() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    assert_eq!(counts(&ada), (0, 0));
    for (status, expected) in
        [("active", (1, 0)), ("past_due", (2, 0)), ("paused", (3, 0)), ("cancelled", (3, 1)), ("expired", (3, 2))]
    {
        let one = started(&shop, &ada.id);
        shop.hear(&one).await?;
        shop.hear(&changed(&one, (status, 2))).await?;
        assert_eq!(counts(&shop.get(PII, &ada.id).await?), expected, "{status}");
    }
    let listed = shop.list(ListCustomersRequest::default()).await?;
    assert_eq!(counts(&listed.customers[0]), (3, 2), "a list shows the same");
    Ok(())
}

/// CU-4, PL-2: the newest word counts, whenever it comes; the record's version says when a count is another.
#[tokio::test]
async fn the_newest_word_counts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let one = started(&shop, &ada.id);
    shop.hear(&ended(&one, ("expired", 7))).await?;
    let after = shop.get(PII, &ada.id).await?;
    assert_eq!((counts(&after), after.version), ((0, 1), ada.version + 1));
    for _ in 0..2 {
        shop.hear(&changed(&one, ("past_due", 6))).await?;
        shop.hear(&one).await?;
        shop.hear(&ended(&one, ("expired", 7))).await?;
    }
    assert_eq!(shop.get(PII, &ada.id).await?, after);
    let other = started(&shop, &ada.id);
    shop.hear(&other).await?;
    let begun = shop.get(PII, &ada.id).await?;
    let renewed = SubscriptionRenewed {
        version: 2,
        realm: other.realm.clone(),
        store: other.store.clone(),
        subscription: other.subscription.clone(),
        customer: other.customer.clone(),
        product: other.product.clone(),
        status: "active".to_owned(),
        at: other.at,
        ..SubscriptionRenewed::default()
    };
    shop.hear(&renewed).await?;
    assert_eq!(shop.get(PII, &ada.id).await?, begun, "a renewal is nothing new of the record");
    Ok(())
}

/// CU-13, CU-4: a merge moves them, and what is still told of the record that is gone is the kept one's.
#[tokio::test]
async fn a_merge_moves_them() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, king) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("ada@king.example", "Ada King").await?);
    let (one, two) = (started(&shop, &ada.id), started(&shop, &king.id));
    shop.hear(&one).await?;
    shop.hear(&two).await?;
    merge(&shop, &ada.id, &king.id).await?;
    assert_eq!(counts(&shop.get(PII, &ada.id).await?), (2, 0));
    shop.hear(&ended(&two, ("cancelled", 3))).await?;
    shop.hear(&started(&shop, &king.id)).await?;
    assert_eq!(counts(&shop.get(PII, &ada.id).await?), (2, 1));
    Ok(())
}

async fn found(shop: &Shop, actors: &Actors, (op, statuses): (&str, &[&str])) -> anyhow::Result<String> {
    let filter = Some(filter("subscription", op, statuses));
    let request = ListCustomersRequest { filter, sort: vec!["name".to_owned()], ..Default::default() };
    let answer = shop.client.clone().list_customers(actors.staff(PII, request)).await?.into_inner();
    let names: Vec<_> = answer.customers.into_iter().map(|customer| customer.name).collect();
    Ok(names.join(" "))
}

/// CU-5: whose subscriptions stand so, and who has none that does.
#[tokio::test]
async fn lists_are_narrowed_down_by_them() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    for (name, statuses) in
        [("Ada", vec!["active", "cancelled"]), ("Bob", vec!["past_due"]), ("Cid", vec!["expired"]), ("Eve", vec![])]
    {
        let customer = shop.meet(&format!("{name}@example.com"), name).await?;
        for status in statuses {
            shop.hear(&SubscriptionStarted { status: status.to_owned(), ..started(&shop, &customer.id) }).await?;
        }
    }
    for (op, statuses, expected) in [
        ("eq", &["active"][..], "Ada"),
        ("eq", &["cancelled"], "Ada"),
        ("eq", &["paused"], ""),
        ("in", &["past_due", "expired"], "Bob Cid"),
        ("ne", &["active"], "Bob Cid Eve"),
        ("nin", &["active", "past_due", "expired"], "Eve"),
    ] {
        assert_eq!(found(&shop, shop.actors(), (op, statuses)).await?, expected, "{op} {statuses:?}");
    }
    let unknown = found(&shop, shop.actors(), ("eq", &["resting"])).await;
    assert!(unknown.is_err(), "an unknown state is refused, never ignored");
    Ok(())
}

/// CU-5, ID-21: a store of a network counts and finds its own subscriptions only.
#[tokio::test]
async fn a_store_sees_its_own() -> anyhow::Result<()> {
    let (shop, other) = network_on(Rig::new(customers::NAME, &customers::MIGRATOR).await?)?;
    let (ada, bob) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("bob@example.com", "Bob").await?);
    let there = |of: SubscriptionStarted, store: StoreId| SubscriptionStarted { store: store.into(), ..of };
    shop.hear(&started(&shop, &ada.id)).await?;
    for status in ["active", "paused", "expired"] {
        let one = SubscriptionStarted { status: status.to_owned(), ..started(&shop, &ada.id) };
        shop.hear(&there(one, other.store)).await?;
    }
    shop.hear(&started(&shop, &bob.id)).await?;
    let seen = async |actors: &Actors| {
        let request = actors.staff(PII, GetCustomerRequest { id: ada.id.clone() });
        anyhow::Ok(counts(&shop.client.clone().get_customer(request).await?.into_inner()))
    };
    assert_eq!((seen(shop.actors()).await?, seen(&other).await?), ((1, 0), (2, 1)));
    assert_eq!(found(&shop, shop.actors(), ("eq", &["active"])).await?, "Ada Bob");
    assert_eq!(found(&shop, &other, ("eq", &["active"])).await?, "Ada");
    assert_eq!(found(&shop, shop.actors(), ("eq", &["paused"])).await?, "");
    assert_eq!(found(&shop, shop.actors(), ("ne", &["paused"])).await?, "Ada Bob");
    Ok(())
}
