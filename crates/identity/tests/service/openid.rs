//! Signing in with an account at an OpenID provider that somebody else wrote (ID-4). What no provider can be made to do
//! is in `providers`.
use chrono::TimeDelta;
use identity::NAME;
use kit::clock::Clock;
use proto::identity::v1::{self as pb, provider_service_client::ProviderServiceClient};
use serde_json::json;
use testing::openid::OpenId;

use crate::house::{House, PASSWORD, by, form, reason};

const CLIENT: &str = "shop.apps.example.com";

struct World {
    provider: OpenId,
    house: House,
    key: String,
    realm: String,
}

impl World {
    /// A house that trusts a provider, at the provider's time.
    async fn build() -> anyhow::Result<Self> {
        let provider = OpenId::start().await?;
        let issuer = provider.issuer();
        let house = House::with(|settings| {
            settings.providers.google_clients = vec![CLIENT.to_owned()];
            settings.providers.google_issuer = issuer;
        })
        .await?;
        let present = Clock::system(TimeDelta::zero()).now();
        house.clock.advance(present - house.clock.now());
        let store = house.store("Corner Shop").await?;
        provider.know("ada-1", &json!({"email": "ada@example.com", "email_verified": true, "name": "Ada"})).await?;
        Ok(Self { provider, house, key: store.key, realm: store.realm })
    }

    /// A token of the provider for us.
    async fn token(&self, subject: &str, nonce: &str) -> anyhow::Result<String> {
        self.provider.token(&self.provider.issuer(), (subject, CLIENT), nonce).await
    }

    async fn enter(&self, id_token: &str, nonce: &str) -> Result<pb::SignedInAccount, tonic::Status> {
        let front = self.house.exchange(&self.key, "", "").await?;
        let request = pb::SignInWithProviderRequest {
            provider: "google".to_owned(),
            id_token: id_token.to_owned(),
            nonce: nonce.to_owned(),
            ..Default::default()
        };
        let mut providers = self.house.client(ProviderServiceClient::new);
        Ok(providers.sign_in_with_provider(by(&front, request)).await?.into_inner())
    }
}

/// ID-4: a token for us opens the account of its subject; one for another client, under another name of the provider,
/// altered, expired, or with a nonce that is another's or was used, opens nothing.
#[tokio::test]
async fn a_token_for_us_opens_an_account() -> anyhow::Result<()> {
    let world = World::build().await?;
    let good = world.token("ada-1", "").await?;
    let first = world.enter(&good, "").await?;
    assert!(first.created);
    assert_eq!(world.enter(&world.token("ada-1", "").await?, "").await?.customer, first.customer);
    assert_eq!(world.house.people.records()[0].email, "ada@example.com");

    let foreign = world.provider.token(&world.provider.issuer(), ("ada-1", "other.example.com"), "").await?;
    let renamed = world.provider.token(&world.provider.alias(), ("ada-1", CLIENT), "").await?;
    let (head, signature) = good.rsplit_once('.').ok_or_else(|| anyhow::anyhow!("no signature"))?;
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let altered = format!("{head}.{flipped}{}", &signature[1..]);
    for token in [&foreign, &renamed, &altered, &format!("{head}."), head] {
        assert_eq!(reason(world.enter(token, "").await), "bad_token", "{token}");
    }
    let once = world.token("ada-1", "one").await?;
    assert_eq!(reason(world.enter(&once, "other").await), "bad_token");
    world.enter(&once, "one").await?;
    assert_eq!(reason(world.enter(&once, "one").await), "bad_token");
    assert_eq!(reason(world.enter(&once, "").await), "bad_token");

    world.house.clock.advance(TimeDelta::minutes(59));
    world.enter(&good, "").await?;
    world.house.clock.advance(TimeDelta::minutes(1) + TimeDelta::seconds(1));
    assert_eq!(reason(world.enter(&good, "").await), "bad_token");
    Ok(())
}

/// ID-4: a provider that signs with another key is asked for it, not at once; what the former key signed is over.
#[tokio::test]
async fn another_key_is_another_key() -> anyhow::Result<()> {
    let mut world = World::build().await?;
    let former = world.token("ada-1", "").await?;
    let ada = world.enter(&former, "").await?;
    world.provider.restart().await?;
    world.provider.know("ada-1", &json!({"email": "ada@example.com", "email_verified": true})).await?;
    let new = world.token("ada-1", "").await?;
    assert_eq!(reason(world.enter(&new, "").await), "bad_token", "its key is not asked for within half a minute");
    world.house.clock.advance(TimeDelta::seconds(30));
    assert_eq!(world.enter(&new, "").await?.customer, ada.customer);
    assert_eq!(reason(world.enter(&former, "").await), "bad_token");
    Ok(())
}

/// ID-4: an address that the provider has not verified links nothing, nor does one that was never proven here
/// (pre-hijack).
#[tokio::test]
async fn addresses_link_when_both_sides_proved_them() -> anyhow::Result<()> {
    let world = World::build().await?;
    let front = world.house.front(&world.key).await?;
    let ada = world.house.register(&front, "ada@example.com").await?;
    world.provider.know("eve-1", &json!({"email": "ada@example.com", "email_verified": false})).await?;
    let eve = world.enter(&world.token("eve-1", "").await?, "").await?;
    assert_ne!(eve.customer, ada.customer);
    assert_eq!(world.enter(&world.token("ada-1", "").await?, "").await?.customer, ada.customer);

    let code = world.house.code(&front, "victim@example.com").await?;
    world.house.accounts().register(by(&front, form("victim@example.com", &code))).await?;
    sqlx::query("delete from shoppers").execute(world.house.env.db(NAME)?.pool()).await?;
    world.provider.know("victim-1", &json!({"email": "victim@example.com", "email_verified": true})).await?;
    assert_eq!(reason(world.enter(&world.token("victim-1", "").await?, "").await), "already_registered");
    world.house.log_in(&front, "victim@example.com", PASSWORD).await?;

    let guest = world.house.people.meet(&world.realm, "guest@example.com");
    world.provider.know("guest-1", &json!({"email": "guest@example.com", "email_verified": true})).await?;
    assert_eq!(world.enter(&world.token("guest-1", "").await?, "").await?.customer, guest);
    Ok(())
}
