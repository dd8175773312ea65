//! Push messages to devices, by Firebase and by Apple's own service (NO-2, ID-12).
use std::{collections::HashMap, fs};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use kit::{
    ids::{CustomerId, MessageId},
    settings::Settings,
};
use proto::{notifications::v1::SendMessageRequest, orders::v1::Order};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    mailroom::Mailroom,
    provider::{Asked, Provider},
    texts::Log,
};

const PHONE: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

/// A provider of both kinds, and a mailroom that has its keys.
struct World {
    provider: Provider,
    room: Mailroom,
    ada: CustomerId,
    apple: rcgen::KeyPair,
    _keys: TempDir,
}

impl World {
    async fn open() -> anyhow::Result<Self> {
        let (provider, keys, apple) = (Provider::open().await?, tempfile::tempdir()?, rcgen::KeyPair::generate()?);
        let url = provider.url.clone();
        let account = json!({
            "type": "service_account", "project_id": "corner-shop", "private_key_id": "key-1",
            "private_key": include_str!("keys/firebase.pem"), "client_email": "push@corner-shop.example",
            "token_uri": format!("{url}/token"),
        });
        fs::write(keys.path().join("account.json"), account.to_string())?;
        fs::write(keys.path().join("key.p8"), apple.serialize_pem())?;
        let folder = keys.path().to_owned();
        let room = Mailroom::with(|settings: &mut Settings| {
            let messengers = &mut settings.messengers;
            messengers.fcm_account = Some(folder.join("account.json"));
            messengers.fcm_url.clone_from(&url);
            messengers.apns_key = Some(folder.join("key.p8"));
            messengers.apns_key_id = Some("ABC123DEFG".to_owned());
            messengers.apns_team = Some("DEF123GHIJ".to_owned());
            messengers.apns_topic = Some("com.example.shop".to_owned());
            messengers.apns_url = url;
        })
        .await?;
        let ada = CustomerId::new(room.rig.clock.now());
        Ok(Self { provider, room, ada, apple, _keys: keys })
    }

    /// Has Ada told of a sign-in at a device; answers the message's id.
    async fn tell(&self, device: &str) -> anyhow::Result<String> {
        let message = self.room.send(sign_in(&self.room, self.ada, device)).await?;
        self.room.delivery.send_due().await?;
        Ok(message.id)
    }

    async fn status(&self, message: &str) -> anyhow::Result<String> {
        Ok(self.room.read(message).await?.status)
    }

    fn last(&self) -> anyhow::Result<Asked> {
        self.provider.messages().pop().ok_or_else(|| anyhow::anyhow!("nothing was asked"))
    }

    /// What the last token shown to Apple says, if Apple's key signed it.
    fn shown(&self) -> anyhow::Result<(Value, Option<String>)> {
        let asked = self.last()?;
        let token = asked.header("authorization").trim_start_matches("Bearer ").to_owned();
        let point = self.apple.public_key_raw();
        let part = |range: std::ops::Range<usize>| BASE64_URL_SAFE_NO_PAD.encode(&point[range]);
        let key = DecodingKey::from_ec_components(&part(1..33), &part(33..65))?;
        let read = jsonwebtoken::decode::<Value>(&token, &key, &lenient(Algorithm::ES256))?;
        Ok((read.claims, read.header.kid))
    }
}

fn lenient(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    validation.required_spec_claims.clear();
    validation
}

/// Word of a sign-in to one device.
fn sign_in(room: &Mailroom, customer: CustomerId, device: &str) -> SendMessageRequest {
    SendMessageRequest {
        id: MessageId::new(room.rig.clock.now()).into(),
        customer: customer.into(),
        template: "new_sign_in".to_owned(),
        secrets: HashMap::new(),
        ..room.code("push", device)
    }
}

/// NO-2: Firebase is shown a token that it gave out for a claim signed by the account's key, kept until shortly before
/// its end and got anew when it is refused.
#[tokio::test]
async fn firebase_gets_what_android_and_browsers_are_told() -> anyhow::Result<()> {
    let world = World::open().await?;
    let device = world.room.rig.devices.add(world.ada, "android", "fcm-token-1");
    let id = world.tell(&device).await?;
    assert_eq!(world.status(&id).await?, "sent");
    let asked = world.last()?;
    assert_eq!(
        (&*asked.path, asked.header("authorization")),
        ("/v1/projects/corner-shop/messages:send", "Bearer pass-1")
    );
    let message = &asked.json()["message"];
    assert_eq!((&message["token"], &message["notification"]["title"]), (&json!("fcm-token-1"), &json!("Corner Shop")));
    assert_eq!((&message["android"]["ttl"], &message["android"]["notification"]["tag"]), (&json!("3600s"), &json!(id)));

    let grants = world.provider.grants();
    let claim =
        grants[0].body.strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
    let claim = claim.ok_or_else(|| anyhow::anyhow!("no claim: {}", grants[0].body))?;
    let key = DecodingKey::from_rsa_pem(include_bytes!("keys/firebase.pub.pem"))?;
    let claim = jsonwebtoken::decode::<Value>(claim, &key, &lenient(Algorithm::RS256))?;
    let now = world.room.rig.clock.now().timestamp();
    assert_eq!(claim.header.kid.as_deref(), Some("key-1"));
    assert_eq!(
        claim.claims,
        json!({"iss": "push@corner-shop.example", "aud": format!("{}/token", world.provider.url), "iat": now,
               "exp": now + 3600, "scope": "https://www.googleapis.com/auth/firebase.messaging"})
    );

    world.room.rig.clock.advance(TimeDelta::minutes(55) - TimeDelta::seconds(1));
    world.tell(&device).await?;
    assert_eq!(world.provider.grants().len(), 1);
    world.room.rig.clock.advance(TimeDelta::seconds(1));
    world.tell(&device).await?;
    assert_eq!((world.provider.grants().len(), world.last()?.header("authorization")), (2, "Bearer pass-2"));
    world.provider.refuse(401, None, json!({"error": {"status": "UNAUTHENTICATED"}}));
    let id = world.tell(&device).await?;
    assert_eq!(world.status(&id).await?, "queued");
    world.room.rig.clock.advance(TimeDelta::seconds(2));
    world.room.delivery.send_due().await?;
    assert_eq!((world.status(&id).await?, world.provider.grants().len()), ("sent".to_owned(), 3));
    Ok(())
}

/// NO-2: Apple is asked over HTTP/2, for the app's topic, with a token of the team that is shown for forty minutes.
#[tokio::test]
async fn apple_gets_what_ios_is_told() -> anyhow::Result<()> {
    let world = World::open().await?;
    let device = world.room.rig.devices.add(world.ada, "ios", PHONE);
    let id = world.tell(&device).await?;
    assert_eq!(world.status(&id).await?, "sent");
    let asked = world.last()?;
    assert_eq!((asked.version, asked.path.clone()), (axum::http::Version::HTTP_2, format!("/3/device/{PHONE}")));
    let now = world.room.rig.clock.now();
    let expected = [
        ("apns-topic", "com.example.shop".to_owned()),
        ("apns-push-type", "alert".to_owned()),
        ("apns-priority", "10".to_owned()),
        ("apns-collapse-id", id),
        ("apns-expiration", (now + TimeDelta::hours(1)).timestamp().to_string()),
    ];
    for (name, value) in expected {
        assert_eq!(asked.header(name), value, "{name}");
    }
    assert_eq!(asked.json()["aps"]["alert"]["title"], "Corner Shop");
    let (claims, kid) = world.shown()?;
    assert_eq!((claims, kid.as_deref()), (json!({"iss": "DEF123GHIJ", "iat": now.timestamp()}), Some("ABC123DEFG")));
    for (minutes, age) in [(39, 39), (1, 0), (39, 39)] {
        world.room.rig.clock.advance(TimeDelta::minutes(minutes));
        world.tell(&device).await?;
        let issued = world.room.rig.clock.now() - TimeDelta::minutes(age);
        assert_eq!(world.shown()?.0["iat"], issued.timestamp());
    }
    world.provider.refuse(403, None, json!({"reason": "ExpiredProviderToken"}));
    let id = world.tell(&device).await?;
    assert_eq!(world.status(&id).await?, "queued");
    world.room.rig.clock.advance(TimeDelta::seconds(2));
    world.room.delivery.send_due().await?;
    assert_eq!(
        (world.status(&id).await?, &world.shown()?.0["iat"]),
        ("sent".to_owned(), &json!(world.room.rig.clock.now().timestamp()))
    );
    Ok(())
}

/// ID-12: a device that its push service no longer knows is forgotten; one that is refused for another reason stays.
#[tokio::test]
async fn devices_that_are_gone_are_forgotten() -> anyhow::Result<()> {
    let world = World::open().await?;
    let unregistered = json!({"error": {"code": 404, "status": "NOT_FOUND", "details": [
        {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "UNREGISTERED"}]}});
    let invalid = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT"}});
    let mismatch = json!({"error": {"code": 403, "details": [{"errorCode": "SENDER_ID_MISMATCH"}]}});
    let lost = json!({"error": {"code": 404, "status": "NOT_FOUND"}});
    let busy = json!({"error": {"code": 429, "details": [{"errorCode": "QUOTA_EXCEEDED"}]}});
    let cases = [
        ("android", "fcm-1", 404, unregistered, "failed", false),
        ("web", "fcm-2", 400, invalid, "failed", true),
        ("web", "fcm-3", 403, mismatch, "failed", true),
        ("web", "fcm-4", 404, lost, "queued", true),
        ("web", "fcm-5", 429, busy, "queued", true),
        ("web", "fcm-6", 503, json!("<html>"), "queued", true),
        ("ios", "aa01", 410, json!({"reason": "Unregistered", "timestamp": 1}), "failed", false),
        ("ios", "aa02", 400, json!({"reason": "BadDeviceToken"}), "failed", true),
        ("ios", "aa03", 429, json!({"reason": "TooManyRequests"}), "queued", true),
        ("ios", "aa04", 503, json!({"reason": "Shutdown"}), "queued", true),
    ];
    for (platform, token, status, body, expected, stays) in cases {
        let device = world.room.rig.devices.add(world.ada, platform, token);
        world.provider.refuse(status, None, body);
        let id = world.tell(&device).await?;
        assert_eq!(world.status(&id).await?, expected, "{platform} {token} {status}");
        assert_eq!(world.room.rig.devices.tokens().contains(&token.to_owned()), stays, "{platform} {token} {status}");
        // What waits would be sent with the next one.
        sqlx::query("delete from messages").execute(world.room.db.pool()).await?;
    }
    let before = world.provider.messages().len();
    let device = world.room.rig.devices.add(world.ada, "ios", "../../evil?x=");
    let id = world.tell(&device).await?;
    assert_eq!((world.status(&id).await?, world.provider.messages().len()), ("failed".to_owned(), before));
    Ok(())
}

/// NO-2, NO-3: a placed order is told to each device of its customer once, however often its confirmation is tried.
#[tokio::test]
async fn a_placed_order_is_told_to_devices() -> anyhow::Result<()> {
    let world = World::open().await?;
    let room = &world.room;
    let ids = [room.rig.devices.add(world.ada, "android", "fcm-1"), room.rig.devices.add(world.ada, "ios", PHONE)];
    let _others = room.rig.devices.add(CustomerId::new(room.rig.clock.now()), "android", "of somebody else");
    let order = Order { customer: world.ada.into(), ..room.order() };
    room.place(&order).await?;
    room.orders.open(vec![order]);
    room.delivery.send_due().await?;
    assert_eq!((room.files("mail")?.len(), world.provider.messages().len()), (1, 0));
    sqlx::query(
        "update messages set status = 'queued', next_attempt_at = created_at where template = 'order_confirmation'",
    )
    .execute(room.db.pool())
    .await?;
    room.delivery.send_due().await?;
    let asked = world.provider.messages();
    assert_eq!(asked.len(), 2);
    let text = "Thank you! Your order 1042 over 44.90 EUR has been placed.";
    assert!(asked.iter().all(|asked| asked.body.contains(text)));
    assert_eq!(room.delivery.send_due().await?, 0);
    let logged: Vec<(String, String)> =
        sqlx::query_as("select recipient, status from messages where template = 'order_placed' order by recipient")
            .fetch_all(room.db.pool())
            .await?;
    let mut expected = ids.map(|id| (id, "sent".to_owned()));
    expected.sort();
    assert_eq!(logged, expected, "the log names devices, not what their services know them by");
    Ok(())
}

/// ID-12: nobody is told at a device that is somebody else's by now, or that is nobody's.
#[tokio::test]
async fn a_device_is_its_owners() -> anyhow::Result<()> {
    let world = World::open().await?;
    let other = CustomerId::new(world.room.rig.clock.now());
    let device = world.room.rig.devices.add(other, "android", "fcm-1");
    let id = world.tell(&device).await?;
    assert_eq!((world.status(&id).await?, world.provider.messages().len()), ("failed".to_owned(), 0));
    let request = SendMessageRequest { to: "fcm-1".to_owned(), ..sign_in(&world.room, other, &device) };
    assert!(world.room.send(request).await.is_err(), "a token is no device");
    Ok(())
}

/// NO-2: without any service set up, what devices are told becomes a file.
#[tokio::test]
async fn a_push_message_becomes_a_file() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let ada = CustomerId::new(room.rig.clock.now());
    let device = room.rig.devices.add(ada, "ios", PHONE);
    room.send(sign_in(&room, ada, &device)).await?;
    room.delivery.send_due().await?;
    let [note] = &room.files("push")?[..] else { anyhow::bail!("one file") };
    let note: Value = serde_json::from_str(note)?;
    assert_eq!((&note["to"], &note["title"]), (&json!(PHONE), &json!("Corner Shop")));
    Ok(())
}

/// PL-5: neither what a device is known by nor what it is told is logged, nor what opens the services.
#[tokio::test]
async fn nothing_of_a_push_message_is_logged() -> anyhow::Result<()> {
    let (log, _watched) = Log::watch();
    let world = World::open().await?;
    for (platform, token) in [("ios", PHONE), ("android", "fcm-token-1")] {
        let device = world.room.rig.devices.add(world.ada, platform, token);
        for status in [400, 403, 404, 429, 500] {
            let echo = json!({"reason": format!("{token} is unknown"), "error": {"status": format!("{token}!")}});
            world.provider.refuse(status, Some(1), echo);
            world.tell(&device).await?;
            sqlx::query("delete from messages").execute(world.room.db.pool()).await?;
        }
    }
    let text = log.text();
    let told: Vec<&str> = text.lines().filter(|line| !line.contains("TRACE") && !line.contains("DEBUG")).collect();
    assert!(told.iter().any(|line| line.contains("Apple answered 429")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("Firebase answered 500")), "{told:?}");
    for line in told {
        for secret in [PHONE, "fcm-token-1", "pass-1", "Somebody just signed in", "PRIVATE KEY", "eyJ"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
    Ok(())
}
