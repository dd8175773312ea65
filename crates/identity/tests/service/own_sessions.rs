//! Sessions of a customer, as they see them (ID-10).
use proto::identity::v1::{self as pb, SessionRevoked, customer_session_service_client::CustomerSessionServiceClient};

use crate::house::{House, PASSWORD, by, reason};

/// ID-10: somebody sees their own sessions, ends one of them, the others, and all.
#[tokio::test]
async fn sessions_are_listed_and_ended() -> anyhow::Result<()> {
    let house = House::build().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    house.register(&front, "eve@example.com").await?;
    let mut tokens = vec![house.register(&front, "ada@example.com").await?.token];
    for _ in 0..3 {
        house.clock.advance(chrono::TimeDelta::seconds(1));
        tokens.push(house.log_in(&front, "ada@example.com", PASSWORD).await?.token);
    }
    let me = house.exchange(&key, &tokens[3], "").await?;
    let mut sessions = house.client(CustomerSessionServiceClient::new);
    let listed = sessions.list_sessions(by(&me, pb::ListSessionsRequest {})).await?.into_inner().sessions;
    let current: Vec<bool> = listed.iter().map(|session| session.current).collect();
    assert_eq!(current, [true, false, false, false]);
    assert_eq!((&*listed[0].methods[0], &*listed[3].methods[0]), ("password", "code"));

    let request = pb::RevokeSessionRequest { id: listed[2].id.clone() };
    assert_eq!(sessions.revoke_session(by(&me, request.clone())).await?.into_inner(), listed[2]);
    assert_eq!(reason(sessions.revoke_session(by(&me, request)).await), "session_not_found");
    assert_eq!(reason(house.exchange(&key, &tokens[1], "").await), "unauthenticated");
    house.claims(&key, &tokens[2], "").await?;

    let others = pb::RevokeSessionsRequest { others: true };
    let ended = sessions.revoke_sessions(by(&me, others)).await?.into_inner().sessions;
    assert_eq!((ended.len(), &ended[0].id), (2, &listed[1].id));
    house.claims(&key, &tokens[3], "").await?;
    sessions.revoke_sessions(by(&me, pb::RevokeSessionsRequest { others: false })).await?;
    assert_eq!(reason(house.exchange(&key, &tokens[3], "").await), "unauthenticated");
    assert_eq!(house.events::<SessionRevoked>().await?.len(), 4);
    Ok(())
}

/// ID-10, PL-4: nobody sees or ends the sessions of somebody else.
#[tokio::test]
async fn other_peoples_sessions_are_not_there() -> anyhow::Result<()> {
    let house = House::build().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let eve = house.register(&front, "eve@example.com").await?;
    let hers = house.claims(&key, &ada.token, "").await?.sid.unwrap_or_default();
    let me = house.exchange(&key, &eve.token, "").await?;
    let mut sessions = house.client(CustomerSessionServiceClient::new);
    for id in [hers, "ses_x".to_owned(), String::new()] {
        let request = pb::RevokeSessionRequest { id };
        assert_eq!(reason(sessions.revoke_session(by(&me, request)).await), "session_not_found");
    }
    let listed = sessions.list_sessions(by(&me, pb::ListSessionsRequest {})).await?.into_inner().sessions;
    assert_eq!(listed.len(), 1);
    assert_eq!(reason(sessions.list_sessions(by(&front, pb::ListSessionsRequest {})).await), "unauthenticated");
    house.claims(&key, &ada.token, "").await?;
    Ok(())
}
