//! Sets a gateway up, or switches it on or off.
use chrono::{DateTime, Utc};
use kit::{Error as Kit, Tx, failure::Violation, ids::StoreId, secret::Secrets};
use proto::orders::v1::SetGatewayRequest;

use super::{
    GatewaySetting,
    store::{self, KEY, WEBHOOK},
};
use crate::{error::Error, payment::Gateway};

/// Longest key, in characters.
const LONGEST: usize = 255;
/// How much of a key is shown.
const SHOWN: usize = 4;

/// How a gateway is to be.
#[derive(PartialEq, Eq)]
pub struct SetGateway {
    /// Which.
    pub gateway: Gateway,
    enabled: bool,
    secret_key: Option<String>,
    webhook_secret: Option<String>,
    publishable_key: Option<String>,
    /// Whether what is underway in an account that lets nobody in any more is given up.
    pub force: bool,
}

impl SetGateway {
    /// Reads a request, naming every fault.
    pub fn parse(request: SetGatewayRequest) -> Result<Self, Error> {
        let gateway = Gateway::parse(&request.gateway).ok_or(Error::GatewayNotFound)?;
        let mut faults = Vec::new();
        let mut key = |pointer: &'static str, given: Option<String>, prefixes: &[&str]| {
            let given = given?;
            let is_key = given.len() <= LONGEST && given.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if gateway != Gateway::Stripe {
                faults.push(Violation::new(pointer, "unknown", "only stripe has keys"));
            } else if !is_key
                || !prefixes.iter().any(|prefix| given.len() > prefix.len() + SHOWN && given.starts_with(prefix))
            {
                let detail = format!("such a key begins with {}", prefixes.join(" or "));
                faults.push(Violation::new(pointer, "malformed", detail));
            }
            Some(given)
        };
        let secret_key = key("/secret_key", request.secret_key, &["sk_", "rk_"]);
        let webhook_secret = key("/webhook_secret", request.webhook_secret, &["whsec_"]);
        let publishable_key = key("/publishable_key", request.publishable_key, &["pk_"]);
        if !faults.is_empty() {
            return Err(Kit::Invalid(faults).into());
        }
        let (enabled, force) = (request.enabled, request.force);
        Ok(Self { gateway, enabled, secret_key, webhook_secret, publishable_key, force })
    }

    /// The key that is to be used, if that is to change.
    #[must_use]
    pub fn secret_key(&self) -> Option<&str> {
        self.secret_key.as_deref()
    }
}

/// Makes `setting`, which is held, as `wanted`. Keys that are not named stay.
pub async fn set_gateway(
    tx: &mut Tx,
    (mut setting, wanted): (GatewaySetting, SetGateway),
    secrets: &Secrets,
    (by, now): (&str, DateTime<Utc>),
) -> Result<GatewaySetting, Error> {
    let place = setting.store;
    let sealed = |purpose, plain: &str| store::seal(secrets, (purpose, place), plain);
    if let Some(secret) = &wanted.secret_key {
        setting.secret_key = Some(sealed(KEY, secret));
        setting.key_ending = ending(secret);
        setting.live = secret.contains("_live_");
    }
    if let Some(secret) = &wanted.webhook_secret {
        setting.webhook_secret = Some(sealed(WEBHOOK, secret));
    }
    if let Some(key) = wanted.publishable_key {
        setting.publishable_key = key;
    }
    if wanted.enabled && wanted.gateway == Gateway::Stripe {
        needed(&setting)?;
    }
    setting.enabled = wanted.enabled;
    setting.version += 1;
    by.clone_into(&mut setting.updated_by);
    setting.updated_at = now;
    store::save(tx, &setting).await?;
    Ok(setting)
}

/// What Stripe cannot work without.
fn needed(setting: &GatewaySetting) -> Result<(), Error> {
    let missing = |pointer: &'static str| Violation::new(pointer, "required", "stripe needs this to be switched on");
    let mut faults = Vec::new();
    if setting.secret_key.is_none() {
        faults.push(missing("/secret_key"));
    }
    if setting.webhook_secret.is_none() {
        faults.push(missing("/webhook_secret"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Kit::Invalid(faults).into()) }
}

fn ending(key: &str) -> String {
    key.chars().skip(key.chars().count().saturating_sub(SHOWN)).collect()
}

/// Whether a checkout of `store` may be paid by `gateway`: its publishable key, if so.
pub async fn require_open(db: impl sqlx::PgExecutor<'_>, store: StoreId, gateway: Gateway) -> Result<String, Error> {
    let changed = store::of_store(db, store).await?;
    let open = GatewaySetting::all(store, &changed).into_iter().find(|one| one.gateway == gateway && one.is_open());
    open.map(|one| one.publishable_key).ok_or(Error::GatewayClosed(gateway.slug()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(gateway: &str, secret: &str, webhook: &str, publishable: &str) -> SetGatewayRequest {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        SetGatewayRequest {
            gateway: gateway.to_owned(),
            enabled: true,
            secret_key: some(secret),
            webhook_secret: some(webhook),
            publishable_key: some(publishable),
            force: false,
        }
    }

    /// OR-3: only keys of the right kind are kept, so that nobody shows a secret one to shoppers.
    #[test]
    fn keys_are_of_their_kind() {
        let good = |gateway: &str, secret: &str, webhook: &str, publishable: &str| {
            SetGateway::parse(wanted(gateway, secret, webhook, publishable)).is_ok()
        };
        assert!(good("stripe", "sk_test_12345", "whsec_12345", "pk_test_12345"));
        assert!(good("stripe", "rk_live_12345", "", "") && good("test", "", "", ""));
        assert!(!good("stripe", "pk_test_12345", "", "") && !good("stripe", "", "", "sk_test_12345"));
        assert!(!good("stripe", "sk_", "", "") && !good("stripe", "sk_test 12345", "", ""));
        assert!(!good("test", "sk_test_12345", "", "") && !good("paypal", "", "", ""));
    }

    #[test]
    fn an_ending_is_four_letters() {
        assert_eq!((ending("sk_test_12345"), ending("abc")), ("2345".to_owned(), "abc".to_owned()));
    }
}
