//! Changes to many, as jobs.
use std::collections::BTreeSet;

use chrono::TimeDelta;
use customers::bulk::work::Worker;
use kit::{ids::CustomerId, permission::Permission};
use proto::customers::v1::{
    CancelJobRequest, ChangeManyRequest, GetJobRequest, Job, JobReportPiece, ReadJobReportRequest,
    job_service_client::JobServiceClient, record_service_client::RecordServiceClient,
};
use testing::actors::keyed;
use tonic::{Code, Request, Status};

use crate::shop::{DESK, PII, Shop, faults, filter, reason};

/// Asks for a change; the job that was begun.
pub async fn begin(shop: &Shop, request: Request<ChangeManyRequest>) -> Result<Job, Status> {
    let answer = RecordServiceClient::new(shop.way.clone()).change_many(request).await?.into_inner();
    Ok(answer.job.expect("a job"))
}

/// The job as it is.
pub async fn seen(shop: &Shop, id: &str) -> Result<Job, Status> {
    let request = shop.clerk(GetJobRequest { id: id.to_owned() });
    Ok(JobServiceClient::new(shop.way.clone()).get_job(request).await?.into_inner())
}

/// A piece of the report.
pub async fn report(shop: &Shop, id: &str, after: &str) -> Result<JobReportPiece, Status> {
    let request = shop.clerk(ReadJobReportRequest { id: id.to_owned(), after: after.to_owned() });
    Ok(JobServiceClient::new(shop.way.clone()).read_job_report(request).await?.into_inner())
}

fn tagging(request: ChangeManyRequest) -> ChangeManyRequest {
    ChangeManyRequest { action: "tag".to_owned(), add: vec!["fair".to_owned()], ..request }
}

fn leads() -> ChangeManyRequest {
    ChangeManyRequest { filter: Some(filter("lifecycle", "eq", &["lead"])), ..ChangeManyRequest::default() }
}

fn nobody(shop: &Shop, count: usize) -> Vec<String> {
    (0..count).map(|_| CustomerId::new(shop.now()).to_string()).collect()
}

/// How often the audit knows of each who was tagged.
async fn tagged(shop: &Shop) -> anyhow::Result<Vec<i64>> {
    let counts = "select count(*) from outbox where subject = 'patron.customers.v1.CustomerChanged' group by payload";
    Ok(sqlx::query_scalar(counts).fetch_all(shop.db.pool()).await?)
}

/// CU-8, CU-6: whoever a filter finds is changed behind the request; who matches later is not; the audit has the filter,
/// the count, and an entry for each.
#[tokio::test]
async fn those_whom_a_filter_finds_are_changed() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let (ada, bob) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("bob@example.com", "Bob").await?);
    shop.hear(&shop.placed(&bob.id, "1", shop.now())).await?;
    let request = || keyed(shop.clerk(tagging(leads())), "k1", "tag");
    let job = begin(&shop, request()).await?;
    assert_eq!((&*job.kind, &*job.state, job.done, job.total), ("bulk", "queued", 0, 1));
    assert_eq!(begin(&shop, request()).await?.id, job.id, "a repetition begins nothing");
    let late = shop.meet("late@example.com", "Late").await?;
    assert!(worker.work_one().await? && !worker.work_one().await?);
    let done = seen(&shop, &job.id).await?;
    assert_eq!((&*done.state, done.done, done.total, done.refused, done.has_report), ("succeeded", 1, 1, 0, true));
    assert_eq!(shop.get(PII, &ada.id).await?.tags, ["fair"]);
    assert!(shop.get(PII, &bob.id).await?.tags.is_empty() && shop.get(PII, &late.id).await?.tags.is_empty());
    let begun = shop.audited("customers.bulk_begun").await?;
    assert!(begun.after.contains(r#""customers":1"#) && begun.after.contains(r#""value":["lead"]"#), "{begun:?}");
    let each = shop.audited("customer.tagged").await?;
    assert_eq!((&*each.target, &*each.actor.expect("who").id), (&*ada.id, "stf_01a2013e22517bdc8062166f3d6df22e"));
    assert!(shop.audited("customers.bulk_ended").await?.after.contains(r#""done":1"#));
    let kept = "select asker is null and reason = '' and added = '{}' from bulk_changes";
    assert!(sqlx::query_scalar::<_, bool>(kept).fetch_one(shop.db.pool()).await?, "what is over is forgotten");
    Ok(())
}

async fn open() -> anyhow::Result<(Shop, Worker)> {
    let (shop, _) = crate::erasure::open().await?;
    let worker = Worker::of(&shop.rig.env)?;
    Ok((shop, worker))
}

/// CU-8, PL-2: a job that its worker died at is gone on with by another when the lease is over; two at the same job do
/// nothing twice.
#[tokio::test]
async fn a_job_is_done_once() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    for number in 0..130 {
        shop.meet(&format!("c{number}@example.com"), "Somebody").await?;
    }
    let job = begin(&shop, keyed(shop.clerk(tagging(leads())), "k1", "tag")).await?;
    let first = worker.take().await?.expect("one is due");
    assert!(worker.step(&first).await?);
    let running = seen(&shop, &job.id).await?;
    assert_eq!((&*running.state, running.done, running.total, running.has_report), ("running", 50, 130, false));
    assert!(worker.take().await?.is_none(), "somebody is at it");
    shop.rig.clock.advance(TimeDelta::seconds(60));
    let second = worker.take().await?.expect("its lease is over");
    // The first was slow, not dead.
    let other = Worker::of(&shop.rig.env)?;
    let (one, two) = tokio::join!(worker.step(&first), other.step(&second));
    assert!(one? && two?);
    while other.step(&second).await? {}
    let done = seen(&shop, &job.id).await?;
    assert_eq!((&*done.state, done.done, done.refused), ("succeeded", 130, 0));
    assert_eq!(tagged(&shop).await?, vec![1; 130]);
    assert!(!worker.step(&first).await?, "nothing is left to do");
    Ok(())
}

/// CU-8: what cannot be done to one is told of that one by its id, and done to the others; the report comes in pieces.
#[tokio::test]
async fn a_report_tells_of_those_it_could_not_be_done_to() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let mut ids = nobody(&shop, 1_200);
    ids.push(ada.id.clone());
    let job =
        begin(&shop, keyed(shop.clerk(tagging(ChangeManyRequest { ids, ..Default::default() })), "k", "x")).await?;
    assert_eq!(reason(&report(&shop, &job.id, "").await.expect_err("not yet")), "report_not_found");
    worker.work_one().await?;
    let done = seen(&shop, &job.id).await?;
    assert_eq!((&*done.state, done.done, done.refused), ("succeeded", 1_201, 1_200));
    assert_eq!(shop.get(PII, &ada.id).await?.tags, ["fair"]);
    let first = report(&shop, &job.id, "").await?;
    let second = report(&shop, &job.id, &first.next).await?;
    assert_eq!(second.next, "");
    let text = [first.data, second.data].concat();
    let lines: Vec<&str> = std::str::from_utf8(&text)?.lines().collect();
    assert_eq!((lines[0], lines.len()), ("customer,code", 1_201));
    assert!(lines[1..].iter().all(|line| line.starts_with("cus_") && line.ends_with(",customer_not_found")));
    assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), lines.len());
    shop.rig.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
    assert_eq!((worker.tidy().await?, report(&shop, &job.id, "").await.is_ok()), (0, true));
    shop.rig.clock.advance(TimeDelta::seconds(1));
    assert_eq!((worker.tidy().await?, worker.tidy().await?), (1, 0));
    assert_eq!(reason(&report(&shop, &job.id, "").await.expect_err("no longer")), "report_not_found");
    Ok(())
}

/// CU-8: a job that is cancelled stops where it is; what was done stays done.
#[tokio::test]
async fn a_job_is_cancelled() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let elsewhere = shop.actors().elsewhere();
    let job = begin(&shop, {
        let ids = nobody(&shop, 120);
        keyed(shop.clerk(tagging(ChangeManyRequest { ids, ..Default::default() })), "k", "x")
    })
    .await?;
    let cancel = async |request| JobServiceClient::new(shop.way.clone()).cancel_job(request).await;
    let asked = || CancelJobRequest { id: job.id.clone() };
    let bulk = worker.take().await?.expect("one is due");
    worker.step(&bulk).await?;
    let foreign = cancel(elsewhere.staff(DESK, asked())).await.expect_err("not theirs");
    assert_eq!(reason(&foreign), "job_not_found");
    let reader = cancel(shop.actors().staff(PII, asked())).await.expect_err("may not");
    assert_eq!(reader.code(), Code::PermissionDenied);
    for _ in 0..2 {
        let stopped = cancel(shop.clerk(asked())).await?.into_inner();
        assert_eq!((&*stopped.state, stopped.done, stopped.total), ("cancelled", 50, 120));
    }
    assert!(!worker.step(&bulk).await? && !worker.work_one().await?);
    assert_eq!(seen(&shop, &job.id).await?.done, 50);
    let told = String::from_utf8(report(&shop, &job.id, "").await?.data.to_vec())?;
    assert_eq!(told.lines().count(), 51);
    assert!(shop.audited("job.cancelled").await?.after.contains(r#""refused":50"#));

    let ada = shop.meet("ada@example.com", "Ada").await?;
    let done = begin(&shop, keyed(shop.clerk(tagging(leads())), "k2", "x")).await?;
    worker.work_one().await?;
    let late = cancel(shop.clerk(CancelJobRequest { id: done.id })).await.expect_err("it has ended");
    assert_eq!((reason(&late).as_str(), shop.get(PII, &ada.id).await?.version), ("job_ended", 2));
    Ok(())
}

/// CU-8, API §1, ID-23: a request is read as a whole before anything begins: it names whom in one way, within the limits,
/// by fields that its sender may know.
#[tokio::test]
async fn a_job_is_asked_for_properly() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let ask = async |request: ChangeManyRequest| begin(&shop, keyed(shop.clerk(request), "k", "x")).await;
    let many = nobody(&shop, 10_001);
    for (wrong, pointer, code) in [
        (tagging(ChangeManyRequest { ids: many.clone(), ..Default::default() }), "/ids", "out_of_range"),
        (tagging(ChangeManyRequest { ids: many[..1].to_vec(), ..leads() }), "/ids", "conflict"),
        (tagging(ChangeManyRequest { filter: Some(filter("shoe", "eq", &["1"])), ..leads() }), "/filter", "unknown"),
        (ChangeManyRequest { add: vec![" ".to_owned()], ..tagging(leads()) }, "/add", "required"),
    ] {
        let fault = faults(&ask(wrong).await.expect_err(code));
        assert_eq!(fault, [(pointer.to_owned(), code.to_owned())]);
    }
    let unkeyed = begin(&shop, shop.clerk(tagging(leads()))).await.expect_err("no key");
    assert_eq!(reason(&unkeyed), "idempotency_key_required");
    let masked = &[Permission::CustomersRead, Permission::CustomersWrite];
    let by_name = tagging(ChangeManyRequest { filter: Some(filter("name", "eq", &["Ada"])), ..leads() });
    let refused = begin(&shop, keyed(shop.actors().staff(masked, by_name), "k", "x")).await.expect_err("masked");
    assert_eq!(reason(&refused), "pii_required");
    let whole = ChangeManyRequest { ids: many[..10_000].to_vec(), ..Default::default() };
    assert_eq!(ask(tagging(whole)).await?.total, 10_000);
    for number in 0..9 {
        begin(&shop, keyed(shop.clerk(tagging(leads())), &format!("n{number}"), "x")).await?;
    }
    let eleventh = begin(&shop, keyed(shop.clerk(tagging(leads())), "n", "x")).await.expect_err("ten wait");
    assert_eq!(reason(&eleventh), "too_many_jobs");
    while worker.work_one().await? {}
    begin(&shop, keyed(shop.clerk(tagging(leads())), "later", "x")).await?;
    Ok(())
}

/// ID-21: in one store of a network staff tag whom they see; doors are the network's matter.
#[tokio::test]
async fn a_store_of_a_network_tags_its_own() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let in_one_store = |request| {
        let mut claims = shop.actors().claims(kit::actor::Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22f");
        claims.perms = DESK.iter().copied().collect();
        claims.store = Some(kit::ids::StoreId::new(shop.now()).into());
        keyed(shop.actors().request(&claims, request), "k", "x")
    };
    let closing = ChangeManyRequest { action: "inactivate".to_owned(), ..leads() };
    let refused = begin(&shop, in_one_store(closing)).await.expect_err("the network's matter");
    assert_eq!(reason(&refused), "network_membership_required");
    assert_eq!(begin(&shop, in_one_store(tagging(leads()))).await?.total, 0, "they know nobody");
    worker.work_one().await?;
    assert_eq!(shop.get(PII, &ada.id).await?.version, 1);
    Ok(())
}
