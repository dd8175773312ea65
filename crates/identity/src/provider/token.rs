//! An id token, verified: signature by the provider's published key, issuer, audience, time, nonce.
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::AlgorithmParameters};
use kit::{email::Email, secret};
use serde::{Deserialize, Deserializer};

use super::provider::Setup;
use crate::Error;

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// Somebody as a provider vouches for them.
#[derive(Clone, Debug)]
pub struct Vouched {
    /// Who vouches.
    pub issuer: String,
    /// Whom the provider means.
    pub subject: String,
    /// Their e-mail address.
    pub email: Option<Email>,
    /// Whether the provider says that the address is theirs.
    pub email_verified: bool,
    /// Full name; may be empty.
    pub name: String,
    /// What makes the token good once, and until when it is good.
    pub nonce: Option<(String, DateTime<Utc>)>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    iat: i64,
    #[serde(default)]
    email: String,
    #[serde(default, deserialize_with = "truth")]
    email_verified: bool,
    #[serde(default)]
    name: String,
    #[serde(default)]
    nonce: String,
}

/// Apple writes `"true"`.
fn truth<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Bool(bool),
        Text(String),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Truth::deserialize(value)? {
        Truth::Bool(truth) => truth,
        Truth::Text(text) => text == "true",
        Truth::Other(_) => false,
    })
}

/// Who `token` vouches for. `client` and `nonce` are what the caller expects in it; empty for anything of ours.
pub async fn verify(
    setup: &Setup,
    token: &str,
    (client, nonce): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Vouched, Error> {
    if token.len() > LONGEST {
        return Err(Error::BadToken);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Error::BadToken)?;
    let key = setup.keys.find(header.kid.as_deref()).await?;
    // The key says what it signs with, not the token.
    let algorithm = match &key.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(_) => Algorithm::ES256,
        _ => return Err(Error::BadToken),
    };
    let mut validation = Validation::new(algorithm);
    (validation.validate_exp, validation.validate_aud) = (false, true); // time by our own clock below
    validation.set_issuer(&[&setup.issuer]);
    let clients: Vec<&String> = setup.clients.iter().filter(|known| client.is_empty() || *known == client).collect();
    validation.set_audience(&clients);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    let key = DecodingKey::from_jwk(&key).map_err(|_| Error::BadToken)?;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| Error::BadToken)?.claims;
    let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(Error::BadToken)?;
    let current = now < expires_at && claims.iat <= now.timestamp() + 60;
    if clients.is_empty() || !current || !is_nonce(nonce, &claims.nonce) || claims.sub.is_empty() {
        return Err(Error::BadToken);
    }
    Ok(Vouched {
        issuer: setup.issuer.clone(),
        subject: claims.sub,
        email: Email::parse(&claims.email).ok(),
        email_verified: claims.email_verified,
        name: claims.name,
        nonce: Some((claims.nonce, expires_at)).filter(|(nonce, _)| !nonce.is_empty()),
    })
}

/// Whether the token has the nonce the caller gave, as it is or hashed, which is how Apple's and Facebook's clients ask.
fn is_nonce(given: &str, told: &str) -> bool {
    let hashed =
        || secret::sha256(given.as_bytes()).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    given.is_empty() || secret::equal(given.as_bytes(), told.as_bytes()) || hashed() == told.to_ascii_lowercase()
}
