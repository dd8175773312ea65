//! How a store sets up its gateways, and what tells about payments by itself.
use kit::{permission::Permission, secret::Secrets};
use orders::gateway_setting::reseal::reseal;
use proto::orders::v1::{ListOpenGatewaysRequest, SetGatewayRequest};
use serde_json::json;
use sqlx::Connection;
use testing::{FakeStripe, actors::if_match};

use crate::{
    shop::{Shop, faults, reason, wish},
    till::{Till, keys},
};

/// OR-3: gateways say what they can do; keys are sealed and never told again; what a shopper may see is the publishable one.
#[tokio::test]
async fn keys_are_told_to_nobody() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let listed = till.shop.listed_gateways().await?;
    let told: Vec<_> = listed.iter().map(|one| (&*one.gateway, one.enabled, one.abilities.len())).collect();
    assert_eq!(told, [("manual", true, 0), ("stripe", true, 3), ("test", true, 3)]);
    assert_eq!((&*listed[1].key_ending, listed[1].webhooks, listed[1].version), ("1234", true, 1));
    assert!(listed[1].webhook_url.ends_with(&format!("/hooks/stripe/{}", till.shop.rig.actors.store)));
    assert!(!format!("{listed:?}").contains("abcd"));
    let kept: Vec<u8> = sqlx::query_scalar("select secret_key || webhook_secret from gateway_settings")
        .fetch_one(till.shop.db.pool())
        .await?;
    assert!(!kept.windows(4).any(|part| part == b"abcd" || part == b"fake"));
    let audit: String = sqlx::query_scalar("select string_agg(convert_from(payload, 'LATIN1'), '') from outbox")
        .fetch_one(till.shop.db.pool())
        .await?;
    assert!(audit.contains("gateway.changed") && !audit.contains("sk_test_abcd"));
    let request = till.shop.rig.actors.anonymous(ListOpenGatewaysRequest::default());
    let open = till.shop.gateway_settings().list_open_gateways(request).await?.into_inner().gateways;
    assert_eq!((open.len(), &*open[1].publishable_key), (3, "pk_test_shown"));
    Ok(())
}

/// OR-3, ID-20: who sets up a gateway may change settings, has proved who it is, and names the version it saw.
#[tokio::test]
async fn who_sets_gateways_up() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let actors = &shop.rig.actors;
    let request = actors.staff(&[Permission::OrdersWrite], keys());
    assert_eq!(reason(shop.gateway_settings().set_gateway(request).await), "permission_required");
    let half = SetGatewayRequest { webhook_secret: None, ..keys() };
    assert_eq!(faults(shop.set_gateway(half).await), ["/webhook_secret required"]);
    let wrong = SetGatewayRequest { publishable_key: keys().secret_key, ..keys() };
    assert_eq!(faults(shop.set_gateway(wrong).await), ["/publishable_key malformed"]);
    let nothing = SetGatewayRequest { gateway: "paypal".to_owned(), ..SetGatewayRequest::default() };
    assert_eq!(reason(shop.set_gateway(nothing).await), "gateway_not_found");
    assert_eq!(shop.set_gateway(keys()).await?.version, 1);
    let stale = if_match(shop.proved(keys()), 0);
    assert_eq!(reason(shop.gateway_settings().set_gateway(stale).await), "stale_version");
    let unproved = actors.staff(&[Permission::SettingsWrite], keys());
    assert_eq!(reason(shop.gateway_settings().set_gateway(unproved).await), "step_up_required");
    Ok(())
}

/// OR-3: a store switches gateways off, `test` among them; what is off, or has no key, takes no payment.
#[tokio::test]
async fn what_is_off_takes_nothing() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let begin = |gateway: &'static str| shop.begin_by(shop.rig.actors.anonymous(wish(&shop.cart().id, gateway)));
    assert_eq!(reason(begin("stripe").await), "gateway_closed");
    let off = |gateway: &str| SetGatewayRequest { gateway: gateway.to_owned(), ..SetGatewayRequest::default() };
    shop.set_gateway(off("test")).await?;
    assert_eq!(reason(begin("test").await), "gateway_closed");
    shop.set_gateway(keys()).await?;
    assert!(begin("stripe").await.is_ok() && begin("manual").await.is_ok());
    shop.set_gateway(off("stripe")).await?;
    assert_eq!(reason(begin("stripe").await), "gateway_closed");
    assert_eq!(shop.listed_gateways().await?[1].key_ending, "1234", "the keys stay, for refunds");
    Ok(())
}

/// PL-7: keys of gateways are sealed anew when the secret is changed, so that the former one can go.
#[tokio::test]
async fn keys_outlive_the_secret() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let url = &till.shop.rig.env.settings.database_url;
    let mut connection = sqlx::PgConnection::connect_with(&kit::db::options(url, orders::NAME)?).await?;
    let both = Secrets::parse(&format!("{},{}", "ab".repeat(32), testing::rig::SECRET))?;
    let first = reseal(&mut connection, &both).await?;
    assert_eq!((first.anew, first.already, first.lost), (2, 0, 0));
    let again = reseal(&mut connection, &both.newest()).await?;
    assert_eq!((again.anew, again.already, again.lost), (0, 2, 0));
    let lost = reseal(&mut connection, &Secrets::parse(&"cd".repeat(32))?).await?;
    assert_eq!(lost.lost, 2);
    Ok(())
}

/// OR-3: webhooks are verified before anything of them is believed: signature, secret, body, and time to the second.
#[tokio::test]
async fn only_stripe_tells() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let now = till.shop.rig.clock.now().timestamp();
    let about = json!({"id": "pi_1", "object": "payment_intent"});
    let told = |at: i64| FakeStripe::event("evt_1", "payment_intent.succeeded", &about, at);
    let (good, body) = told(now);
    till.shop.told_by_stripe(&good, body.clone()).await?;
    for seconds in [-300, 300] {
        let (signature, body) = told(now + seconds);
        till.shop.told_by_stripe(&signature, body).await?;
    }
    for (signature, body) in [
        (String::new(), body.clone()),
        (good.replace("v1=", "v0="), body.clone()),
        (good.clone(), "{}".into()),
        told(now - 301),
        told(now + 301),
    ] {
        assert_eq!(reason(till.shop.told_by_stripe(&signature, body).await), "signature_wrong");
    }
    let plain = Shop::open().await?;
    assert_eq!(reason(plain.told_by_stripe(&good, body).await), "store_not_found");
    Ok(())
}
