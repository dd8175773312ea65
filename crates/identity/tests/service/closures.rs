//! Closing an account in two steps (ID-13).
use identity::NAME;
use proto::identity::v1::{
    self as pb, CustomerClosed, SessionRevoked, closure_service_client::ClosureServiceClient,
    device_service_client::DeviceServiceClient,
};

use crate::house::{House, PASSWORD, by, reason};

/// ID-13: a code closes the account: nothing signs in to it, its sessions end, its devices go, and the others hear of
/// it. Who comes back registers anew.
#[tokio::test]
async fn an_account_is_closed_with_a_code() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let second = house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let me = house.exchange(&store.key, &ada.token, "").await?;
    let device = pb::RegisterDeviceRequest { token: "push-token-1".to_owned(), platform: "ios".to_owned() };
    house.client(DeviceServiceClient::new).register_device(by(&me, device)).await?;
    let mut closures = house.client(ClosureServiceClient::new);
    closures.begin_closure(by(&me, pb::BeginClosureRequest {})).await?;
    let sent = house.letters.last();
    assert_eq!((&*sent.template, &*sent.to), ("closure_code", "ada@example.com"));
    let code = house.letters.code(); // before a sign-in, which devices are told of
    house.log_in(&front, "ada@example.com", PASSWORD).await?;

    let confirm = |code: &str| pb::ConfirmClosureRequest { code: code.to_owned() };
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(reason(closures.confirm_closure(by(&me, confirm(wrong))).await), "bad_code");
    closures.confirm_closure(by(&me, confirm(&code))).await?;
    for token in [&ada.token, &second.token] {
        assert_eq!(reason(house.exchange(&store.key, token, "").await), "unauthenticated");
    }
    assert_eq!(reason(house.log_in(&front, "ada@example.com", PASSWORD).await), "bad_credentials");
    let closed = house.events::<CustomerClosed>().await?;
    assert_eq!((closed.len(), &closed[0].customer, &closed[0].realm), (1, &ada.customer, &store.realm));
    assert_eq!(house.events::<SessionRevoked>().await?.len(), 3);
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from customer_credentials) + (select count(*) from shoppers)
              + (select count(*) from devices) + (select count(*) from sessions)",
    )
    .fetch_one(house.env.db(NAME)?.pool())
    .await?;
    assert_eq!((left, &*house.letters.last().template), (0, "account_closed"));
    assert_eq!(house.register(&front, "ada@example.com").await?.customer, ada.customer);
    Ok(())
}

/// ID-13: the code of one account closes no other.
#[tokio::test]
async fn a_code_closes_its_own_account() -> anyhow::Result<()> {
    let house = House::build().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    let (ada, eve) =
        (house.register(&front, "ada@example.com").await?, house.register(&front, "eve@example.com").await?);
    let (me, her) = (house.exchange(&key, &ada.token, "").await?, house.exchange(&key, &eve.token, "").await?);
    let mut closures = house.client(ClosureServiceClient::new);
    closures.begin_closure(by(&me, pb::BeginClosureRequest {})).await?;
    let code = house.letters.code();
    let request = || pb::ConfirmClosureRequest { code: code.clone() };
    assert_eq!(reason(closures.confirm_closure(by(&her, request())).await), "bad_code");
    assert_eq!(reason(closures.confirm_closure(by(&front, request())).await), "unauthenticated");
    closures.confirm_closure(by(&me, request())).await?;
    Ok(())
}
