//! What an erasure leaves of reviews, and what it does about those that come late.
use chrono::TimeDelta;
use holdings::work::Work;
use kit::{
    clock::timestamp,
    ids::{CustomerId, JobId},
    inbox::{Consumer, Event},
    service::Service,
};
use proto::customers::v1::{
    self as pb, CustomerErased,
    erasure_service_server::{ErasureService, ErasureServiceServer},
};
use reviews::{consumer::Events, erasure::Erasure};
use tonic::{Request, Response, Status};

use testing::merges;

use crate::fair::{Fair, review};

/// Customers, who know for a while who it was.
struct Customers;

#[tonic::async_trait]
impl ErasureService for Customers {
    async fn erase_customer(&self, _: Request<pb::EraseCustomerRequest>) -> Result<Response<pb::Job>, Status> {
        Err(Status::unimplemented("not asked"))
    }

    async fn get_erased(&self, _: Request<pb::GetErasedRequest>) -> Result<Response<pb::Erased>, Status> {
        Ok(Response::new(pb::Erased { names: vec!["Ada Lovelace".to_owned()], ..pb::Erased::default() }))
    }

    async fn export_customer(
        &self,
        _: Request<pb::ExportCustomerRequest>,
    ) -> Result<Response<pb::CustomerExport>, Status> {
        Err(Status::unimplemented("not asked"))
    }
}

fn peer() -> Service {
    Service::new("customers").rpc(ErasureServiceServer::new(Customers))
}

async fn hear(fair: &Fair, customer: CustomerId) -> anyhow::Result<()> {
    let now = fair.rig.clock.now();
    let erased = CustomerErased {
        realm: fair.rig.actors.realm.into(),
        job: JobId::new(now).into(),
        customer: customer.into(),
        at: Some(timestamp(now)),
    };
    let mut tx = fair.db.begin_own().await?;
    let event = Event::new(kit::ids::uuid(now), &erased);
    Events { clock: fair.rig.clock.clone() }.apply(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// Names and texts, in the order of the ratings.
async fn shown(fair: &Fair) -> anyhow::Result<Vec<(String, String)>> {
    Ok(sqlx::query_as("select author_name, content from reviews order by rating").fetch_all(fair.db.pool()).await?)
}

/// CU-15: ratings stay, and texts that name nobody; what somebody was writing at that moment is seen to a minute and six
/// minutes later, not before; and the part of the job is told of once.
#[tokio::test]
async fn a_late_review_is_nobodys_either() -> anyhow::Result<()> {
    let fair = Fair::open_with(peer()).await?;
    let (ada, eve) = (fair.customer("Ada Lovelace"), fair.customer("Eve"));
    let products = [(); 4].map(|()| fair.product(fair.rig.actors.store));
    let mut named = review(&products[1], 2);
    "Good, says LOVELACE.".clone_into(&mut named.content);
    fair.submit(ada, &products[0], 1).await?;
    fair.client.clone().submit_review(fair.rig.actors.customer(ada, named)).await?;
    fair.submit(eve, &products[0], 5).await?;
    fair.buy(ada, &products[0]).await?;
    hear(&fair, ada).await?;
    hear(&fair, ada).await?;
    let customers = fair.rig.env.peer(reviews::NAME, "customers")?;
    let work = Work { db: fair.db.clone(), clock: fair.rig.clock.clone(), customers, forgetter: Erasure };
    assert_eq!(work.round().await?, 1);
    let nobody = |text: &str| ("Anonymous".to_owned(), text.to_owned());
    let eves = ("Eve".to_owned(), "Good.".to_owned());
    assert_eq!(shown(&fair).await?, [nobody("Good."), nobody(""), eves.clone()]);
    let purchases: i64 = sqlx::query_scalar("select count(*) from purchases").fetch_one(fair.db.pool()).await?;
    assert_eq!(purchases, 0);

    for (product, minutes) in [(&products[2], 1), (&products[3], 6)] {
        fair.submit(ada, product, u32::try_from(minutes)? / 2 + 1).await.ok();
        fair.rig.clock.advance(TimeDelta::minutes(minutes) - TimeDelta::milliseconds(1));
        assert_eq!(work.round().await?, 0);
        assert!(shown(&fair).await?.iter().any(|(name, _)| name.starts_with("Ada")), "somebody was at work");
        fair.rig.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(work.round().await?, 1);
        assert!(!shown(&fair).await?.iter().any(|(name, _)| name.starts_with("Ada")));
    }
    fair.rig.clock.advance(TimeDelta::days(1));
    assert_eq!((work.round().await?, fair.published("StepDone").await?), (0, 1));
    Ok(())
}

/// CU-13, CU-15: what a merge moves to somebody who was erased meanwhile is nobody's either, however late it is heard of.
#[tokio::test]
async fn a_merge_that_comes_late_brings_nothing_back() -> anyhow::Result<()> {
    let fair = Fair::open_with(peer()).await?;
    let events = Events { clock: fair.rig.clock.clone() };
    let (kept, gone) = (fair.customer("Ada Lovelace"), fair.customer("Ada Lovelace"));
    fair.submit(gone, &fair.product(fair.rig.actors.store), 4).await?;
    let merge = merges::merged(&fair.rig, kept, gone);
    hear(&fair, kept).await?;
    let customers = fair.rig.env.peer(reviews::NAME, "customers")?;
    let work = Work { db: fair.db.clone(), clock: fair.rig.clock.clone(), customers, forgetter: Erasure };
    for minutes in [0, 1, 6, 60] {
        fair.rig.clock.advance(TimeDelta::minutes(minutes));
        work.round().await?;
    }
    assert_eq!(shown(&fair).await?[0].0, "Ada L.");
    merges::hear(&fair.db, &events, &merge).await?;
    assert_eq!(work.round().await?, 1);
    assert_eq!(shown(&fair).await?[0].0, "Anonymous");
    assert_eq!(fair.published("StepDone").await?, 2, "of the erasure and of the merge, once each");
    Ok(())
}
