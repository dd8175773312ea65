//! Doors that staff close to a customer (ID-9).
use chrono::TimeDelta;
use identity::{
    NAME,
    consumer::Events,
    prune::prune,
    session::{
        Subject,
        open::{OpenSession, open_session},
    },
};
use kit::{
    call::Client,
    clock::timestamp,
    ids,
    inbox::{Consumer, Event},
};
use proto::{
    customers::v1::CustomerInactivated,
    identity::v1::{
        self as pb, SessionRevoked, code_sign_in_service_client::CodeSignInServiceClient,
        impersonation_service_client::ImpersonationServiceClient,
    },
};

use crate::house::{House, PASSWORD, by, reason};

/// Closes the doors of `customer`, and has the service hear of it.
pub async fn inactivate(house: &House, realm: &str, customer: &str) -> anyhow::Result<()> {
    house.people.inactivate(customer);
    let (realm, customer, at) = (realm.to_owned(), customer.to_owned(), Some(timestamp(house.clock.now())));
    let event = Event::new(ids::uuid(house.clock.now()), &CustomerInactivated { realm, customer, at });
    let mut tx = house.env.db(NAME)?.begin_own().await?;
    Events { clock: house.clock.clone() }.apply(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// ID-9, ID-10: whatever a customer has open ends, also in their name (ID-25), and gateways are told of each session;
/// what others have open stays, and what the same person has elsewhere. Activated again, they come in as before.
#[tokio::test]
async fn sessions_end_and_doors_open_again() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (here, there) = (house.store("Corner Shop").await?, house.store("Far Shop").await?);
    let (front, far) = (house.front(&here.key).await?, house.front(&there.key).await?);
    let first = house.register(&front, "ada@example.com").await?;
    let second = house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let (eve, elsewhere) =
        (house.register(&front, "eve@example.com").await?, house.register(&far, "ada@example.com").await?);
    let carl = house.at_work("carl@example.com", &here.id, "customer_service").await?;
    let (customer, reason_given) = (first.customer.clone(), "Cannot find the download.".to_owned());
    let request = pb::StartImpersonationRequest { customer, reason: reason_given, ticket: String::new() };
    let mut impersonations = house.client(ImpersonationServiceClient::new);
    let within = impersonations.start_impersonation(by(&carl, request)).await?.into_inner();
    let portal = crate::portal::enter(&house, "ada@example.com").await?;

    house.clock.advance(TimeDelta::seconds(1));
    inactivate(&house, &here.realm, &first.customer).await?;
    for token in [&first.token, &second.token, &within.token] {
        assert_eq!(reason(house.exchange(&here.key, token, "").await), "unauthenticated");
    }
    house.claims(&here.key, &eve.token, "").await?;
    house.claims(&there.key, &elsewhere.token, "").await?;
    house.claims(&portal.token, "", "").await?;
    let told = house.events::<SessionRevoked>().await?;
    assert_eq!(told.iter().filter(|revoked| revoked.subject == first.customer).count(), 3);
    assert_eq!(reason(house.log_in(&front, "ada@example.com", PASSWORD).await), "bad_credentials");
    house.log_in(&far, "ada@example.com", PASSWORD).await?;
    inactivate(&house, &here.realm, &first.customer).await?; // told twice, nothing more happens
    assert_eq!(house.events::<SessionRevoked>().await?.len(), told.len());

    house.people.activate(&first.customer);
    let again = house.log_in(&front, "ada@example.com", PASSWORD).await?;
    house.claims(&here.key, &again.token, "").await?;
    Ok(())
}

/// ID-9: who came through the door just before it was closed, and gets their session just after, stays outside; nor does
/// that session come to life once the closing is long past.
#[tokio::test]
async fn who_is_on_the_way_in_stays_outside() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let ada = house.register(&house.front(&store.key).await?, "ada@example.com").await?;
    let (subject, came_at) = (Subject::Customer(store.realm.parse()?, ada.customer.parse()?), house.clock.now());
    house.clock.advance(TimeDelta::seconds(1));
    inactivate(&house, &store.realm, &ada.customer).await?;
    let open = async |now| {
        let mut tx = house.env.db(NAME)?.begin_own().await?;
        let client = Client::default();
        let opened = open_session(&mut tx, OpenSession { subject, methods: &["code"], client: &client, now }).await?;
        tx.commit().await?;
        anyhow::Ok(opened.1)
    };
    let (late, later) = (open(came_at).await?, open(house.clock.now()).await?);
    assert_eq!(reason(house.exchange(&store.key, &late, "").await), "unauthenticated");
    house.claims(&store.key, &later, "").await?;
    for (days, left) in [(1, 1), (30, 0)] {
        house.clock.advance(TimeDelta::days(days));
        prune(&house.env.db(NAME)?, house.clock.now()).await?;
        let kept: i64 =
            sqlx::query_scalar("select count(*) from session_cutoffs").fetch_one(house.env.db(NAME)?.pool()).await?;
        assert_eq!((kept, reason(house.exchange(&store.key, &late, "").await)), (left, "unauthenticated".to_owned()));
    }
    house.claims(&store.key, &later, "").await?;
    Ok(())
}

/// ID-9: every way in counts from before it asks whether the door is open.
#[tokio::test]
async fn a_session_counts_from_before_its_door_was_asked() -> anyhow::Result<()> {
    let house = House::build().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    house.register(&front, "ada@example.com").await?;
    let mut codes = house.client(CodeSignInServiceClient::new);
    let request = pb::RequestSignInCodeRequest { identity: "ada@example.com".to_owned() };
    codes.request_sign_in_code(by(&front, request)).await?;
    let (identity, code) = ("ada@example.com".to_owned(), house.letters.code());

    house.people.set_slow(TimeDelta::seconds(2));
    let before = house.clock.now().timestamp();
    let by_password = house.log_in(&front, "ada@example.com", PASSWORD).await?;
    assert_eq!(house.claims(&key, &by_password.token, "").await?.auth_time, Some(before));
    let before = house.clock.now().timestamp();
    let request = pb::VerifySignInCodeRequest { identity, code };
    let by_code = codes.verify_sign_in_code(by(&front, request)).await?.into_inner();
    assert_eq!(house.claims(&key, &by_code.token, "").await?.auth_time, Some(before));
    Ok(())
}
