//! One change to many records.
use proto::customers::v1::{ChangeManyRequest, ChangeManyResponse, record_service_client::RecordServiceClient};
use testing::actors::keyed;
use tonic::{Code, Request, Status};

use crate::shop::{NO_PII, PII, Shop, faults, reason};

async fn change(shop: &Shop, request: Request<ChangeManyRequest>) -> Result<ChangeManyResponse, Status> {
    Ok(RecordServiceClient::new(shop.way.clone()).change_many(request).await?.into_inner())
}

fn tagging(ids: &[&str]) -> ChangeManyRequest {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    ChangeManyRequest { ids, action: "tag".to_owned(), add: vec!["fair".to_owned()], ..Default::default() }
}

/// CU-8, API §1: each has an outcome of its own, and a repetition does nothing more.
#[tokio::test]
async fn each_has_an_outcome() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    let (ada, eve) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("eve@example.com", "Eve").await?);
    let unknown = kit::ids::CustomerId::new(shop.now()).to_string();
    let request = || keyed(shop.clerk(tagging(&[&eve.id, &unknown, &ada.id])), "k1", "tag");
    let outcomes = change(&shop, request()).await?.outcomes;
    let told: Vec<_> = outcomes.iter().map(|one| (one.id.as_str(), one.error.as_str(), one.version)).collect();
    assert_eq!(told, [(&*eve.id, "", 2), (&*unknown, "customer_not_found", 0), (&*ada.id, "", 2)]);
    change(&shop, request()).await?;
    assert_eq!(shop.get(PII, &ada.id).await?.version, 2);
    let close = ChangeManyRequest { action: "inactivate".to_owned(), ..tagging(&[&ada.id, &eve.id]) };
    change(&shop, keyed(shop.clerk(close), "k2", "close")).await?;
    assert_eq!(shop.get(PII, &eve.id).await?.status, "inactive");
    assert_eq!(shop.published("patron.customers.v1.CustomerInactivated").await?, 2);
    let foreign = change(&shop, keyed(other.staff(crate::shop::DESK, tagging(&[&ada.id])), "k1", "tag")).await?;
    assert_eq!(foreign.outcomes[0].error, "customer_not_found");
    Ok(())
}

/// API §1: nothing is done to many without a key, without the permission, or when the request is malformed.
#[tokio::test]
async fn a_request_for_many_is_looked_at_as_a_whole() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    assert_eq!(
        reason(&change(&shop, shop.clerk(tagging(&[&ada.id]))).await.expect_err("no key")),
        "idempotency_key_required"
    );
    let refused = change(&shop, keyed(shop.actors().staff(NO_PII, tagging(&[&ada.id])), "k", "x")).await;
    assert_eq!(refused.expect_err("may not").code(), Code::PermissionDenied);
    let wrong = ChangeManyRequest { action: "forget".to_owned(), ..tagging(&["cus_1"]) };
    let told = faults(&change(&shop, keyed(shop.clerk(wrong), "k1", "x")).await.expect_err("malformed"));
    assert_eq!(
        told,
        [("/ids", "malformed"), ("/action", "unknown")].map(|(at, code)| (at.to_owned(), code.to_owned()))
    );
    let twice = change(&shop, keyed(shop.clerk(tagging(&[&ada.id, &ada.id])), "k2", "x")).await;
    assert_eq!(faults(&twice.expect_err("twice")), [("/ids".to_owned(), "duplicate".to_owned())]);
    let empty_tag = ChangeManyRequest { add: vec![" ".to_owned()], ..tagging(&[&ada.id]) };
    assert_eq!(
        change(&shop, keyed(shop.clerk(empty_tag), "k3", "x")).await.expect_err("empty").code(),
        Code::InvalidArgument
    );
    assert_eq!(shop.get(PII, &ada.id).await?.version, 1);
    Ok(())
}
