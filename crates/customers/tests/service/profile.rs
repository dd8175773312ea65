//! Changing one's own profile.
use kit::{actor::Kind, assertion::Act};
use proto::customers::v1::{Customer, RegisterCustomerRequest, UpdateOwnProfileRequest};
use testing::actors::{if_match, keyed};
use tonic::{Code, Request, Status};

use crate::shop::{PII, Shop, faults, id, reason};

async fn update(shop: &Shop, request: Request<UpdateOwnProfileRequest>) -> Result<Customer, Status> {
    Ok(shop.client.clone().update_own_profile(request).await?.into_inner())
}

fn rename(name: &str) -> UpdateOwnProfileRequest {
    UpdateOwnProfileRequest { name: Some(name.to_owned()), ..UpdateOwnProfileRequest::default() }
}

/// CU-7: a registered customer changes what they name and nothing else.
#[tokio::test]
async fn a_customer_changes_their_profile() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let request = UpdateOwnProfileRequest {
        phone: Some("030 901820".to_owned()),
        language: Some("de-AT".to_owned()),
        meta: Some(r#"{"shoe": 42}"#.to_owned()),
        ..rename("Ada Lovelace")
    };
    let changed = update(&shop, shop.actors().customer(id(&ada), request)).await?;
    assert_eq!((changed.name.as_str(), changed.phone.as_str()), ("Ada Lovelace", "+4930901820"));
    assert_eq!((changed.language.as_str(), changed.meta.as_str()), ("de-AT", r#"{"shoe":42}"#));
    assert_eq!((changed.version, &changed.email), (2, &ada.email));
    let same = update(&shop, shop.actors().customer(id(&ada), rename("Ada Lovelace"))).await?;
    assert_eq!((same.version, same.phone.as_str()), (2, "+4930901820"));
    Ok(())
}

/// ID-8: guests have no profile; ID-30: neither has anybody who is no customer.
#[tokio::test]
async fn guests_and_others_have_no_profile() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let guest = shop.meet("ada@example.com", "").await?;
    let status = update(&shop, shop.actors().customer(id(&guest), rename("Ada"))).await.expect_err("a guest");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "registration_required"));
    for request in [shop.actors().anonymous(rename("Ada")), shop.actors().staff(PII, rename("Ada"))] {
        assert_eq!(update(&shop, request).await.expect_err("no customer").code(), Code::Unauthenticated);
    }
    Ok(())
}

/// PL-3: a stale version is refused; a repeated request gets its answer again.
#[tokio::test]
async fn versions_and_repetitions_are_heeded() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let change = |name| keyed(shop.actors().customer(id(&ada), rename(name)), "k1", name);
    let first = update(&shop, if_match(change("Ada"), 1)).await?;
    assert_eq!(update(&shop, if_match(change("Ada"), 1)).await?, first);
    let status = update(&shop, change("Countess")).await.expect_err("another request");
    assert_eq!(reason(&status), "idempotency_mismatch");
    let stale = if_match(shop.actors().customer(id(&ada), rename("Countess")), 1);
    let status = update(&shop, stale).await.expect_err("stale");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "stale_version"));
    Ok(())
}

/// ID-11: a phone that signs in is not changed in passing. ID-25: nor is any phone on behalf of somebody.
#[tokio::test]
async fn a_phone_that_signs_in_stays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let register = RegisterCustomerRequest {
        realm: shop.actors().realm.into(),
        email: "ada@example.com".to_owned(),
        phone: "+4930901820".to_owned(),
        proven: "phone".to_owned(),
        ..RegisterCustomerRequest::default()
    };
    let ada = shop.client.clone().register_customer(shop.actors().system("identity", register)).await?.into_inner();
    let request = UpdateOwnProfileRequest { phone: Some("+4930901821".to_owned()), ..Default::default() };
    let status = update(&shop, shop.actors().customer(id(&ada), request.clone())).await.expect_err("signs in");
    assert_eq!(reason(&status), "phone_signs_in");
    let mut claims = shop.actors().claims(Kind::Customer, id(&ada));
    let (session, why) = ("ses_1".to_owned(), "asked on the phone".to_owned());
    claims.act = Some(Act { kind: Kind::Staff, sub: "stf_1".to_owned(), session, reason: why });
    let status = update(&shop, shop.actors().request(&claims, request)).await.expect_err("on behalf");
    assert_eq!(reason(&status), "impersonated");
    Ok(())
}

/// Malformed input: what is at fault is named, and nothing is changed.
#[tokio::test]
async fn malformed_changes_are_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let request = UpdateOwnProfileRequest { meta: Some(r#"{"a":"\u0000"}"#.to_owned()), ..rename(&"x".repeat(201)) };
    let status = update(&shop, shop.actors().customer(id(&ada), request)).await.expect_err("malformed");
    let expected = [("/name", "too_long"), ("/meta", "malformed")];
    assert_eq!(faults(&status), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    assert_eq!(shop.get(PII, &ada.id).await?.version, 1);
    Ok(())
}
