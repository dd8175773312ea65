//! Registering, and finding whom an e-mail address or phone belongs to.
use proto::customers::v1::{Customer, FindCustomerRequest, RegisterCustomerRequest};
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::shop::{Shop, faults, reason};

async fn find(shop: &Shop, identity: &str) -> anyhow::Result<Option<String>> {
    let request = FindCustomerRequest { realm: shop.actors().realm.into(), identity: identity.to_owned() };
    let answer = shop.client.clone().find_customer(shop.actors().system("identity", request)).await?;
    Ok(answer.into_inner().customer.map(|customer| customer.id))
}

async fn register(shop: &Shop, email: &str, phone: &str, proven: &str) -> Result<Customer, Status> {
    let request = RegisterCustomerRequest {
        realm: shop.actors().realm.into(),
        store: shop.actors().store.into(),
        email: email.to_owned(),
        name: "Ada".to_owned(),
        phone: phone.to_owned(),
        proven: proven.to_owned(),
        ..RegisterCustomerRequest::default()
    };
    Ok(shop.client.clone().register_customer(shop.actors().system("identity", request)).await?.into_inner())
}

/// ID-1: registering upgrades the guest's record, once, and never makes a second one.
#[tokio::test]
async fn registering_upgrades_the_guest() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let guest = shop.meet("ada@example.com", "A. L.").await?;
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let request = RegisterCustomerRequest {
            realm: guest.realm.clone(),
            email: "Ada@example.com".to_owned(),
            name: "Ada Lovelace".to_owned(),
            ..RegisterCustomerRequest::default()
        };
        let (request, mut client) = (shop.actors().system("identity", request), shop.client.clone());
        calls.spawn(async move { client.register_customer(request).await });
    }
    while let Some(answer) = calls.join_next().await {
        let customer = answer??.into_inner();
        assert_eq!((&customer.id, customer.version), (&guest.id, 2));
        assert_eq!((customer.registration.as_str(), customer.name.as_str()), ("registered", "Ada Lovelace"));
        assert_eq!((customer.lifecycle.as_str(), customer.registered_at.is_some()), ("lead", true));
    }
    assert_eq!(shop.published("patron.customers.v1.CustomerChanged").await?, 1);
    Ok(())
}

/// ID-1: somebody unknown registers; racing calls make one record.
#[tokio::test]
async fn somebody_new_registers() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (one, other) = tokio::join!(shop.register("ada@example.com"), shop.register("ada@example.com"));
    let (one, other) = (one?, other?);
    assert_eq!((&one.id, one.registration.as_str()), (&other.id, "registered"));
    assert_eq!(shop.published("patron.customers.v1.CustomerCreated").await?, 1);
    Ok(())
}

/// ID-2: an e-mail finds its record; a phone does so once it has been proven.
#[tokio::test]
async fn people_are_found_by_what_they_proved() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = register(&shop, "ada@example.com", "+4930901820", "email").await?;
    let grace = register(&shop, "grace@example.com", "+4930901821", "phone").await?;
    assert_eq!(find(&shop, "ADA@example.com").await?, Some(ada.id));
    assert_eq!(find(&shop, "+49 30 901821").await?, Some(grace.id));
    for nobody in ["+4930901820", "joan@example.com", "", "%"] {
        assert_eq!(find(&shop, nobody).await?, None, "{nobody}");
    }
    Ok(())
}

/// ID-1: a proven phone belongs to one account, and opens no record of an e-mail that was not proven.
#[tokio::test]
async fn a_proven_phone_opens_its_own_record_only() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    shop.meet("ada@example.com", "Ada").await?;
    let status = register(&shop, "ada@example.com", "+4930901820", "phone").await.expect_err("somebody's e-mail");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "email_unproven"));
    let grace = register(&shop, "grace@example.com", "+4930901821", "phone").await?;
    assert_eq!(register(&shop, "grace@example.com", "+4930901821", "phone").await?.id, grace.id);
    let status = register(&shop, "joan@example.com", "+4930901821", "phone").await.expect_err("Grace's phone");
    assert_eq!(reason(&status), "phone_taken");
    let status = register(&shop, "joan@example.com", "", "phone").await.expect_err("no phone");
    assert_eq!(faults(&status), [("/phone".to_owned(), "malformed".to_owned())]);
    Ok(())
}
