//! Tags of a customer.
use kit::permission::Permission;
use proto::customers::v1::{ChangeTagsRequest, record_service_client::RecordServiceClient};
use tonic::{Code, Request, Status};

use crate::shop::{DESK, PII, Shop, faults, reason};

async fn tag(shop: &Shop, request: Request<ChangeTagsRequest>) -> Result<Vec<String>, Status> {
    Ok(RecordServiceClient::new(shop.way.clone()).change_tags(request).await?.into_inner().tags)
}

fn changes(id: &str, add: &[&str], remove: &[&str]) -> ChangeTagsRequest {
    let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    ChangeTagsRequest { id: id.to_owned(), add: owned(add), remove: owned(remove) }
}

/// CU-11: tags are added and taken away; those that are not named stay.
#[tokio::test]
async fn other_tags_stay() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    assert_eq!(
        tag(&shop, shop.actors().staff(DESK, changes(&ada.id, &["vip", " fair "], &[]))).await?,
        ["fair", "vip"]
    );
    assert_eq!(tag(&shop, shop.actors().staff(DESK, changes(&ada.id, &["vip"], &["fair", "x"]))).await?, ["vip"]);
    assert_eq!(shop.get(PII, &ada.id).await?.version, 3);
    assert_eq!(tag(&shop, shop.actors().staff(DESK, changes(&ada.id, &[], &[]))).await?, ["vip"]);
    assert_eq!(shop.get(PII, &ada.id).await?.version, 3);
    let told = shop.audited("customer.tagged").await?;
    // What staff call somebody goes with them.
    assert!(told.before.contains("sealed") && told.after.contains("sealed"), "{told:?}");
    assert!(!format!("{told:?}").contains("vip"), "{told:?}");
    Ok(())
}

/// CU-11: whoever tags at the same time loses nothing of what the others did.
#[tokio::test]
async fn tags_added_at_once_are_all_there() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let names: Vec<String> = (10..22).map(|number| format!("tag-{number}")).collect();
    let added = names.iter().map(|name| tag(&shop, shop.actors().staff(DESK, changes(&ada.id, &[name], &[]))));
    futures_util::future::try_join_all(added).await?;
    assert_eq!(shop.get(PII, &ada.id).await?.tags, names);
    let removed = names.iter().map(|name| tag(&shop, shop.actors().staff(DESK, changes(&ada.id, &[], &[name]))));
    futures_util::future::try_join_all(removed).await?;
    assert!(shop.get(PII, &ada.id).await?.tags.is_empty());
    Ok(())
}

/// Malformed input, and more than there can be: refused, and nothing is changed.
#[tokio::test]
async fn odd_tags_are_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let status = tag(&shop, shop.actors().staff(DESK, changes(&ada.id, &[" "], &[&"x".repeat(51)]))).await;
    let told = faults(&status.expect_err("malformed"));
    assert_eq!(
        told,
        [("/add", "required"), ("/remove", "too_long")].map(|(at, code)| (at.to_owned(), code.to_owned()))
    );
    let many: Vec<String> = (0..50).map(|number| format!("tag-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(tag(&shop, shop.actors().staff(DESK, changes(&ada.id, &many, &[]))).await?.len(), 50);
    let status = tag(&shop, shop.actors().staff(DESK, changes(&ada.id, &["one too many"], &[]))).await;
    assert_eq!(reason(&status.expect_err("too many")), "too_many_tags");
    let status = tag(&shop, shop.actors().staff(&[Permission::CustomersRead], changes(&ada.id, &["a"], &[]))).await;
    assert_eq!(status.expect_err("may not").code(), Code::PermissionDenied);
    let elsewhere = shop.actors().elsewhere().staff(DESK, changes(&ada.id, &["a"], &[]));
    assert_eq!(tag(&shop, elsewhere).await.expect_err("another's").code(), Code::NotFound);
    Ok(())
}
