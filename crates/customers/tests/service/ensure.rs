//! Finding somebody or making their record.
use kit::ids::CustomerId;
use proto::{base::v1::Address, customers::v1::EnsureCustomerRequest};
use tokio::task::JoinSet;
use tonic::Code;

use crate::shop::{Shop, faults, reason};

const CREATED: &str = "patron.customers.v1.CustomerCreated";
const CHANGED: &str = "patron.customers.v1.CustomerChanged";

/// CU-3: an e-mail given before buying makes a lead, with the phone and address given along.
#[tokio::test]
async fn an_email_makes_a_lead() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let address = Address { city: "Berlin".to_owned(), country: "DE".to_owned(), ..Address::default() };
    let request = EnsureCustomerRequest {
        name: " Ada Lovelace ".to_owned(),
        phone: "030 901820".to_owned(),
        ip: "203.0.113.7".to_owned(),
        address: Some(address.clone()),
        ..shop.somebody("Ada@Example.com")
    };
    let answer = shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await?.into_inner();
    let customer = answer.customer.unwrap_or_default();
    assert!(answer.created);
    assert_eq!((customer.lifecycle.as_str(), customer.registration.as_str()), ("lead", "guest"));
    assert_eq!((customer.name.as_str(), customer.email.as_str()), ("Ada Lovelace", "Ada@Example.com"));
    assert_eq!((customer.phone.as_str(), customer.ip.as_str()), ("+4930901820", "203.0.113.7"));
    assert_eq!((customer.address, customer.version, customer.orders_count), (Some(address), 1, 0));
    assert_eq!(shop.published(CREATED).await?, 1);
    Ok(())
}

/// CU-2: the same person is the same record, however they write their address; empty fields are filled.
#[tokio::test]
async fn the_same_person_is_the_same_record() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let first = shop.meet("ada@example.com", "").await?;
    let request = EnsureCustomerRequest {
        name: "Ada Lovelace".to_owned(),
        phone: "call me maybe".to_owned(),
        ..shop.somebody(" ADA@EXAMPLE.com")
    };
    let answer = shop.client.clone().ensure_customer(shop.actors().system("orders", request)).await?.into_inner();
    let again = answer.customer.unwrap_or_default();
    assert_eq!((answer.created, &again.id, again.version), (false, &first.id, 2));
    assert_eq!(
        (again.name.as_str(), again.email.as_str(), again.phone.as_str()),
        ("Ada Lovelace", "ada@example.com", "")
    );
    let third = shop.meet("ada@example.com", "Countess").await?;
    assert_eq!((third.name.as_str(), third.version), ("Ada Lovelace", 2));
    assert_eq!((shop.published(CREATED).await?, shop.published(CHANGED).await?), (1, 1));
    Ok(())
}

/// CU-1, ID-1: who is known already stays who they are, whatever e-mail they give: it may be another person's, or nobody's.
/// A merged record stands for the kept one, and nobody is met who is not there.
#[tokio::test]
async fn who_is_known_is_met_again() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let bob = shop.meet("bob@example.com", "Bob").await?;
    let ada = shop.meet("ada@example.com", "").await?;
    let known = |id: &str, email: &str| EnsureCustomerRequest {
        customer: id.to_owned(),
        name: "Ada Lovelace".to_owned(),
        ..shop.somebody(email)
    };
    for email in ["bob@example.com", "nobody@example.com"] {
        let request = shop.actors().system("orders", known(&ada.id, email));
        let met = shop.client.clone().ensure_customer(request).await?.into_inner();
        let met = (met.created, met.customer.unwrap_or_default());
        assert_eq!(
            (met.0, &met.1.id, &*met.1.email, &*met.1.name),
            (false, &ada.id, "ada@example.com", "Ada Lovelace")
        );
    }
    assert_eq!(shop.published(CREATED).await?, 2);
    let nobody = CustomerId::new(shop.rig.clock.now());
    let request = shop.actors().system("orders", known(&String::from(nobody), "bob@example.com"));
    let status = shop.client.clone().ensure_customer(request).await.expect_err("nobody");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "customer_not_found"));
    let request = shop.actors().system("orders", known("bob", "bob@example.com"));
    let status = shop.client.clone().ensure_customer(request).await.expect_err("no id");
    assert_eq!(faults(&status)[0].0, "/customer");
    assert_ne!(bob.id, ada.id);
    Ok(())
}

/// CU-1: racing calls make one record between them.
#[tokio::test]
async fn racing_calls_make_one_record() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut calls = JoinSet::new();
    for place in 0..16 {
        let email = if place % 2 == 0 { "ada@example.com" } else { "ADA@example.COM" };
        let request = shop.actors().system("orders", shop.somebody(email));
        let mut client = shop.client.clone();
        calls.spawn(async move { client.ensure_customer(request).await });
    }
    let mut ids = Vec::new();
    let mut created = 0;
    while let Some(answer) = calls.join_next().await {
        let answer = answer??.into_inner();
        created += u32::from(answer.created);
        ids.push(answer.customer.unwrap_or_default().id);
    }
    ids.dedup();
    assert_eq!((ids.len(), created, shop.published(CREATED).await?), (1, 1, 1));
    Ok(())
}

/// ID-30: only services make records; the service itself says so.
#[tokio::test]
async fn only_services_make_records() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    for request in [
        shop.actors().anonymous(shop.somebody("ada@example.com")),
        shop.actors().staff(crate::shop::PII, shop.somebody("ada@example.com")),
    ] {
        let status = shop.client.clone().ensure_customer(request).await.expect_err("not a service");
        assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "wrong_caller"));
    }
    Ok(())
}

/// Malformed input: every fault is told, with a pointer.
#[tokio::test]
async fn every_fault_is_told() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let address = Address { country: "Germany".to_owned(), ..Address::default() };
    let request =
        EnsureCustomerRequest { name: "a\u{0}".to_owned(), address: Some(address), ..shop.somebody("nobody") };
    let status = shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await.expect_err("bad");
    let pointers: Vec<String> = faults(&status).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/email", "/name", "/address/country"]);
    let request =
        EnsureCustomerRequest { realm: "rlm_1".to_owned(), store: "sto_1".to_owned(), ..shop.somebody("a@b.example") };
    let status = shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await.expect_err("bad");
    assert_eq!(faults(&status).len(), 2);
    Ok(())
}

/// A store cannot bring somebody into a realm that is not its own.
#[tokio::test]
async fn a_store_of_another_realm_is_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let elsewhere = shop.actors().elsewhere();
    let request = EnsureCustomerRequest { realm: elsewhere.realm.into(), ..shop.somebody("ada@example.com") };
    let status =
        shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await.expect_err("foreign");
    assert_eq!(faults(&status), [("/store".to_owned(), "other_realm".to_owned())]);
    Ok(())
}

/// CU-2: a guest's address is the last one given; nobody who merely types an e-mail says where a registered customer's
/// parcels and calls go, neither before they register nor after.
#[tokio::test]
async fn strangers_address_no_registered_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let give = async |city: &str| {
        let address = Address { city: city.to_owned(), country: "DE".to_owned(), ..Address::default() };
        let request = EnsureCustomerRequest { address: Some(address), ..shop.somebody("ada@example.com") };
        let answer = shop.client.clone().ensure_customer(shop.actors().system("orders", request)).await?.into_inner();
        let customer = answer.customer.unwrap_or_default();
        anyhow::Ok((customer.address.unwrap_or_default().city, customer.version))
    };
    assert_eq!(give("Berlin").await?, ("Berlin".to_owned(), 1));
    assert_eq!(give("Hamburg").await?, ("Hamburg".to_owned(), 2));
    shop.register("ada@example.com").await?;
    assert_eq!(give("Nowhere").await?, (String::new(), 3));

    shop.register("grace@example.com").await?;
    let address = Address { city: "Bonn".to_owned(), country: "DE".to_owned(), ..Address::default() };
    let phone = "+4930901820".to_owned();
    let request = EnsureCustomerRequest { address: Some(address), phone, ..shop.somebody("grace@example.com") };
    let answer = shop.client.clone().ensure_customer(shop.actors().system("orders", request)).await?.into_inner();
    let grace = answer.customer.unwrap_or_default();
    assert_eq!((grace.address, &*grace.phone), (None, ""));
    Ok(())
}
