//! What happened around a customer.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{clock::timestamp, ids::MessageId};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use proto::{
    base::v1::{Audited, AuditedPerson, Money, PageRequest},
    customers::v1::{
        Customer, ListTimelineRequest, ListTimelineResponse, Moment, timeline_service_client::TimelineServiceClient,
    },
    identity::v1::SignedIn,
    notifications::v1::MessageFailed,
};
use tokio::runtime::Runtime;
use tonic::{Code, Request, Status};

use crate::shop::{NO_PII, Shop, reason};

async fn ask(shop: &Shop, request: Request<ListTimelineRequest>) -> Result<ListTimelineResponse, Status> {
    Ok(TimelineServiceClient::new(shop.way.clone()).list_timeline(request).await?.into_inner())
}

fn of(customer: &str) -> ListTimelineRequest {
    ListTimelineRequest { customer: customer.to_owned(), ..ListTimelineRequest::default() }
}

async fn seen(shop: &Shop, customer: &str) -> anyhow::Result<Vec<Moment>> {
    Ok(ask(shop, shop.actors().staff(NO_PII, of(customer))).await?.moments)
}

fn kinds(moments: &[Moment]) -> Vec<&str> {
    moments.iter().map(|moment| moment.kind.as_str()).collect()
}

fn signed_in(shop: &Shop, customer: &str, at: DateTime<Utc>) -> SignedIn {
    SignedIn {
        realm: shop.actors().realm.into(),
        subject: customer.to_owned(),
        methods: vec!["password".to_owned(), "otp".to_owned()],
        at: Some(timestamp(at)),
    }
}

fn failed(shop: &Shop, customer: &str, at: DateTime<Utc>) -> MessageFailed {
    MessageFailed {
        realm: shop.actors().realm.into(),
        message: MessageId::new(at).into(),
        customer: customer.to_owned(),
        reason: "bounced".to_owned(),
        at: Some(timestamp(at)),
        store: String::new(),
    }
}

/// What the audit is told when a member of staff does `action` to `customers`.
fn done(shop: &Shop, action: &str, customers: &[&str], at: DateTime<Utc>) -> Audited {
    Audited {
        realm: shop.actors().realm.into(),
        at: Some(timestamp(at)),
        actor: Some(AuditedPerson { kind: "staff".to_owned(), id: "stf_01".to_owned() }),
        action: action.to_owned(),
        target: customers[0].to_owned(),
        customers: customers.iter().map(|&id| id.to_owned()).collect(),
        ..Audited::default()
    }
}

/// CU-18: what happened, when and by whom, newest first, from what services and staff did; nothing in it is personal.
#[tokio::test]
async fn a_timeline_tells_what_happened_and_by_whom() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let later = |minutes| shop.now() + TimeDelta::minutes(minutes);
    shop.hear(&shop.placed(&ada.id, "1", later(1))).await?;
    shop.hear(&shop.captured(&ada.id, (1_999, "EUR"), later(2))).await?;
    shop.hear(&failed(&shop, &ada.id, later(3))).await?;
    shop.hear(&done(&shop, "customer.tagged", &[&ada.id], later(4))).await?;
    shop.hear(&done(&shop, "pii.read", &[&ada.id], later(5))).await?;
    shop.hear(&shop.reviewed(&ada.id, later(6))).await?;
    for minutes in [61, 75, 121] {
        shop.hear(&signed_in(&shop, &ada.id, later(minutes))).await?;
    }
    let moments = seen(&shop, &ada.id).await?;
    let expected = [
        "customer.signed_in",
        "customer.signed_in",
        "review.submitted",
        "customer.tagged",
        "message.failed",
        "payment.captured",
        "order.placed",
        "customer.created",
    ];
    assert_eq!(kinds(&moments), expected);
    let actor = |place: usize| moments[place].actor.clone().map(|who| (who.kind, who.id)).unwrap_or_default();
    assert_eq!(actor(1), ("customer".to_owned(), ada.id.clone()));
    assert_eq!((actor(3).1.as_str(), actor(4).1.as_str()), ("stf_01", "notifications"));
    assert_eq!((moments[4].state.as_str(), moments[0].subject.as_str()), ("bounced", "password otp"));
    assert_eq!(moments[5].amount, Some(Money { amount: 1_999, currency: "EUR".to_owned() }));
    assert_eq!(moments[1].at, Some(timestamp(later(60))), "once an hour");
    assert!(!format!("{moments:?}").to_lowercase().contains("ada@"), "{moments:?}");
    Ok(())
}

/// CU-18: pages go forth and back without gap or repetition, also through what happened at the same moment; kinds narrow
/// them down; of another customer base or of nobody there is none.
#[tokio::test]
async fn timelines_are_paged() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    for number in 0..6 {
        let at = shop.now() + TimeDelta::minutes(1 + number / 3);
        shop.hear(&shop.placed(&ada.id, "1", at)).await?;
        shop.hear(&done(&shop, &format!("customer.done_{number}"), &[&ada.id], at)).await?;
    }
    let whole = seen(&shop, &ada.id).await?;
    assert_eq!(whole.len(), 13);
    let page = async |after: &str, before: &str| {
        let page = PageRequest { limit: 5, after: after.to_owned(), before: before.to_owned(), total: false };
        ask(&shop, shop.clerk(ListTimelineRequest { page: Some(page), ..of(&ada.id) })).await
    };
    let first = page("", "").await?;
    let at = |list: &ListTimelineResponse| list.page.clone().unwrap_or_default();
    let second = page(&at(&first).next, "").await?;
    let third = page(&at(&second).next, "").await?;
    assert_eq!([&first, &second, &third].map(|list| list.moments.clone()).concat(), whole);
    assert_eq!(page("", &at(&third).prev).await?.moments, second.moments);
    let some = ListTimelineRequest { kinds: vec!["customer.done_4".to_owned()], ..of(&ada.id) };
    assert_eq!(kinds(&ask(&shop, shop.clerk(some)).await?.moments), ["customer.done_4"]);
    let foreign = ask(&shop, other.staff(NO_PII, of(&ada.id))).await.expect_err("not theirs");
    assert_eq!(reason(&foreign), "customer_not_found");
    let refused = ask(&shop, shop.actors().staff(&[], of(&ada.id))).await.expect_err("may not");
    assert_eq!(refused.code(), Code::PermissionDenied);
    Ok(())
}

/// CU-18, CU-13, CU-15: what was heard of a record that was merged, before or since, is the kept one's; of one who was
/// erased nothing is left, and nothing comes.
#[tokio::test]
async fn timelines_follow_merges_and_erasures() -> anyhow::Result<()> {
    let (shop, _) = crate::erasure::open().await?;
    let (ada, eve) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("eve@example.com", "Eve").await?);
    let at = |minutes| shop.now() + TimeDelta::minutes(minutes);
    shop.hear(&failed(&shop, &eve.id, at(1))).await?;
    shop.hear(&done(&shop, "customer.compared", &[&ada.id, &eve.id], at(2))).await?;
    crate::merges::merge(&shop, &ada.id, &eve.id).await?;
    shop.hear(&failed(&shop, &eve.id, at(3))).await?;
    let told = ["message.failed", "customer.compared", "message.failed", "customer.created"];
    assert_eq!(kinds(&seen(&shop, &eve.id).await?), told);
    assert_eq!(seen(&shop, &ada.id).await?.len(), 4);
    crate::erasure::forget(&shop, &ada.id).await?;
    shop.hear(&failed(&shop, &ada.id, at(4))).await?;
    shop.hear(&failed(&shop, &eve.id, at(5))).await?;
    let left: i64 = sqlx::query_scalar("select count(*) from timeline").fetch_one(shop.db.pool()).await?;
    assert_eq!(left, 0);
    Ok(())
}

/// Which events of twelve are heard of, in which order, some of them twice.
fn story() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..12_usize, 0..6)
        .prop_flat_map(|twice| Just((0..12).chain(twice).collect::<Vec<_>>()).prop_shuffle())
}

async fn live(shop: &Shop, order: &[usize]) -> anyhow::Result<Vec<(Option<prost_types::Timestamp>, String)>> {
    let unique = kit::ids::CustomerId::new(shop.now());
    let customer: Customer = shop.meet(&format!("{unique}@example.com"), "Ada").await?;
    let (id, at) = (&customer.id, |minutes: i64| shop.now() + TimeDelta::minutes(minutes));
    let messages: Vec<_> = (0..3).map(|n| failed(shop, id, at(n))).collect();
    let orders: Vec<_> = (3..6).map(|n| shop.placed(id, "1", at(n))).collect();
    for number in order {
        let minutes = i64::try_from(*number)?;
        match number {
            0..3 => shop.hear(&messages[*number]).await?,
            3..6 => shop.hear(&orders[*number - 3]).await?,
            6..9 => shop.hear(&signed_in(shop, id, at(minutes * 30))).await?,
            _ => shop.hear(&done(shop, "customer.tagged", &[id], at(minutes))).await?,
        }
    }
    Ok(seen(shop, id).await?.into_iter().map(|moment| (moment.at, moment.kind)).collect())
}

/// CU-18, PL-2: any order and any repetition of events gives the same timeline.
#[test]
fn any_order_gives_the_same_timeline() -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let shop = runtime.block_on(Shop::open())?;
    let in_turn: Vec<usize> = (0..12).collect();
    let expected = runtime.block_on(live(&shop, &in_turn))?;
    assert_eq!(expected.len(), 12, "two of the sign-ins are of one hour");
    let mut runner = TestRunner::new(Config { cases: 16, ..Config::default() });
    let outcome = runner.run(&story(), |order| {
        let found = runtime.block_on(live(&shop, &order)).map_err(|e| TestCaseError::fail(format!("{e:#}")))?;
        prop_assert_eq!(&expected, &found);
        Ok(())
    });
    outcome.map_err(|error| anyhow::anyhow!("{error}"))
}
