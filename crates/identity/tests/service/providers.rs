//! Signing in with an account elsewhere (ID-4), at a provider that publishes its keys as the real ones do.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use identity::NAME;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::identity::v1::{self as pb, provider_service_client::ProviderServiceClient};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::house::{House, PASSWORD, by, form, reason};

const CLIENT: &str = "shop.apps.example.com";

/// A provider with its keys, and a house that knows it.
struct World {
    server: MockServer,
    keys: Vec<(String, rcgen::KeyPair)>,
    house: House,
    realm: String,
    key: String,
}

fn jwk((id, pair): &(String, rcgen::KeyPair)) -> Value {
    let point = pair.public_key_raw();
    let part = |range: std::ops::Range<usize>| BASE64_URL_SAFE_NO_PAD.encode(&point[range]);
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": part(1..33), "y": part(33..65)})
}

impl World {
    async fn build() -> anyhow::Result<Self> {
        let server = MockServer::start().await;
        let issuer = server.uri();
        let house = House::with(|settings| {
            settings.providers.google_clients = vec![CLIENT.to_owned()];
            settings.providers.google_issuer.clone_from(&issuer);
            settings.providers.facebook_clients = vec!["4711".to_owned()];
            settings.providers.facebook_graph.clone_from(&issuer);
            settings.providers.facebook_secret = Some("app-secret".to_owned());
        })
        .await?;
        let store = house.store("Corner Shop").await?;
        let world = Self { server, keys: Vec::new(), house, realm: store.realm, key: store.key };
        world.with_key("first").await
    }

    /// The same with one more key published.
    async fn with_key(mut self, id: &str) -> anyhow::Result<Self> {
        self.keys.push((id.to_owned(), rcgen::KeyPair::generate()?));
        self.server.reset().await;
        let discovery = json!({"issuer": self.server.uri(), "jwks_uri": format!("{}/keys", self.server.uri())});
        let keys: Vec<Value> = self.keys.iter().map(jwk).collect();
        for (at, body) in [("/.well-known/openid-configuration", discovery), ("/keys", json!({"keys": keys}))] {
            Mock::given(path(at))
                .respond_with(ResponseTemplate::new(200).set_body_json(body))
                .mount(&self.server)
                .await;
        }
        Ok(self)
    }

    /// A token about Ada as the provider gives it out, with `changes`.
    fn token(&self, changes: &Value) -> anyhow::Result<String> {
        let (id, pair) = self.keys.last().ok_or_else(|| anyhow::anyhow!("no key"))?;
        sign(id, pair, &self.claims(changes))
    }

    fn claims(&self, changes: &Value) -> Value {
        let now = self.house.clock.now().timestamp();
        let mut claims = json!({
            "iss": self.server.uri(), "aud": CLIENT, "sub": "ada-1", "iat": now, "exp": now + 600,
            "email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace",
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        claims
    }

    async fn enter(
        &self,
        request: pb::SignInWithProviderRequest,
    ) -> anyhow::Result<Result<pb::SignedInAccount, tonic::Status>> {
        let front = self.house.front(&self.key).await?;
        let request = pb::SignInWithProviderRequest { provider: "google".to_owned(), ..request };
        let answer = self.house.client(ProviderServiceClient::new).sign_in_with_provider(by(&front, request)).await;
        Ok(answer.map(tonic::Response::into_inner))
    }

    async fn with(&self, changes: &Value) -> anyhow::Result<Result<pb::SignedInAccount, tonic::Status>> {
        let id_token = self.token(changes)?;
        self.enter(pb::SignInWithProviderRequest { id_token, ..Default::default() }).await
    }
}

fn sign(id: &str, pair: &rcgen::KeyPair, claims: &Value) -> anyhow::Result<String> {
    let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::ES256) };
    Ok(jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&pair.serialize_der()))?)
}

/// ID-4: the first sign-in makes the account, of the address and name in the token; later ones find it by its subject,
/// whatever address the provider tells by then.
#[tokio::test]
async fn a_provider_signs_in() -> anyhow::Result<()> {
    let world = World::build().await?;
    let first = world.with(&json!({})).await??;
    assert!(first.created);
    let again = world.with(&json!({"email": "other@example.com"})).await??;
    assert_eq!((&again.customer, again.created), (&first.customer, false));
    assert_eq!(world.house.claims(&world.key, &again.token, "").await?.amr, ["google"]);
    let other = world.with(&json!({"sub": "eve-1", "email": "eve@example.com"})).await??;
    assert_ne!(other.customer, first.customer);
    assert_eq!(world.house.people.records().len(), 2);
    Ok(())
}

/// ID-4: a foreign audience, issuer or key, no signature, another algorithm, an expired token, one from the future:
/// nothing comes in.
#[tokio::test]
async fn forged_tokens_are_refused() -> anyhow::Result<()> {
    let world = World::build().await?;
    let now = world.house.clock.now().timestamp();
    for changes in [
        json!({"aud": "another.apps.example.com"}),
        json!({"aud": ["another.apps.example.com"]}),
        json!({"iss": "https://accounts.example.com"}),
        json!({"exp": now}),
        json!({"iat": now + 120}),
        json!({"sub": ""}),
    ] {
        assert_eq!(reason(world.with(&changes).await?), "bad_token", "{changes}");
    }
    let stranger = rcgen::KeyPair::generate()?;
    let forged = sign("first", &stranger, &world.claims(&json!({})))?;
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("{}.{}.", part(&json!({"alg": "none", "kid": "first"})), part(&world.claims(&json!({}))));
    let shared = jsonwebtoken::encode(
        &Header { kid: Some("first".to_owned()), ..Header::new(Algorithm::HS256) },
        &world.claims(&json!({})),
        &EncodingKey::from_secret(world.keys[0].1.public_key_raw()),
    )?;
    for id_token in [forged, none, shared, "x.y.z".to_owned(), "a".repeat(20_000)] {
        let request = pb::SignInWithProviderRequest { id_token, ..Default::default() };
        assert_eq!(reason(world.enter(request).await?), "bad_token");
    }
    let id_token = world.token(&json!({}))?;
    let client_id = "another.apps.example.com".to_owned();
    let request = pb::SignInWithProviderRequest { id_token, client_id, ..Default::default() };
    assert_eq!(reason(world.enter(request).await?), "bad_token");
    world.with(&json!({"exp": now + 1})).await??;
    assert_eq!(world.house.people.records().len(), 1);
    Ok(())
}

/// ID-4: keys are kept; one that is not among them is asked for, at most twice a minute.
#[tokio::test]
async fn keys_are_fetched_when_they_change() -> anyhow::Result<()> {
    let world = World::build().await?;
    world.with(&json!({})).await??;
    world.with(&json!({})).await??;
    let asked = async |world: &World| world.server.received_requests().await.unwrap_or_default().len();
    assert_eq!(asked(&world).await, 2, "once for the discovery and once for the keys");
    let world = world.with_key("second").await?;
    for _ in 0..3 {
        assert_eq!(reason(world.with(&json!({})).await?), "bad_token");
    }
    assert_eq!(asked(&world).await, 0, "nobody makes us ask for every token they make up");
    world.house.clock.advance(TimeDelta::seconds(30));
    world.with(&json!({})).await??;
    assert_eq!(asked(&world).await, 2);
    Ok(())
}

/// ID-4: a provider that is away is asked twice a minute at most, by whomever; its keys stay good for a day meanwhile.
#[tokio::test]
async fn an_outage_is_nobodys_fault() -> anyhow::Result<()> {
    let world = World::build().await?;
    world.with(&json!({})).await??;
    world.server.reset().await;
    let asked = async || world.server.received_requests().await.unwrap_or_default().len();
    world.house.clock.advance(TimeDelta::hours(12));
    for _ in 0..3 {
        world.with(&json!({})).await??;
    }
    assert_eq!(asked().await, 1, "it is let alone for a while");
    world.house.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
    world.with(&json!({})).await??;
    world.house.clock.advance(TimeDelta::seconds(1));
    for _ in 0..3 {
        assert_eq!(reason(world.with(&json!({})).await?), "unavailable");
    }
    assert_eq!(asked().await, 2);
    world.house.clock.advance(TimeDelta::seconds(29));
    assert_eq!(reason(world.with(&json!({})).await?), "unavailable");
    assert_eq!(asked().await, 3);
    Ok(())
}

/// ID-4: a nonce must be in the token, plain or hashed, and is good once.
#[tokio::test]
async fn a_nonce_is_good_once() -> anyhow::Result<()> {
    let world = World::build().await?;
    let enter = async |told: &str, nonce: &str| {
        let (id_token, nonce) = (world.token(&json!({"nonce": told}))?, nonce.to_owned());
        let answer = world.enter(pb::SignInWithProviderRequest { id_token, nonce, ..Default::default() }).await?;
        Ok::<_, anyhow::Error>(reason(answer))
    };
    assert_eq!(enter("one", "other").await?, "bad_token");
    assert_eq!(enter("", "one").await?, "bad_token");
    assert_eq!(enter("one", "one").await?, "it was allowed");
    assert_eq!(enter("one", "one").await?, "bad_token");
    assert_eq!(enter("one", "").await?, "bad_token", "also when the caller leaves it out");
    let hashed = kit::secret::sha256(b"two").iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert_eq!(enter(&hashed, "two").await?, "it was allowed");
    Ok(())
}

/// ID-4: a first sign-in that broke off half-way is finished by the next one.
#[tokio::test]
async fn a_broken_first_sign_in_shuts_nobody_out() -> anyhow::Result<()> {
    let world = World::build().await?;
    world.house.people.set_away(true);
    assert!(world.with(&json!({"email_verified": false})).await?.is_err());
    world.house.people.set_away(false);
    let made = world.with(&json!({"email_verified": false})).await??;
    let again = world.with(&json!({"email_verified": false})).await??;
    assert_eq!((made.created, again.created, &made.customer), (true, false, &again.customer));
    Ok(())
}

/// ID-4: an address that both sides have proven links; one that was never proven here does not (pre-hijacking), nor does
/// one that the provider has not verified. A guest's record is upgraded.
#[tokio::test]
async fn only_addresses_proven_on_both_sides_link() -> anyhow::Result<()> {
    let world = World::build().await?;
    let front = world.house.front(&world.key).await?;
    let ada = world.house.register(&front, "ada@example.com").await?;
    let unverified = world.with(&json!({"email_verified": false})).await??;
    assert_ne!(unverified.customer, ada.customer, "whoever says to be Ada elsewhere is not");
    let linked = world.with(&json!({"sub": "ada-2"})).await??;
    assert_eq!((&linked.customer, linked.created), (&ada.customer, false));
    world.house.log_in(&front, "ada@example.com", PASSWORD).await?;

    // An account here whose address nobody proved.
    let code = world.house.code(&front, "victim@example.com").await?;
    world.house.accounts().register(by(&front, form("victim@example.com", &code))).await?;
    sqlx::query("delete from shoppers").execute(world.house.env.db(NAME)?.pool()).await?;
    let answer = world.with(&json!({"sub": "victim-1", "email": "victim@example.com"})).await?;
    assert_eq!(reason(answer), "already_registered");

    let guest = world.house.people.meet(&world.realm, "guest@example.com");
    let upgraded =
        world.with(&json!({"sub": "guest-1", "email": "guest@example.com", "email_verified": "true"})).await??;
    assert_eq!((upgraded.customer, upgraded.created), (guest, true));
    assert_eq!(reason(world.with(&json!({"sub": "nobody-1", "email": ""})).await?), "email_required");
    Ok(())
}

/// ID-9, ID-13: the inactive stay outside, and a closed account is not entered but made anew.
#[tokio::test]
async fn the_inactive_do_not_come_in_by_provider() -> anyhow::Result<()> {
    let world = World::build().await?;
    let ada = world.with(&json!({})).await??;
    world.house.people.set_slow(chrono::TimeDelta::seconds(2));
    let before = world.house.clock.now().timestamp();
    let eve = world.with(&json!({"sub": "eve-1", "email": "eve@example.com"})).await??;
    let counted = world.house.claims(&world.key, &eve.token, "").await?.auth_time;
    assert_eq!(counted, Some(before), "from before the door was asked");
    world.house.people.inactivate(&ada.customer);
    assert_eq!(reason(world.with(&json!({})).await?), "bad_token");
    assert_eq!(reason(world.with(&json!({"sub": "ada-2"})).await?), "bad_token");
    Ok(())
}

/// ID-4: Facebook's access tokens count when Facebook says that they are for our app, and link nothing, since it does not
/// say whether an address is verified.
#[tokio::test]
async fn facebook_is_asked_about_access_tokens() -> anyhow::Result<()> {
    let world = World::build().await?;
    let front = world.house.front(&world.key).await?;
    let ada = world.house.register(&front, "ada@example.com").await?;
    let answer = async |app: &str, valid: bool, user: &str| {
        world.server.reset().await;
        let debug = json!({"data": {"app_id": app, "is_valid": valid, "user_id": "fb-1"}});
        let me = json!({"id": user, "name": "Ada", "email": "ada@example.com"});
        for (at, body) in [("/debug_token", debug), ("/me", me)] {
            let told = ResponseTemplate::new(200).set_body_json(body);
            Mock::given(path(at)).respond_with(told).mount(&world.server).await;
        }
        let (provider, access_token) = ("facebook".to_owned(), "fb-token".to_owned());
        let request = pb::SignInWithProviderRequest { provider, access_token, ..Default::default() };
        world.house.client(ProviderServiceClient::new).sign_in_with_provider(by(&front, request)).await
    };
    assert_eq!(reason(answer("4712", true, "fb-1").await), "bad_token", "given out to another app");
    assert_eq!(reason(answer("4711", false, "fb-1").await), "bad_token");
    assert_eq!(reason(answer("4711", true, "fb-2").await), "bad_token");
    let first = answer("4711", true, "fb-1").await?.into_inner();
    assert!(first.created && first.customer != ada.customer);
    assert_eq!(answer("4711", true, "fb-1").await?.into_inner().customer, first.customer);
    let apple =
        pb::SignInWithProviderRequest { provider: "apple".to_owned(), id_token: "x".to_owned(), ..Default::default() };
    let refused = world.house.client(ProviderServiceClient::new).sign_in_with_provider(by(&front, apple)).await;
    assert_eq!(reason(refused), "provider_unknown");
    Ok(())
}

/// ID-26: whoever is listed does not come in with a provider's word either.
#[tokio::test]
async fn a_provider_lets_nobody_past_the_list() -> anyhow::Result<()> {
    let world = World::build().await?;
    let store = world.house.actor(&world.key, "", "").await?.store.ok_or_else(|| anyhow::anyhow!("no store"))?;
    let owner = world.house.at_work("olive@example.com", &String::from(store), "owner").await?;
    world.with(&json!({})).await??;
    crate::blocks::block(&world.house, &owner, "email", "ada@example.com").await?;
    assert_eq!(reason(world.with(&json!({})).await?), "blocked");
    Ok(())
}
