//! Assertions: signed statements of who a caller is (JWT, EdDSA), which every service verifies itself (ID-30).
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{actor::Kind, clock::Clock, denied::Denied, permission::Permissions, secret::Secrets};

/// Who signs and who is meant.
const PARTY: &str = "patron";
/// What ids of the keys begin with that services sign their own calls with; those are derived from the installation's
/// secrets, and each is named after its public half.
const SYSTEM_KEY: &str = "system-";
/// Purpose that the seeds of those keys are derived for.
const SYSTEM_PURPOSE: &str = "system-assertions";
/// How long an assertion is good for.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// What an assertion says. Ids are in their text form; what does not apply is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Who signs.
    pub iss: String,
    /// Who is meant.
    pub aud: String,
    /// Seconds since 1970 when it ends.
    pub exp: i64,
    /// Seconds since 1970 when it was made.
    pub iat: i64,
    /// Id of this assertion.
    pub jti: String,
    /// Kind of actor.
    pub kind: Kind,
    /// Who: a customer, a staff member, an API key, the publishable key's owner, or the name of a service.
    pub sub: String,
    /// Customer base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<String>,
    /// Store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Permissions.
    #[serde(default)]
    pub perms: Permissions,
    /// How the person proved who they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Seconds since 1970 when they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Who really acts, under impersonation (RFC 8693).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// Whether the customer base has a block list (ID-26), so that only there anybody asks for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blk: bool,
}

/// Who really acts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Act {
    /// Kind of the acting person.
    pub kind: Kind,
    /// Who it is.
    pub sub: String,
    /// Their own session.
    pub session: String,
    /// Why they act for somebody.
    pub reason: String,
}

impl Claims {
    /// Claims of `sub` made at `now`, with nothing in them yet.
    #[must_use]
    pub fn new(kind: Kind, sub: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            iss: PARTY.to_owned(),
            aud: PARTY.to_owned(),
            exp: (now + LIFETIME).timestamp(),
            iat: now.timestamp(),
            jti: crate::ids::uuid(now).simple().to_string(),
            kind,
            sub: sub.into(),
            realm: None,
            store: None,
            network: None,
            perms: Permissions::default(),
            amr: Vec::new(),
            auth_time: None,
            sid: None,
            act: None,
            blk: false,
        }
    }
}

/// An assertion could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The key cannot be encoded.
    #[error("a signing key cannot be encoded")]
    Key(#[from] ed25519_dalek::pkcs8::Error),
    /// The claims cannot be encoded.
    #[error("an assertion cannot be encoded")]
    Claims(#[from] jsonwebtoken::errors::Error),
}

/// A key that signs assertions.
#[derive(Clone)]
pub struct Signer {
    id: String,
    key: EncodingKey,
    public: [u8; 32],
}

impl Signer {
    /// The key of 32 secret bytes, known by `id`.
    pub fn new(id: impl Into<String>, seed: &[u8; 32]) -> Result<Self, SigningError> {
        let key = SigningKey::from_bytes(seed);
        let der = key.to_pkcs8_der()?;
        Ok(Self {
            id: id.into(),
            key: EncodingKey::from_ed_der(der.as_bytes()),
            public: key.verifying_key().to_bytes(),
        })
    }

    /// The key that services sign their own calls with.
    pub fn system(secrets: &Secrets) -> Result<Self, SigningError> {
        Self::for_services(&secrets.key(SYSTEM_PURPOSE))
    }

    fn for_services(seed: &[u8; 32]) -> Result<Self, SigningError> {
        let mut signer = Self::new(SYSTEM_KEY, seed)?;
        signer.id.push_str(&hex::encode(&crate::secret::sha256(&signer.public)[..8]));
        Ok(signer)
    }

    /// Signs `claims`.
    pub fn sign(&self, claims: &Claims) -> Result<String, SigningError> {
        let header = Header { kid: Some(self.id.clone()), ..Header::new(Algorithm::EdDSA) };
        Ok(jsonwebtoken::encode(&header, claims, &self.key)?)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey { id: self.id.clone(), bytes: self.public }
    }
}

/// A key that assertions are verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Key id.
    pub id: String,
    /// Ed25519 public key.
    pub bytes: [u8; 32],
}

impl PublicKey {
    /// The keys that calls of services may be signed with.
    pub fn system(secrets: &Secrets) -> Result<Vec<Self>, SigningError> {
        secrets.keys(SYSTEM_PURPOSE).map(|seed| Ok(Signer::for_services(&seed)?.public())).collect()
    }

    /// Whether this is a key that only services themselves sign with.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.id.starts_with(SYSTEM_KEY)
    }

    /// The claims of `token` if this key signed it, it is meant for us and `clock` says that it is still good.
    /// A system key speaks for services only, any other key never does.
    pub fn verify(&self, token: &str, clock: &Clock) -> Result<Claims, Denied> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false; // by our own clock below
        validation.set_audience(&[PARTY]);
        validation.set_issuer(&[PARTY]);
        let key = DecodingKey::from_ed_der(&self.bytes);
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| Denied::Unauthenticated)?;
        let claims = claims.claims;
        let speaks = (claims.kind == Kind::System) == self.is_system();
        if speaks && clock.now().timestamp() < claims.exp { Ok(claims) } else { Err(Denied::Unauthenticated) }
    }
}

/// The key id a token names; `None` when it is no token of ours.
#[must_use]
pub fn key_id(token: &str) -> Option<String> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    (header.alg == Algorithm::EdDSA).then_some(header.kid)?
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-03-02T12:00:00Z".parse().expect("a moment")
    }

    fn signer(id: &str) -> Signer {
        Signer::new(id, &crate::secret::sha256(id.as_bytes())).expect("a key")
    }

    /// ID-30: an assertion holds for five minutes to the second, by the injected clock.
    #[test]
    fn assertions_end_after_five_minutes() {
        let (signer, clock) = (signer("a"), Clock::manual(noon()));
        let token = signer.sign(&Claims::new(Kind::Customer, "cus_1", noon())).expect("signed");
        clock.advance(LIFETIME - TimeDelta::seconds(1));
        assert!(signer.public().verify(&token, &clock).is_ok());
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(signer.public().verify(&token, &clock).err(), Some(Denied::Unauthenticated));
    }

    /// ID-30: another key, another audience, another issuer, no signature, an altered claim: nothing passes.
    #[test]
    fn forged_assertions_are_refused() {
        let (own, clock) = (signer("a"), Clock::manual(noon()));
        let claims = Claims::new(Kind::Staff, "stf_1", noon());
        let refused = |token: &str| own.public().verify(token, &clock).is_err();
        assert!(refused(&signer("b").sign(&claims).expect("signed")));
        assert!(refused(&own.sign(&Claims { aud: "other".into(), ..claims.clone() }).expect("signed")));
        assert!(refused(&own.sign(&Claims { iss: "other".into(), ..claims.clone() }).expect("signed")));
        let token = own.sign(&claims).expect("signed");
        let parts: Vec<&str> = token.split('.').collect();
        let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        assert!(refused(&format!("{none}.{}.", parts[1])));
        assert!(key_id(&format!("{none}.{}.", parts[1])).is_none());
        let other = own.sign(&Claims { sub: "stf_2".into(), ..claims }).expect("signed");
        assert!(refused(&format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap_or_default(), parts[2])));
        assert!(refused("") && refused("a.b.c"));
    }

    /// ID-30: only the house's own key speaks for services, and it speaks for nobody else.
    #[test]
    fn the_system_key_speaks_for_services_only() {
        let clock = Clock::manual(noon());
        let system = Signer::system(&Secrets::parse(&"ab".repeat(32)).expect("a root")).expect("a key");
        let service = Claims::new(Kind::System, "orders", noon());
        assert!(system.public().verify(&system.sign(&service).expect("signed"), &clock).is_ok());
        let customer = Claims::new(Kind::Customer, "cus_1", noon());
        assert!(system.public().verify(&system.sign(&customer).expect("signed"), &clock).is_err());
        let identity = signer("a");
        assert!(identity.public().verify(&identity.sign(&service).expect("signed"), &clock).is_err());
    }

    /// PL-7: calls signed with a former secret are understood as long as it is listed.
    #[test]
    fn system_keys_are_rotated() -> Result<(), SigningError> {
        let roots = |roots: &str| Secrets::parse(roots).expect("roots");
        let (old, new) = ("ab".repeat(32), "cd".repeat(32));
        let keys = PublicKey::system(&roots(&format!("{new},{old}")))?;
        let ids: Vec<_> = keys.iter().map(|key| key.id.clone()).collect();
        let [first, second] = [&new, &old].map(|root| Signer::system(&roots(root)));
        assert_eq!(ids, [first?.public().id, second?.public().id]);
        assert!(ids[0] != ids[1] && keys.iter().all(PublicKey::is_system));
        Ok(())
    }
}
