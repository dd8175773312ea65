//! Erasing people: who may, what is left, and what somebody else's work at that moment leaves.
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use kit::{clock::timestamp, permission::Permission, service::Service};
use proto::{
    base::v1::{CountMovesRequest, FindTracesRequest, GetPersonalDataRequest, Moves, PersonalData, StepDone, Traces},
    customers::v1::{
        self as pb, erasure_service_client::ErasureServiceClient, job_service_client::JobServiceClient,
        segment_service_client::SegmentServiceClient,
    },
    identity::v1::CustomerClosed,
    orders::v1::{
        CountOpenPaymentsRequest, CountOpenPaymentsResponse,
        personal_data_service_server::{PersonalDataService, PersonalDataServiceServer},
    },
};
use testing::{Rig, actors::keyed};
use tonic::{Request, Response, Status};

use crate::shop::{DESK, Shop, faults, filter, reason};

/// Orders as far as it matters here: how many payments are open, and who has bought.
#[derive(Clone, Default)]
pub struct Tills(pub Arc<AtomicI64>);

#[tonic::async_trait]
impl PersonalDataService for Tills {
    async fn get_personal_data(&self, _: Request<GetPersonalDataRequest>) -> Result<Response<PersonalData>, Status> {
        Ok(Response::new(PersonalData::default()))
    }

    async fn count_moves(&self, _: Request<CountMovesRequest>) -> Result<Response<Moves>, Status> {
        Ok(Response::new(Moves { counts: [("subscriptions".to_owned(), 2), ("library".to_owned(), 0)].into() }))
    }

    async fn find_traces(&self, _: Request<FindTracesRequest>) -> Result<Response<Traces>, Status> {
        Ok(Response::new(Traces::default()))
    }

    async fn count_open_payments(
        &self,
        _: Request<CountOpenPaymentsRequest>,
    ) -> Result<Response<CountOpenPaymentsResponse>, Status> {
        Ok(Response::new(CountOpenPaymentsResponse { count: self.0.load(Ordering::SeqCst) }))
    }
}

pub async fn open() -> anyhow::Result<(Shop, Tills)> {
    open_on(Rig::new(customers::NAME, &customers::MIGRATOR).await?)
}

/// The same on a rig that was prepared otherwise.
pub fn open_on(rig: Rig) -> anyhow::Result<(Shop, Tills)> {
    let tills = Tills::default();
    let orders = Service::new("orders").rpc(PersonalDataServiceServer::new(tills.clone()));
    let way = rig.serve_with(customers::service(&rig.env)?, Vec::new(), vec![orders])?;
    let (client, db) = (crate::shop::Client::new(way.clone()), rig.env.db(customers::NAME)?);
    Ok((Shop { rig, client, way, db }, tills))
}

fn asked(id: &str, reason: &str) -> pb::EraseCustomerRequest {
    pb::EraseCustomerRequest { id: id.to_owned(), reason: reason.to_owned(), confirm: id.to_owned() }
}

/// Somebody who may, and proved just now who they are.
pub fn eraser<T>(shop: &Shop, message: T) -> Request<T> {
    let mut claims = shop.actors().claims(kit::actor::Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    claims.perms = [Permission::CustomersDelete, Permission::CustomersRead].into_iter().collect();
    claims.auth_time = Some(shop.now().timestamp());
    shop.actors().request(&claims, message)
}

async fn erase(shop: &Shop, request: Request<pb::EraseCustomerRequest>) -> Result<pb::Job, Status> {
    Ok(ErasureServiceClient::new(shop.way.clone()).erase_customer(request).await?.into_inner())
}

/// Erases somebody as a matter of course.
pub async fn forget(shop: &Shop, id: &str) -> Result<pb::Job, Status> {
    erase(shop, keyed(eraser(shop, asked(id, "asked for it")), id, "1")).await
}

/// How many rows are left of somebody, whatever the table.
async fn left(shop: &Shop) -> anyhow::Result<i64> {
    let sql = "select (select count(*) from customers) + (select count(*) from customer_search)
        + (select count(*) from customer_orders) + (select count(*) from customer_spend)
        + (select count(*) from customer_stores) + (select count(*) from customer_addresses)
        + (select count(*) from customer_notes) + (select count(*) from customer_keys where key is not null)";
    Ok(sqlx::query_scalar(sql).fetch_one(shop.db.pool()).await?)
}

/// CU-15: record, key and figures go at once; who it was is known to services until the last has done its part; what is
/// heard of afterwards is nobody's, and a repetition answers the same job.
#[tokio::test]
async fn a_person_is_erased_for_ever() -> anyhow::Result<()> {
    let (shop, _) = open().await?;
    let ada = shop.meet("Ada@example.com", "Ada Lovelace").await?;
    shop.hear(&shop.placed(&ada.id, "1", shop.now())).await?;
    let job = erase(&shop, keyed(eraser(&shop, asked(&ada.id, "asked for it")), "once", "1")).await?;
    assert_eq!((job.kind.as_str(), job.state.as_str(), job.done, job.total), ("erasure", "running", 1, 6));
    assert_eq!(left(&shop).await?, 0);
    let told = shop.audited("customer.erased").await?;
    assert_eq!((told.target.as_str(), told.reason.as_str()), (ada.id.as_str(), r#""asked for it""#));

    let mut erasures = ErasureServiceClient::new(shop.way.clone());
    let whom = pb::GetErasedRequest { realm: shop.actors().realm.into(), customer: ada.id.clone() };
    let known = erasures.get_erased(shop.actors().system("orders", whom.clone())).await?.into_inner();
    assert_eq!((&*known.emails[0], &*known.names[0]), ("Ada@example.com", "Ada Lovelace"));
    let foreign = erasures.get_erased(shop.clerk(whom.clone())).await.expect_err("for services only");
    assert_eq!(reason(&foreign), "wrong_caller");

    shop.hear(&shop.placed(&ada.id, "2", shop.now())).await?;
    shop.hear(&shop.reviewed(&ada.id, shop.now())).await?;
    assert_eq!(left(&shop).await?, 0, "late events are swallowed");
    let again = erase(&shop, keyed(eraser(&shop, asked(&ada.id, "asked twice")), "twice", "2")).await?;
    assert_eq!(again.id, job.id);

    for service in ["identity", "carts", "orders", "notifications", "reviews"] {
        let done = StepDone {
            realm: shop.actors().realm.into(),
            job: job.id.clone(),
            service: service.to_owned(),
            at: Some(timestamp(shop.now())),
            ..StepDone::default()
        };
        shop.hear(&done).await?;
    }
    let request = eraser(&shop, pb::GetJobRequest { id: job.id });
    let job = JobServiceClient::new(shop.way.clone()).get_job(request).await?.into_inner();
    assert_eq!((job.state.as_str(), job.done), ("succeeded", 6));
    let forgotten = erasures.get_erased(shop.actors().system("orders", whom)).await?.into_inner();
    assert_eq!(forgotten, pb::Erased::default());
    Ok(())
}

/// CU-15, ID-20, ID-22, ID-30: it takes the permission, a fresh proof, the id once more, a reason that names nobody, and a
/// key; of another customer base nobody is known.
#[tokio::test]
async fn an_erasure_is_not_done_lightly() -> anyhow::Result<()> {
    let (shop, tills) = open().await?;
    let ada = shop.meet("ada@example.com", "Ada Lovelace").await?;
    let refused = async |request| erase(&shop, request).await.map_err(|status| reason(&status)).expect_err("refused");
    let whole = || asked(&ada.id, "asked for it");
    assert_eq!(refused(shop.actors().staff(DESK, whole())).await, "permission_required");
    assert_eq!(refused(shop.actors().staff(&[Permission::CustomersDelete], whole())).await, "step_up_required");
    assert_eq!(refused(shop.actors().customer(ada.id.parse()?, whole())).await, "permission_required");
    assert_eq!(refused(eraser(&shop, whole())).await, "idempotency_key_required");
    sqlx::query("update customers set phone = '+4930901820', business = 'Engine Works', username = 'enchantress'")
        .execute(shop.db.pool())
        .await?;
    for naming in ["LOVELACE asked", "mail of ada@example.com", "call 030 / 90 18 20", "engine works", "Enchantress"] {
        assert_eq!(refused(keyed(eraser(&shop, asked(&ada.id, naming)), naming, "1")).await, "reason_names_customer");
    }
    let unconfirmed = pb::EraseCustomerRequest { confirm: String::new(), ..whole() };
    assert_eq!(refused(keyed(eraser(&shop, unconfirmed), "k", "1")).await, "confirmation_mismatch");
    let status = erase(&shop, keyed(eraser(&shop, asked(&ada.id, " ")), "k", "1")).await.expect_err("refused");
    let wrong: Vec<_> = faults(&status).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(wrong, ["/reason"]);
    tills.0.store(1, Ordering::SeqCst);
    assert_eq!(refused(keyed(eraser(&shop, whole()), "k", "1")).await, "payment_open");
    tills.0.store(0, Ordering::SeqCst);
    let unknown = kit::ids::CustomerId::new(shop.now());
    assert_eq!(
        refused(keyed(eraser(&shop, asked(&String::from(unknown), "x")), "unknown", "1")).await,
        "customer_not_found"
    );
    let mut claims = shop.actors().elsewhere().claims(kit::actor::Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    claims.perms = [Permission::CustomersDelete].into_iter().collect();
    claims.auth_time = Some(shop.now().timestamp());
    let elsewhere = shop.actors().request(&claims, whole());
    assert_eq!(refused(keyed(elsewhere, "elsewhere", "1")).await, "customer_not_found");
    assert!(left(&shop).await? > 0, "nobody was erased");
    Ok(())
}

/// CU-15: an address of somebody who was erased may come again, as somebody new; their id never does.
#[tokio::test]
async fn an_address_comes_again_and_an_id_never() -> anyhow::Result<()> {
    let (shop, _) = open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    erase(&shop, keyed(eraser(&shop, asked(&ada.id, "asked for it")), "once", "1")).await?;
    let again = shop.meet("ada@example.com", "Ada").await?;
    assert_ne!(again.id, ada.id);
    // A sign-in that was under way, of an account at a provider or of one just made, names the former record.
    for proven in ["provider", "email"] {
        let request = pb::RegisterCustomerRequest {
            realm: shop.actors().realm.into(),
            email: format!("{proven}@example.com"),
            proven: proven.to_owned(),
            customer: ada.id.clone(),
            ..pb::RegisterCustomerRequest::default()
        };
        let refused = shop.client.clone().register_customer(shop.actors().system("identity", request)).await;
        assert_eq!(reason(&refused.expect_err("an erased id")), "customer_not_found");
    }
    Ok(())
}

/// ID-13: closing the account erases its person, as soon as no payment is on its way; who comes back before stays.
#[tokio::test]
async fn a_closed_account_is_erased() -> anyhow::Result<()> {
    let (shop, tills) = open().await?;
    let closures = customers::erasure::closure::Closures::of(&shop.rig.env)?;
    let close = async |id: &str| {
        let closed = CustomerClosed {
            realm: shop.actors().realm.into(),
            customer: id.to_owned(),
            at: Some(timestamp(shop.now())),
        };
        shop.hear(&closed).await
    };
    let ada = shop.register("ada@example.com").await?;
    tills.0.store(1, Ordering::SeqCst);
    close(&ada.id).await?;
    assert_eq!((closures.round().await?, left(&shop).await? > 0), (1, true), "a payment is on its way");
    assert_eq!(closures.round().await?, 0, "not at once again");
    tills.0.store(0, Ordering::SeqCst);
    shop.rig.clock.advance(chrono::TimeDelta::seconds(15));
    assert_eq!(closures.round().await?, 1);
    assert_eq!((left(&shop).await?, shop.published("patron.customers.v1.CustomerErased").await?), (0, 1));
    assert_eq!(shop.audited("customer.erased").await?.target, ada.id);

    let eve = shop.register("eve@example.com").await?;
    close(&eve.id).await?;
    shop.rig.clock.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(shop.register("eve@example.com").await?.id, eve.id);
    assert_eq!(closures.round().await?, 1);
    assert_eq!(shop.get(DESK, &eve.id).await?.registration, "registered");
    assert_eq!(closures.round().await?, 0);
    Ok(())
}

/// CU-15: of the tickets of somebody who was erased a shell is left, closed and without a word.
#[tokio::test]
async fn tickets_lose_their_words() -> anyhow::Result<()> {
    let (shop, _) = open().await?;
    let ada = shop.register("ada@example.com").await?;
    let ticket = crate::tickets::open(&shop, &ada, "The lid").await?;
    for internal in [true, false] {
        let (ticket, text) = (ticket.id.clone(), "Ada called.".to_owned());
        let request = pb::AddTicketCommentRequest { ticket, text, internal, ..Default::default() };
        crate::tickets::tickets(&shop).add_ticket_comment(shop.actors().staff(crate::tickets::AGENT, request)).await?;
    }
    erase(&shop, keyed(eraser(&shop, asked(&ada.id, "asked for it")), "once", "1")).await?;
    let left = crate::tickets::get(&shop, &ticket.id).await?;
    assert_eq!((left.status.as_str(), left.subject.as_str(), left.number), ("closed", "", 1));
    assert_eq!((left.customer_name.as_str(), left.customer_email.as_str()), ("", ""));
    let words = "select count(*) from (select text from ticket_comments union all select text from ticket_notes) as t
                 where text <> ''";
    let words: i64 = sqlx::query_scalar(words).fetch_one(shop.db.pool()).await?;
    assert_eq!(words, 0);
    Ok(())
}

/// CU-13, CU-15: whoever types the id of a record that was merged did not see whom they would erase: it is refused, and
/// says which record to name.
#[tokio::test]
async fn a_merged_id_erases_nobody() -> anyhow::Result<()> {
    let (shop, _) = open().await?;
    let kept = shop.meet("ada@example.com", "Ada").await?;
    let gone = shop.meet("lovelace@example.com", "Ada").await?;
    crate::merges::merge(&shop, &kept.id, &gone.id).await?;
    let refused = erase(&shop, keyed(eraser(&shop, asked(&gone.id, "asked for it")), "once", "1")).await;
    let refused = refused.expect_err("another record");
    assert_eq!(reason(&refused), "customer_merged");
    assert!(refused.message().contains(&kept.id), "{refused}");
    assert!(left(&shop).await? > 0);
    erase(&shop, keyed(eraser(&shop, asked(&kept.id, "asked for it")), "twice", "1")).await?;
    assert_eq!(left(&shop).await?, 0);
    Ok(())
}

/// CU-15: a segment that names somebody goes with them; others stay, such as one for all of a name.
#[tokio::test]
async fn nobody_stays_in_a_segment() -> anyhow::Result<()> {
    let (shop, _) = open().await?;
    let ada = shop.meet("Ada@example.com", "Ada Lovelace").await?;
    let mut segments = SegmentServiceClient::new(shop.way.clone());
    let named = [
        ("by mail", "email", "ADA@example.com"),
        ("by name", "name", "Ada LOVELACE"),
        ("by id", "id", &*ada.id),
        ("those like ada@example.com", "email", "eve@example.com"),
        ("Eve", "email", "eve@example.com"),
        ("all of them", "name", "Lovelace"),
    ];
    for (name, field, value) in named {
        let request = pb::CreateSegmentRequest { name: name.to_owned(), filter: Some(filter(field, "eq", &[value])) };
        segments.create_segment(shop.actors().staff(DESK, request)).await?;
    }
    erase(&shop, keyed(eraser(&shop, asked(&ada.id, "asked for it")), "once", "1")).await?;
    let names: Vec<String> =
        sqlx::query_scalar("select name from segments order by name").fetch_all(shop.db.pool()).await?;
    assert_eq!(names, ["Eve", "all of them"]);
    Ok(())
}
