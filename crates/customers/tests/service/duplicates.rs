//! Records that are likely to be of the same person.
use chrono::TimeDelta;
use customers::duplicate::search;
use kit::permission::Permission;
use proto::{
    base::v1::{Address, PageRequest},
    customers::v1::{
        Duplicate, EnsureCustomerRequest, ListDuplicatesRequest, ListDuplicatesResponse,
        duplicate_service_client::DuplicateServiceClient,
    },
};
use tonic::{Code, Status};

use crate::{
    merges::{MERGE, merge},
    shop::{PII, Shop},
};

/// Somebody with a name, phone and postal code.
async fn meet(shop: &Shop, email: &str, [name, phone, postal_code]: [&str; 3]) -> anyhow::Result<String> {
    let address = Address { postal_code: postal_code.to_owned(), country: "DE".to_owned(), ..Address::default() };
    let request = EnsureCustomerRequest {
        name: name.to_owned(),
        phone: phone.to_owned(),
        address: Some(address).filter(|address| !address.postal_code.is_empty()),
        ..shop.somebody(email)
    };
    let met = shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await?.into_inner();
    Ok(met.customer.unwrap_or_default().id)
}

/// Compares all that has changed.
async fn compare(shop: &Shop) -> anyhow::Result<i64> {
    shop.rig.clock.advance(TimeDelta::seconds(21));
    Ok(search(&shop.db, shop.actors().realm, shop.now()).await?)
}

async fn ask(shop: &Shop, permissions: &[Permission], page: PageRequest) -> Result<ListDuplicatesResponse, Status> {
    let request = shop.actors().staff(permissions, ListDuplicatesRequest { page: Some(page) });
    Ok(DuplicateServiceClient::new(shop.way.clone()).list_duplicates(request).await?.into_inner())
}

/// The pairs with their reasons, those found last first.
async fn pairs(shop: &Shop) -> anyhow::Result<Vec<(String, String, Vec<String>)>> {
    let id = |customer: Option<proto::customers::v1::Customer>| customer.unwrap_or_default().id;
    let pair = |pair: Duplicate| (id(pair.one), id(pair.other), pair.reasons);
    Ok(ask(shop, MERGE, PageRequest::default()).await?.duplicates.into_iter().map(pair).collect())
}

/// CU-14: same phone, same name and postal code, similar e-mail: each with all its reasons, and nobody else.
#[tokio::test]
async fn pairs_are_found_for_a_reason() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = meet(&shop, "ada.lovelace@example.com", ["Ada Lovelace", "+4930901820", "10969"]).await?;
    let grace = meet(&shop, "grace@navy.example", ["Grace Hopper", "", "20001"]).await?;
    meet(&shop, "info@one.example", ["One", "", ""]).await?;
    meet(&shop, "info@two.example", ["Two", "", "10969"]).await?;
    assert_eq!(compare(&shop).await?, 4);
    assert!(pairs(&shop).await?.is_empty());
    let phone = meet(&shop, "caller@elsewhere.example", ["A. L.", "+4930901820", ""]).await?;
    let mail = meet(&shop, "adalovelace+shop@other.example", ["ada  lovelace", "", "10969"]).await?;
    let home = meet(&shop, "hopper@home.example", ["GRACE HOPPER", "", "20001"]).await?;
    compare(&shop).await?;
    let mut found = pairs(&shop).await?;
    found.sort();
    let reasons = |reasons: &[&str]| reasons.iter().map(|&reason| reason.to_owned()).collect::<Vec<_>>();
    let mut expected = vec![
        (ada.clone(), phone, reasons(&["same_phone"])),
        (ada, mail, reasons(&["same_name_and_postcode", "similar_email"])),
        (grace, home, reasons(&["same_name_and_postcode"])),
    ];
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(compare(&shop).await?, 0, "what has not changed is not compared again");
    Ok(())
}

/// CU-14: a pair that is one no longer goes, when a record changes and when the two are merged.
#[tokio::test]
async fn pairs_go_when_they_are_none() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let phone = "+4930901820";
    let one = meet(&shop, "one@example.com", ["One", phone, ""]).await?;
    let two = meet(&shop, "two@example.com", ["Two", phone, ""]).await?;
    let three = meet(&shop, "three@example.com", ["Three", phone, ""]).await?;
    compare(&shop).await?;
    assert_eq!(pairs(&shop).await?.len(), 3);
    merge(&shop, &one, &two).await?;
    assert_eq!(pairs(&shop).await?.len(), 1);
    sqlx::query("update customers set phone = '', updated_at = $1 where name = 'Three'")
        .bind(shop.now())
        .execute(shop.db.pool())
        .await?;
    compare(&shop).await?;
    assert!(pairs(&shop).await?.is_empty(), "{three}");
    Ok(())
}

/// CU-14: pages go forth and back.
#[tokio::test]
async fn pages_of_pairs() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    for n in 0..3 {
        let phone = format!("+493090182{n}");
        meet(&shop, &format!("a{n}@example.com"), ["A", &phone, ""]).await?;
        meet(&shop, &format!("b{n}@example.com"), ["B", &phone, ""]).await?;
        compare(&shop).await?;
    }
    let all: Vec<_> = pairs(&shop).await?;
    let page = |limit, after: &str, before: &str| PageRequest {
        limit,
        after: after.to_owned(),
        before: before.to_owned(),
        total: false,
    };
    let ones = |answer: &ListDuplicatesResponse| -> Vec<String> {
        answer.duplicates.iter().map(|pair| pair.one.clone().unwrap_or_default().id).collect()
    };
    let first = ask(&shop, MERGE, page(2, "", "")).await?;
    let place = first.page.clone().unwrap_or_default();
    assert_eq!((ones(&first), place.has_more), (vec![all[0].0.clone(), all[1].0.clone()], true));
    let second = ask(&shop, MERGE, page(2, &place.next, "")).await?;
    assert_eq!(ones(&second), [all[2].0.clone()]);
    let back = second.page.clone().unwrap_or_default().prev;
    assert_eq!(ones(&ask(&shop, MERGE, page(2, "", &back)).await?), ones(&first));
    Ok(())
}

/// CU-14, ID-22, ID-23, ID-30: for those who may merge, masked without customers.pii, and of one's own realm.
#[tokio::test]
async fn pairs_are_for_those_who_merge() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    for name in ["Ada Lovelace", "A. Lovelace"] {
        meet(&shop, &format!("{}@example.com", name.len()), [name, "+4930901820", ""]).await?;
    }
    compare(&shop).await?;
    assert_eq!(ask(&shop, PII, PageRequest::default()).await.expect_err("may not").code(), Code::PermissionDenied);
    let blind = [Permission::CustomersRead, Permission::CustomersMerge];
    let masked = ask(&shop, &blind, PageRequest::default()).await?;
    assert!(masked.duplicates.len() == 1 && !format!("{masked:?}").contains("Lovelace"), "{masked:?}");
    let request = other.staff(MERGE, ListDuplicatesRequest { page: None });
    let elsewhere = DuplicateServiceClient::new(shop.way.clone()).list_duplicates(request).await?.into_inner();
    assert!(elsewhere.duplicates.is_empty());
    Ok(())
}
