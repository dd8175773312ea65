//! What outlives a change of the secret (PL-7).
use identity::{
    NAME,
    lookup::{By, Lookup},
    reseal::{Resealed, reseal},
};
use kit::{secret::Secrets, service::Env, settings::Settings};
use proto::identity::v1::{CreateStaffRequest, RegisterDeviceRequest, device_service_client::DeviceServiceClient};
use testing::rig::SECRET;

use crate::{
    house::{House, by, clerk, form},
    portal,
};

/// PL-7: people are known again after the secret they were stored under is gone, and what is sealed for long was sealed
/// anew; with none of the secrets nothing is touched.
#[tokio::test]
async fn hashes_outlive_the_secret() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let ada = house.register(&house.front(&store.key).await?, "ada@example.com").await?;
    let me = house.exchange(&store.key, &ada.token, "").await?;
    let device = RegisterDeviceRequest { token: "push-token-1".to_owned(), platform: "ios".to_owned() };
    house.client(DeviceServiceClient::new).register_device(by(&me, device)).await?;
    let grace = clerk("grace@example.com", &store.id, "owner");
    house.staff().create_staff(CreateStaffRequest { enrol_totp: true, ..grace }).await?;
    portal::enter(&house, "ada@example.com").await?;
    let (db, next) = (house.env.db(NAME)?, "ab".repeat(32));
    let before = Lookup::new(&db, &house.env.secrets).hash(By::Phone, "+4930901820").await?;
    let other = Lookup::new(&db, &house.env.secrets).hash(By::Shopper, "+4930901820").await?;
    assert_ne!(before, other);
    let mut connection = db.pool().acquire().await?;
    let lost = reseal(&mut connection, &Secrets::parse(&next)?).await?;
    assert!(lost.iter().all(|kind| kind.lost > 0 && kind.anew == 0), "{lost:?}");
    let both = Secrets::parse(&format!("{next},{SECRET}"))?;
    let anew = reseal(&mut connection, &both).await?;
    assert!(anew.iter().all(|kind| kind.anew > 0 && kind.lost == 0), "{anew:?}");
    let again = reseal(&mut connection, &both).await?;
    let expected = anew.iter().map(|kind| Resealed { anew: 0, already: kind.anew, ..*kind });
    assert_eq!(again, expected.collect::<Vec<_>>());
    assert_eq!(Lookup::new(&db, &Secrets::parse(&next)?).hash(By::Phone, "+4930901820").await?, before);
    Ok(())
}

/// PL-7, ID-6: a code asked for under one secret is good under the next, and a newer one still takes its place.
#[tokio::test]
async fn codes_outlive_the_order_of_secrets() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    let former = house.code(&front, "ada@example.com").await?;
    let kept = house.code(&front, "eve@example.com").await?;
    let settings = Settings { secret: format!("{},{SECRET}", "ab".repeat(32)), ..(*house.env.settings).clone() };
    let env =
        Env::new(settings, house.clock.clone(), &["identity", "customers", "carts", "notifications", "test"]).await?;
    let next = House::on(env, house.clock.clone())?;
    next.accounts().register(by(&front, form("eve@example.com", &kept))).await?;
    let newer = next.code(&front, "ada@example.com").await?;
    let codes = sqlx::query_scalar("select count(*) from codes where used_at is null");
    let codes: i64 = codes.fetch_one(house.env.db(NAME)?.pool()).await?;
    assert_eq!(codes, 1, "the newer code has taken the place of {former}");
    next.accounts().register(by(&front, form("ada@example.com", &newer))).await?;
    Ok(())
}
