//! Devices that push messages go to (ID-12).
use identity::NAME;
use proto::identity::v1::{self as pb, device_service_client::DeviceServiceClient};

use crate::house::{House, PASSWORD, by, faults, reason};

/// ID-12: registering is idempotent; a device moves to its newest owner, who alone unregisters it.
#[tokio::test]
async fn a_device_belongs_to_its_newest_owner() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let (ada, eve) =
        (house.register(&front, "ada@example.com").await?, house.register(&front, "eve@example.com").await?);
    let mut devices = house.client(DeviceServiceClient::new);
    let register = async |token: &str| {
        let me = house.exchange(&store.key, token, "").await?;
        let request = pb::RegisterDeviceRequest { token: "push-token-1".to_owned(), platform: "iOS".to_owned() };
        Ok::<_, anyhow::Error>(
            house.client(DeviceServiceClient::new).register_device(by(&me, request)).await?.into_inner(),
        )
    };
    let of = async |customer: &str| {
        let request = pb::ListDevicesRequest { realm: store.realm.clone(), customer: customer.to_owned() };
        Ok::<_, anyhow::Error>(house.client(DeviceServiceClient::new).list_devices(request).await?.into_inner().devices)
    };
    let device = register(&ada.token).await?;
    assert_eq!(register(&ada.token).await?, device);
    assert_eq!((&*device.platform, &*device.token, of(&ada.customer).await?.len()), ("ios", "", 1));
    assert_eq!(register(&eve.token).await?.id, device.id);
    assert!(of(&ada.customer).await?.is_empty());
    assert_eq!(of(&eve.customer).await?[0].token, "push-token-1");
    let kept: Vec<u8> = sqlx::query_scalar("select token from devices").fetch_one(house.env.db(NAME)?.pool()).await?;
    assert!(!kept.windows(10).any(|part| part == b"push-token"), "it is sealed");

    let unregister = pb::UnregisterDeviceRequest { id: device.id.clone() };
    let me = house.exchange(&store.key, &ada.token, "").await?;
    assert_eq!(reason(devices.unregister_device(by(&me, unregister.clone())).await), "device_not_found");
    let me = house.exchange(&store.key, &eve.token, "").await?;
    devices.unregister_device(by(&me, unregister)).await?;
    assert!(of(&eve.customer).await?.is_empty());
    Ok(())
}

/// ID-12, ID-30: the faults of a form are told; guests register nothing, and only services read tokens.
#[tokio::test]
async fn devices_are_for_customers() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let me = house.exchange(&store.key, &ada.token, "").await?;
    let mut devices = house.client(DeviceServiceClient::new);
    let request = || pb::RegisterDeviceRequest { token: " ".to_owned(), platform: "symbian".to_owned() };
    assert_eq!(faults(devices.register_device(by(&me, request())).await).len(), 2);
    assert_eq!(reason(devices.register_device(by(&front, request())).await), "unauthenticated");
    let list = pb::ListDevicesRequest { realm: store.realm.clone(), customer: ada.customer.clone() };
    assert_eq!(reason(devices.list_devices(by(&me, list)).await), "wrong_caller");
    let (realm, token) = (store.realm, "push-token-1".to_owned());
    let known = pb::RegisterDeviceRequest { token: token.clone(), platform: "web".to_owned() };
    devices.register_device(by(&me, known)).await?;
    let forget = pb::ForgetDeviceRequest { realm, token };
    assert_eq!(reason(devices.forget_device(by(&me, forget.clone())).await), "wrong_caller");
    devices.forget_device(forget).await?;
    let left: i64 = sqlx::query_scalar("select count(*) from devices").fetch_one(house.env.db(NAME)?.pool()).await?;
    assert_eq!(left, 0);
    Ok(())
}

/// ID-12, NO-2: whoever signs in, however they do, each device of the account is told; registering tells nobody.
#[tokio::test]
async fn devices_hear_of_a_sign_in() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    house.register(&front, "eve@example.com").await?;
    let me = house.exchange(&store.key, &ada.token, "").await?;
    let mut ids = Vec::new();
    for (token, platform) in [("push-1", "ios"), ("push-2", "web")] {
        let request = pb::RegisterDeviceRequest { token: token.to_owned(), platform: platform.to_owned() };
        ids.push(house.client(DeviceServiceClient::new).register_device(by(&me, request)).await?.into_inner().id);
    }
    ids.sort();
    let told = async |count: usize| {
        loop {
            let letters = house.letters.all().clone();
            let pushed: Vec<_> = letters.into_iter().filter(|letter| letter.channel == "push").collect();
            if pushed.len() >= count {
                return pushed;
            }
            tokio::task::yield_now().await;
        }
    };
    house.log_in(&front, "eve@example.com", PASSWORD).await?;
    house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let mut first = told(2).await;
    first.sort_by(|one, other| one.to.cmp(&other.to));
    assert_eq!(first.iter().map(|letter| letter.to.clone()).collect::<Vec<_>>(), ids);
    assert!(first.iter().all(|letter| letter.template == "new_sign_in" && letter.customer == ada.customer));
    assert!(first.iter().all(|letter| letter.store == store.id && letter.values.is_empty()));
    let mut codes = house.client(pb::code_sign_in_service_client::CodeSignInServiceClient::new);
    let request = pb::RequestSignInCodeRequest { identity: "ada@example.com".to_owned() };
    codes.request_sign_in_code(by(&front, request)).await?;
    let (identity, code) = ("ada@example.com".to_owned(), house.letters.code());
    codes.verify_sign_in_code(by(&front, pb::VerifySignInCodeRequest { identity, code })).await?;
    assert_eq!(told(4).await.len(), 4);
    Ok(())
}
