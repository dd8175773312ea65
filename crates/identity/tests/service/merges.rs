//! Customers who were merged: what signs them in, and what of it ends.
use chrono::TimeDelta;
use identity::{NAME, consumer::Events};
use kit::clock::timestamp;
use proto::{
    customers::v1::CustomersMerged,
    identity::v1::{
        self as pb, SessionRevoked, customer_session_service_client::CustomerSessionServiceClient,
        device_service_client::DeviceServiceClient,
    },
};
use testing::merges::{hear, steps};

use crate::house::{House, PASSWORD, by, reason};

/// Customers merges `gone` into `kept`, and the service hears of it.
async fn merge(house: &House, realm: &str, [kept, gone]: [&str; 2]) -> anyhow::Result<CustomersMerged> {
    for record in house.people.records().iter_mut().filter(|record| record.id == gone) {
        kept.clone_into(&mut record.id);
    }
    let event = CustomersMerged {
        realm: realm.to_owned(),
        job: kit::ids::JobId::new(house.clock.now()).into(),
        kept: kept.to_owned(),
        gone: gone.to_owned(),
        at: Some(timestamp(house.clock.now())),
        ..CustomersMerged::default()
    };
    house.clock.advance(TimeDelta::seconds(1));
    hear(&house.env.db(NAME)?, &Events { clock: house.clock.clone() }, &event).await?;
    Ok(event)
}

/// CU-13, ID-10: the sessions of the record that is gone end, those of the kept one stay; devices move, and either address
/// signs in to the kept record, with its own password.
#[tokio::test]
async fn logins_move_and_sessions_end() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let kept = house.register(&front, "ada@example.com").await?;
    let gone = house.register(&front, "ada@king.example").await?;
    let me = house.exchange(&store.key, &gone.token, "").await?;
    let device = pb::RegisterDeviceRequest { token: "push-token-1".to_owned(), platform: "ios".to_owned() };
    house.client(DeviceServiceClient::new).register_device(by(&me, device)).await?;
    house.clock.advance(TimeDelta::minutes(1));
    merge(&house, &store.realm, [&kept.customer, &gone.customer]).await?;
    assert_eq!(reason(house.exchange(&store.key, &gone.token, "").await), "unauthenticated");
    let revoked = house.events::<SessionRevoked>().await?;
    assert_eq!((revoked.len(), revoked[0].subject.as_str()), (1, &*gone.customer));
    let claims = house.claims(&store.key, &kept.token, "").await?;
    assert_eq!(claims.sub, kept.customer);
    let request = pb::ListDevicesRequest { realm: store.realm.clone(), customer: kept.customer.clone() };
    let devices = house.client(DeviceServiceClient::new).list_devices(request).await?.into_inner().devices;
    assert_eq!(devices.len(), 1);
    for address in ["ada@example.com", "ada@king.example"] {
        assert_eq!(house.log_in(&front, address, PASSWORD).await?.customer, kept.customer, "{address}");
    }
    let said = steps(&house.env.db(NAME)?).await?;
    assert_eq!(
        (said[0].service.as_str(), said[0].counts["sessions_ended"], said[0].counts["accounts"]),
        ("identity", 1, 1)
    );
    Ok(())
}

/// CU-13: a guest's record takes over the account, password and all, of the one that was merged into it; twice is once.
#[tokio::test]
async fn an_account_moves_to_a_guest() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let kept = house.people.meet(&store.realm, "guest@example.com");
    let gone = house.register(&front, "ada@king.example").await?;
    let event = merge(&house, &store.realm, [&kept, &gone.customer]).await?;
    hear(&house.env.db(NAME)?, &Events { clock: house.clock.clone() }, &event).await?;
    assert_eq!(house.log_in(&front, "ada@king.example", PASSWORD).await?.customer, kept);
    let db = house.env.db(NAME)?;
    let left: i64 = sqlx::query_scalar("select count(*) from customer_credentials").fetch_one(db.pool()).await?;
    assert_eq!(left, 1);
    Ok(())
}

/// ID-10: a session that was cut off before it was there is not among those that are listed.
#[tokio::test]
async fn what_was_cut_off_is_not_listed() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    house.clock.advance(TimeDelta::minutes(1));
    let (realm, db) = (store.realm.parse::<kit::ids::RealmId>()?, house.env.db(NAME)?);
    let customer: kit::ids::CustomerId = ada.customer.parse()?;
    let cut = "insert into session_cutoffs (realm_id, customer_id, at) values ($1, $2, $3)";
    sqlx::query(cut).bind(realm).bind(customer).bind(house.clock.now()).execute(db.pool()).await?;
    house.clock.advance(TimeDelta::minutes(1));
    let again = house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let me = house.exchange(&store.key, &again.token, "").await?;
    let sessions = house.client(CustomerSessionServiceClient::new);
    let listed = sessions.clone().list_sessions(by(&me, pb::ListSessionsRequest {})).await?.into_inner().sessions;
    assert!(listed.len() == 1 && listed[0].current, "{listed:?}");
    Ok(())
}
