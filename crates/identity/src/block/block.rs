//! An entry of a block list.
use chrono::{DateTime, Utc};
use ipnet::IpNet;
use kit::{audit::json, clock::timestamp, email::Email, failure::Violation, ids::BlockId, redact};
use proto::identity::v1 as pb;

use crate::{Error, input};

/// Kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// Network addresses.
    Ip,
    /// An e-mail address.
    Email,
    /// The e-mail addresses of a domain and those below it.
    Domain,
}

impl Kind {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Email => "email",
            Self::Domain => "domain",
        }
    }
}

/// Whom an entry fits.
#[derive(Clone, Debug)]
pub enum Value {
    /// Who comes from this network.
    Ip(IpNet),
    /// Who has this e-mail address.
    Email(Email),
    /// Who has an e-mail address of this domain, or one below it.
    Domain(String),
}

impl Value {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Ip(_) => Kind::Ip,
            Self::Email(_) => Kind::Email,
            Self::Domain(_) => Kind::Domain,
        }
    }

    /// What staff see of it: an e-mail address is masked.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Ip(network) => network.to_string(),
            Self::Email(email) => redact::email(email.canonical()),
            Self::Domain(domain) => domain.clone(),
        }
    }

    fn parse(kind: &str, text: &str) -> Result<Self, Violation> {
        match kind {
            "ip" => input::network("/value", text).map(Self::Ip),
            "email" => input::email("/value", text).map(Self::Email),
            "domain" => domain(text).map(Self::Domain),
            _ => Err(Violation::new("/kind", "unknown", "the kinds are ip, email and domain")),
        }
    }
}

/// A domain as e-mail addresses of it are written canonically.
fn domain(text: &str) -> Result<String, Violation> {
    let bare = text.trim().trim_start_matches('@').trim_end_matches('.');
    let email = Email::parse(&format!("x@{bare}"));
    let email = email.map_err(|_| Violation::new("/value", "malformed", "this is no domain"))?;
    Ok(of_email(&email).to_owned())
}

/// The domain of an e-mail address.
fn of_email(email: &Email) -> &str {
    email.canonical().rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// The domain of `email` and all above it.
#[must_use]
pub fn domains(email: &Email) -> Vec<String> {
    let domain = of_email(email);
    let starts = std::iter::once(0).chain(domain.match_indices('.').map(|(dot, _)| dot + 1));
    starts.map(|start| domain[start..].to_owned()).collect()
}

/// An entry to add.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) value: Value,
    pub(super) reason: String,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

impl Plan {
    /// Reads a request, or tells all its faults.
    pub fn parse(request: &pb::CreateBlockRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let value = faults.take(Value::parse(&request.kind, &request.value));
        let reason = faults.take(input::text("/reason", &request.reason, 500));
        let expires_at = faults.take(input::later("/expires_at", request.expires_at.as_ref(), now));
        match (value, reason, expires_at) {
            (Some(value), Some(reason), Some(expires_at)) => Ok(Self { value, reason, expires_at }),
            _ => Err(faults.into()),
        }
    }
}

/// An entry of a block list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Block {
    /// Its id.
    pub id: BlockId,
    /// Its kind.
    pub kind: Kind,
    /// What staff see of whom it fits.
    pub shown: String,
    /// Why.
    pub reason: String,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Block {
    /// What the audit keeps of it.
    #[must_use]
    pub fn audited(&self) -> serde_json::Value {
        let expires_at = self.expires_at.map(|at| at.to_rfc3339());
        json!({ "kind": self.kind.slug(), "value": self.shown, "expires_at": expires_at })
    }

    /// As the API tells it.
    #[must_use]
    pub fn told(self) -> pb::Block {
        pb::Block {
            id: self.id.into(),
            kind: self.kind.slug().to_owned(),
            value: self.shown,
            reason: self.reason,
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            expires_at: self.expires_at.map(timestamp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-26: a domain stands for all below it, a network for its addresses, and an e-mail address is shown masked.
    #[test]
    fn values_are_read_in_one_form() {
        let email = Email::parse("Ada@Mail.Example.co.uk").expect("an address");
        assert_eq!(domains(&email), ["mail.example.co.uk", "example.co.uk", "co.uk", "uk"]);
        let shown = |kind, text| Value::parse(kind, text).map(|value| value.shown()).ok();
        assert_eq!(shown("domain", "@Example.COM.").as_deref(), Some("example.com"));
        assert_eq!(shown("ip", "192.0.2.77/24").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(shown("ip", "::ffff:192.0.2.77").as_deref(), Some("192.0.2.77/32"));
        let masked = shown("email", "ada.lovelace@example.com").unwrap_or_default();
        assert!(masked.ends_with("@example.com") && !masked.contains("lovelace"), "{masked}");
        for (kind, text) in [("ip", "here"), ("email", "ada"), ("domain", "not a domain"), ("phone", "1")] {
            assert!(Value::parse(kind, text).is_err(), "{kind} {text}");
        }
    }
}
