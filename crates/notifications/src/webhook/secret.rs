//! What a webhook signs with, as Standard Webhooks have it: `whsec_…` is shown, HMAC-SHA256 of `id.timestamp.body` is sent.
use base64::{Engine, prelude::BASE64_STANDARD};
use kit::{
    ids::WebhookId,
    secret::{SecretError, Secrets, keyed_hash, random},
};

/// What secrets are sealed for.
pub const PURPOSE: &str = "webhook";

/// A signing key.
pub struct Secret([u8; 32]);

impl Secret {
    /// A new one.
    #[must_use]
    pub fn fresh() -> Self {
        Self(random())
    }

    /// As it is shown, once.
    #[must_use]
    pub fn text(&self) -> String {
        format!("whsec_{}", BASE64_STANDARD.encode(self.0))
    }

    /// As it is kept.
    #[must_use]
    pub fn seal(&self, secrets: &Secrets, id: WebhookId) -> Vec<u8> {
        secrets.seal(PURPOSE, id.uuid().as_bytes(), &self.0)
    }

    /// What was kept.
    pub fn open(secrets: &Secrets, id: WebhookId, sealed: &[u8]) -> Result<Self, SecretError> {
        let key = secrets.open(PURPOSE, id.uuid().as_bytes(), sealed)?;
        key.try_into().map(Self).map_err(|_| SecretError::Unsealable)
    }

    /// The signature of `body`, sent as `id` at the second `at`.
    #[must_use]
    pub fn sign(&self, id: &str, at: i64, body: &str) -> String {
        let hash = keyed_hash(&self.0, format!("{id}.{at}.{body}").as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NO-5: signatures are those of Standard Webhooks: the example of its reference libraries.
    #[test]
    fn signatures_are_the_standards() {
        let key = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let body = r#"{"test": 2432232314}"#;
        // The example's key is shorter than ours; HMAC fills a short key up with zeros.
        let mut filled = [0; 32];
        filled[..key.len()].copy_from_slice(&key);
        let signature = Secret(filled).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    /// NO-5: a secret is 32 random bytes in base64 behind `whsec_`; kept sealed, it opens for its own webhook alone.
    #[test]
    fn secrets_are_sealed() {
        let secrets = Secrets::parse(&"ab".repeat(32)).expect("a root");
        let [one, two] = [1, 2].map(|n| WebhookId::from_uuid(uuid::Uuid::from_u128(n)));
        let secret = Secret::fresh();
        assert!(secret.text().starts_with("whsec_") && secret.text().len() == 50);
        let sealed = secret.seal(&secrets, one);
        assert_eq!(Secret::open(&secrets, one, &sealed).map(|s| s.text()), Ok(secret.text()));
        assert!(Secret::open(&secrets, two, &sealed).is_err());
    }
}
