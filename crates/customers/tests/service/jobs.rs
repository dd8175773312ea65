//! Jobs that several services take part in.
use std::collections::HashMap;

use customers::job::{Job, Kind, NewJob, begin};
use kit::{actor::Kind as Who, assertion::Claims, clock::timestamp, ids::RealmId, permission::Permission};
use proto::{
    base::v1::StepDone,
    customers::v1::{self as pb, GetJobRequest, job_service_client::JobServiceClient},
};
use testing::Actors;
use tonic::{Request, Status};

use crate::shop::{NO_PII, Shop, id, reason};

const CLERK: &str = "stf_01a2013e22517bdc8062166f3d6df22e";

async fn erasure(shop: &Shop, customer: &str) -> anyhow::Result<Job> {
    let mut tx = shop.db.begin_own().await?;
    let new = NewJob {
        realm: shop.actors().realm,
        kind: Kind::Erasure,
        customer: customer.parse()?,
        services: &["identity", "orders"],
        created_by: CLERK.to_owned(),
        now: shop.now(),
    };
    let job = begin(&mut tx, new).await?;
    tx.commit().await?;
    Ok(job)
}

fn done(shop: &Shop, realm: RealmId, job: &str, service: &str) -> StepDone {
    StepDone {
        realm: realm.into(),
        job: job.to_owned(),
        service: service.to_owned(),
        counts: HashMap::from([("rows".to_owned(), 3)]),
        at: Some(timestamp(shop.now())),
    }
}

async fn get(shop: &Shop, request: Request<GetJobRequest>) -> Result<pb::Job, Status> {
    Ok(JobServiceClient::new(shop.way.clone()).get_job(request).await?.into_inner())
}

/// PL-2: a job ends with the last of its services, each counted once, whoever else tells of it.
#[tokio::test]
async fn a_job_ends_with_its_last_service() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let job = erasure(&shop, &ada.id).await?.told(Vec::new());
    let seen = async || get(&shop, shop.clerk(GetJobRequest { id: job.id.clone() })).await;
    let realm = shop.actors().realm;
    for (service, state, count) in
        [("orders", "running", 1), ("orders", "running", 1), ("carts", "running", 1), ("identity", "succeeded", 2)]
    {
        shop.hear(&done(&shop, realm, &job.id, service)).await?;
        let job = seen().await?;
        assert_eq!((job.state.as_str(), job.done, job.total), (state, count, 2), "{service}");
        assert_eq!(job.ended_at.is_some(), state == "succeeded");
    }
    let ended = seen().await?;
    shop.hear(&done(&shop, realm, &job.id, "orders")).await?;
    assert_eq!(seen().await?, ended);
    let orders = ended.steps.iter().find(|step| step.service == "orders").expect("it took part");
    assert_eq!(orders.counts.get("rows"), Some(&3));
    // Nobody knows this one; there is nothing to be done about it.
    shop.hear(&done(&shop, shop.actors().elsewhere().realm, &job.id, "orders")).await
}

/// ID-30: a job is shown to whoever began it and to staff of the whole customer base, and is unknown to all others.
#[tokio::test]
async fn a_job_is_shown_to_few() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let job = erasure(&shop, &ada.id).await?.told(Vec::new());
    let asked = || GetJobRequest { id: job.id.clone() };
    let in_one_store = {
        let mut claims = shop.actors().claims(Who::Staff, "stf_01a2013e22517bdc8062166f3d6df22f");
        claims.perms = [Permission::CustomersRead].into_iter().collect();
        claims.store = Some(kit::ids::StoreId::new(shop.now()).into());
        claims
    };
    let own = Claims { sub: CLERK.into(), ..in_one_store.clone() };
    let elsewhere: Actors = shop.actors().elsewhere();
    for allowed in [shop.actors().staff(NO_PII, asked()), shop.actors().request(&own, asked())] {
        assert_eq!(get(&shop, allowed).await?.id, job.id);
    }
    for refused in [
        shop.actors().request(&in_one_store, asked()),
        elsewhere.staff(NO_PII, asked()),
        shop.clerk(GetJobRequest { id: "job_orders_1".to_owned() }),
    ] {
        assert_eq!(reason(&get(&shop, refused).await.expect_err("not theirs")), "job_not_found");
    }
    for refused in [shop.actors().staff(&[], asked()), shop.actors().customer(id(&ada), asked())] {
        assert_eq!(get(&shop, refused).await.expect_err("may not").code(), tonic::Code::PermissionDenied);
    }
    Ok(())
}
