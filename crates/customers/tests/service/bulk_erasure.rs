//! Many people are forgotten, as a job.
use std::sync::atomic::Ordering;

use customers::bulk::work::Worker;
use kit::permission::Permission;
use proto::customers::v1::ChangeManyRequest;
use testing::actors::keyed;
use tonic::Request;

use crate::{
    bulk::{begin, report, seen},
    erasure::{eraser, open},
    shop::{PII, Shop, filter, reason},
};

fn all(confirm: i64) -> ChangeManyRequest {
    ChangeManyRequest {
        action: "delete".to_owned(),
        filter: Some(filter("lifecycle", "eq", &["lead"])),
        reason: "They asked Ada for it".to_owned(),
        confirm: Some(confirm),
        ..ChangeManyRequest::default()
    }
}

/// Somebody who may, and proved just now who they are.
fn remover<T>(shop: &Shop, message: T) -> Request<T> {
    let mut claims = shop.actors().claims(kit::actor::Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    let all = [Permission::CustomersDelete, Permission::CustomersRead, Permission::CustomersWrite];
    claims.perms = all.into_iter().collect();
    claims.auth_time = Some(shop.now().timestamp());
    shop.actors().request(&claims, message)
}

/// CU-8, CU-15: each of many is erased as one alone would be: whom the reason names stays, and who has a payment open.
#[tokio::test]
async fn many_are_erased() -> anyhow::Result<()> {
    let (shop, tills) = open().await?;
    let worker = Worker::of(&shop.rig.env)?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    for number in 0..12 {
        shop.meet(&format!("c{number}@example.com"), "Eve").await?;
    }
    tills.0.store(1, Ordering::SeqCst);
    let busy = begin(&shop, keyed(remover(&shop, all(13)), "k1", "x")).await?;
    worker.work_one().await?;
    let done = seen(&shop, &busy.id).await?;
    assert_eq!((&*done.state, done.done, done.refused), ("succeeded", 13, 13));
    let text = String::from_utf8(report(&shop, &busy.id, "").await?.data.to_vec())?;
    assert_eq!(text.matches(",payment_open\r\n").count(), 13);

    tills.0.store(0, Ordering::SeqCst);
    let job = begin(&shop, keyed(remover(&shop, all(13)), "k2", "x")).await?;
    worker.work_one().await?;
    let done = seen(&shop, &job.id).await?;
    assert_eq!((&*done.state, done.done, done.refused), ("succeeded", 13, 1));
    let text = String::from_utf8(report(&shop, &job.id, "").await?.data.to_vec())?;
    assert_eq!(text, format!("customer,code\r\n{},reason_names_customer\r\n", ada.id));
    assert_eq!(shop.get(PII, &ada.id).await?.version, 1);
    assert_eq!(shop.published("patron.customers.v1.CustomerErased").await?, 12);
    let left = "select (select count(*) from customers) + (select count(*) from bulk_targets)";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(shop.db.pool()).await?, 1 + 2, "nobody else is left");
    let entry = shop.audited("customer.erased").await?;
    assert_eq!(entry.actor.expect("who").id, "stf_01a2013e22517bdc8062166f3d6df22e");
    Ok(())
}

/// CU-8, CU-13: whoever was merged into somebody else since is not erased with them: nobody confirmed that one.
#[tokio::test]
async fn whoever_was_merged_since_stays() -> anyhow::Result<()> {
    let (shop, _) = open().await?;
    let worker = Worker::of(&shop.rig.env)?;
    let (ada, eve) = (shop.meet("a1@example.com", "One").await?, shop.meet("e2@example.com", "Two").await?);
    let named = ChangeManyRequest { ids: vec![eve.id.clone()], filter: None, ..all(1) };
    let job = begin(&shop, keyed(remover(&shop, named), "k", "x")).await?;
    crate::merges::merge(&shop, &ada.id, &eve.id).await?;
    worker.work_one().await?;
    let text = String::from_utf8(report(&shop, &job.id, "").await?.data.to_vec())?;
    assert_eq!(text, format!("customer,code\r\n{},customer_merged\r\n", eve.id));
    assert_eq!(shop.get(PII, &ada.id).await?.name, "One");
    Ok(())
}

/// CU-8, CU-15, ID-20: it takes the permission, a fresh proof by a person, a reason, and the number of those concerned.
#[tokio::test]
async fn many_are_not_erased_lightly() -> anyhow::Result<()> {
    let (shop, _) = open().await?;
    for number in 0..3 {
        shop.meet(&format!("c{number}@example.com"), "Eve").await?;
    }
    let refused = async |request: Request<ChangeManyRequest>| {
        // A key of its own: what was refused lets go of its key a moment after it has answered.
        let key = format!("{:?}", request.get_ref().confirm);
        begin(&shop, keyed(request, &key, "x")).await.map_err(|status| reason(&status)).expect_err("refused")
    };
    assert_eq!(refused(shop.clerk(all(3))).await, "permission_required");
    assert_eq!(refused(eraser(&shop, all(3))).await, "permission_required");
    let mut stale = shop.actors().claims(kit::actor::Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    stale.perms = [Permission::CustomersDelete, Permission::CustomersWrite].into_iter().collect();
    assert_eq!(refused(shop.actors().request(&stale, all(3))).await, "step_up_required");
    (stale.kind, stale.auth_time) = (kit::actor::Kind::ApiKey, Some(shop.now().timestamp()));
    assert_eq!(refused(shop.actors().request(&stale, all(3))).await, "wrong_caller");
    for confirm in [Some(2), Some(4), None] {
        let request = ChangeManyRequest { confirm, ..all(3) };
        assert_eq!(refused(remover(&shop, request)).await, "confirmation_mismatch");
    }
    let silent = ChangeManyRequest { reason: " ".to_owned(), ..all(3) };
    assert_eq!(refused(remover(&shop, silent)).await, "invalid");
    let named = ChangeManyRequest { ids: vec![shop.meet("x@example.com", "X").await?.id], filter: None, ..all(1) };
    assert_eq!(begin(&shop, keyed(remover(&shop, named), "one", "x")).await?.total, 1, "even one is a job");
    Ok(())
}
