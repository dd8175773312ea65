//! What events make of a record.
use chrono::TimeDelta;
use kit::clock;
use proto::{
    base::v1::Money,
    identity::v1::{CustomerRegistered, SignedIn},
    orders::v1::OrderPlaced,
};

use crate::shop::{PII, Shop, deletion};

const PROMOTED: &str = "patron.customers.v1.CustomerPromoted";

/// CU-1: the first order makes a lead a customer, once; its payment makes the spend (CU-4).
#[tokio::test]
async fn the_first_order_makes_a_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let at = shop.now();
    shop.hear(&shop.placed(&ada.id, "1001", at)).await?;
    shop.hear(&shop.captured(&ada.id, (1999, "EUR"), at)).await?;
    shop.hear(&shop.placed(&ada.id, "1002", at + TimeDelta::hours(1))).await?;
    shop.hear(&shop.captured(&ada.id, (500, "JPY"), at)).await?;
    let ada = shop.get(PII, &ada.id).await?;
    assert_eq!((ada.lifecycle.as_str(), ada.orders_count), ("customer", 2));
    let money: Vec<_> = ada.total_spent.iter().map(|money| (money.amount, money.currency.as_str())).collect();
    assert_eq!(money, [(1999, "EUR"), (500, "JPY")]);
    assert_eq!(ada.average_order.iter().map(|money| money.amount).collect::<Vec<_>>(), [1000]);
    assert_eq!(ada.first_order_at, Some(clock::timestamp(at)));
    assert_eq!(ada.last_order_at, Some(clock::timestamp(at + TimeDelta::hours(1))));
    assert_eq!(shop.published(PROMOTED).await?, 1);
    Ok(())
}

/// CU-4: an average is of the orders of its own currency; an order that is not paid yet adds no amount.
#[tokio::test]
async fn averages_are_per_currency() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    for (minute, amount, currency) in [(1, 1000, "EUR"), (2, 3000, "EUR"), (3, 900, "JPY")] {
        let at = shop.now() + TimeDelta::minutes(minute);
        let total = Some(Money { amount, currency: currency.to_owned() });
        shop.hear(&OrderPlaced { total, ..shop.placed(&ada.id, "1001", at) }).await?;
        shop.hear(&shop.captured(&ada.id, (amount, currency), at)).await?;
    }
    let total = Some(Money { amount: 700, currency: "USD".to_owned() });
    shop.hear(&OrderPlaced { total, ..shop.placed(&ada.id, "1004", shop.now()) }).await?;
    let ada = shop.get(PII, &ada.id).await?;
    let read = |money: &[Money]| money.iter().map(|m| (m.amount, m.currency.clone())).collect::<Vec<_>>();
    assert_eq!(read(&ada.total_spent), [(4000, "EUR".to_owned()), (900, "JPY".to_owned())]);
    assert_eq!(read(&ada.average_order), [(2000, "EUR".to_owned()), (900, "JPY".to_owned())]);
    assert_eq!(ada.orders_count, 4);
    Ok(())
}

/// ID-1: a registration that broke off before customers was told is made good by its event, once.
#[tokio::test]
async fn word_of_an_account_registers() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let at = Some(clock::timestamp(shop.now() + TimeDelta::minutes(1)));
    let registered = || CustomerRegistered {
        realm: ada.realm.clone(),
        customer: ada.id.clone(),
        store: shop.actors().store.into(),
        at,
    };
    shop.hear(&registered()).await?;
    shop.hear(&registered()).await?;
    let found = shop.get(PII, &ada.id).await?;
    assert_eq!((found.registration.as_str(), found.registered_at, found.version), ("registered", at, 2));
    assert_eq!(shop.published("patron.customers.v1.CustomerChanged").await?, 1);
    Ok(())
}

/// PL-2: a fact that is heard of twice counts once.
#[tokio::test]
async fn a_fact_counts_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let (placed, captured) = (shop.placed(&ada.id, "1001", shop.now()), shop.captured(&ada.id, (5, "EUR"), shop.now()));
    let review = shop.reviewed(&ada.id, shop.now());
    for _ in 0..3 {
        shop.hear(&captured).await?;
        shop.hear(&placed).await?;
        shop.hear(&review).await?;
    }
    let found = shop.get(PII, &ada.id).await?;
    assert_eq!((found.orders_count, found.total_spent[0].amount, found.reviews_count), (1, 5, 1));
    assert_eq!((found.version, shop.published(PROMOTED).await?), (4, 1));
    Ok(())
}

/// CU-4: reviews count while they are there; a deletion heard of first leaves nothing behind.
#[tokio::test]
async fn reviews_count_while_they_are_there() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let (one, two) = (shop.reviewed(&ada.id, shop.now()), shop.reviewed(&ada.id, shop.now()));
    shop.hear(&deletion(&one)).await?;
    assert_eq!(shop.get(PII, &ada.id).await?.reviews_count, 0);
    shop.hear(&two).await?;
    shop.hear(&one).await?;
    assert_eq!(shop.get(PII, &ada.id).await?.reviews_count, 1);
    shop.hear(&deletion(&two)).await?;
    assert_eq!(shop.get(PII, &ada.id).await?.reviews_count, 0);
    Ok(())
}

/// CU-4: signing in is a sign of life, and an older one moves nothing back.
#[tokio::test]
async fn signing_in_is_a_sign_of_life() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let later = shop.now() + TimeDelta::days(1);
    let (realm, customer) = (ada.realm.clone(), ada.id.clone());
    shop.hear(&SignedIn {
        realm: realm.clone(),
        subject: customer.clone(),
        at: Some(clock::timestamp(later)),
        methods: vec![],
    })
    .await?;
    let at = Some(clock::timestamp(later - TimeDelta::hours(1)));
    shop.hear(&CustomerRegistered { realm, customer, store: shop.actors().store.into(), at }).await?;
    let staff = SignedIn { subject: "stf_1".to_owned(), at, ..SignedIn::default() };
    shop.hear(&staff).await?;
    let found = shop.get(PII, &ada.id).await?;
    assert_eq!((found.last_activity_at, found.version), (Some(clock::timestamp(later)), ada.version));
    Ok(())
}

/// Events about somebody who is not there any longer change nothing and hold nothing up.
#[tokio::test]
async fn events_about_nobody_pass() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let nobody = kit::ids::CustomerId::new(shop.now()).to_string();
    shop.hear(&shop.placed(&nobody, "1001", shop.now())).await?;
    shop.hear(&shop.captured(&nobody, (5, "EUR"), shop.now())).await?;
    shop.hear(&shop.reviewed(&nobody, shop.now())).await?;
    assert_eq!(shop.published(PROMOTED).await?, 0);
    Ok(())
}
