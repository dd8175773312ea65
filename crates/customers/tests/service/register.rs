//! Registering, and finding whom an e-mail address or phone belongs to.
use proto::customers::v1::{
    Customer, FindCustomerRequest, HasCustomersRequest, RegisterCustomerRequest,
    customer_base_service_client::CustomerBaseServiceClient,
};
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::shop::{PII, Shop, faults, reason};

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
    let ada = find(&shop, "ada@example.com").await?;
    let other = register(&shop, "ada@example.com", "+4930901820", "phone").await?;
    assert_eq!((ada.as_ref() == Some(&other.id), find(&shop, "ada@example.com").await?), (false, ada));
    let grace = register(&shop, "grace@example.com", "+4930901821", "phone").await?;
    assert_eq!(register(&shop, "grace@example.com", "+4930901821", "phone").await?.id, grace.id);
    let status = register(&shop, "joan@example.com", "+4930901821", "phone").await.expect_err("Grace's phone");
    assert_eq!(reason(&status), "phone_taken");
    let status = register(&shop, "joan@example.com", "", "phone").await.expect_err("no phone");
    assert_eq!(faults(&status), [("/phone".to_owned(), "malformed".to_owned())]);
    Ok(())
}

/// ID-1: whoever proves a phone claims no e-mail by typing it: its owner's purchases and account are their own.
#[tokio::test]
async fn a_proven_phone_claims_no_email() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let thief = register(&shop, "victim@example.com", "+4930901820", "phone").await?;
    assert_eq!((thief.email.as_str(), find(&shop, "victim@example.com").await?), ("victim@example.com", None));

    let guest = shop.meet("victim@example.com", "Vic").await?;
    assert_ne!(guest.id, thief.id);
    let owner = shop.register("Victim@example.com").await?;
    assert_eq!(owner.id, guest.id);
    assert_eq!(find(&shop, "victim@example.com").await?, Some(guest.id));
    assert_eq!(find(&shop, "+4930901820").await?, Some(thief.id.clone()));
    assert_eq!(register(&shop, "victim@example.com", "+4930901820", "phone").await?.id, thief.id);
    Ok(())
}

/// ID-1: a record is prepared as a guest's, and marked once there is an account; until then a mistyped e-mail beside a
/// proven phone can be put right.
#[tokio::test]
async fn a_prepared_record_is_a_guests() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ask = async |email: &str, prepare: bool| {
        let request = RegisterCustomerRequest {
            realm: shop.actors().realm.into(),
            email: email.to_owned(),
            name: "Ada".to_owned(),
            phone: "+4930901820".to_owned(),
            proven: "phone".to_owned(),
            prepare,
            ..RegisterCustomerRequest::default()
        };
        shop.client.clone().register_customer(shop.actors().system("identity", request)).await
    };
    let prepared = ask("ada@exmaple.com", true).await?.into_inner();
    assert_eq!((prepared.registration.as_str(), prepared.registered_at), ("guest", None));
    let done = ask("ada@example.com", false).await?.into_inner();
    assert_eq!(
        (&done.id, done.registration.as_str(), done.email.as_str()),
        (&prepared.id, "registered", "ada@example.com")
    );

    let guest = shop.meet("grace@example.com", "G.").await?;
    let request = RegisterCustomerRequest {
        realm: guest.realm.clone(),
        email: "grace@example.com".to_owned(),
        name: "Grace".to_owned(),
        prepare: true,
        ..RegisterCustomerRequest::default()
    };
    let prepared = shop.client.clone().register_customer(shop.actors().system("identity", request)).await?;
    assert_eq!(prepared.into_inner(), guest);
    Ok(())
}

/// §0: a customer base has customers as soon as there is anybody in it, a mere lead, too. Only services ask.
#[tokio::test]
async fn a_lead_makes_a_base_that_has_customers() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ask = || HasCustomersRequest { realms: vec![shop.actors().realm.into()] };
    let mut bases = CustomerBaseServiceClient::new(shop.rig.env.peer("test", customers::NAME)?);
    assert!(!bases.has_customers(ask()).await?.into_inner().any);
    shop.meet("ada@example.com", "").await?;
    assert!(bases.has_customers(ask()).await?.into_inner().any);
    assert!(!bases.has_customers(HasCustomersRequest::default()).await?.into_inner().any);
    let staff = bases.has_customers(shop.actors().staff(PII, ask())).await.expect_err("staff");
    assert_eq!(reason(&staff), "wrong_caller");
    let odd = HasCustomersRequest { realms: vec!["rlm_x".to_owned()] };
    assert_eq!(bases.has_customers(odd).await.expect_err("no realm").code(), Code::InvalidArgument);
    Ok(())
}
