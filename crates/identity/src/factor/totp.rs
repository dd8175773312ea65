//! TOTP as authenticator apps do it: SHA-1, six digits, 30 seconds, one step of leeway either way.
use chrono::{DateTime, Utc};
use kit::{
    Error,
    ids::StaffId,
    secret::{self, Secrets},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, Builder, Secret};

/// Purpose that secrets are sealed for.
pub(crate) const PURPOSE: &str = "staff-totp";

/// A TOTP secret.
#[derive(Clone)]
pub struct Totp([u8; 20]);

impl Totp {
    /// A random one.
    #[must_use]
    pub fn fresh() -> Self {
        Self(secret::random())
    }

    /// As it is stored for `staff`.
    #[must_use]
    pub fn seal(&self, staff: StaffId, secrets: &Secrets) -> Vec<u8> {
        secrets.seal(PURPOSE, staff.uuid().as_bytes(), &self.0)
    }

    /// What was stored for `staff`.
    pub fn open(sealed: &[u8], staff: StaffId, secrets: &Secrets) -> Result<Self, Error> {
        let secret = secrets.open(PURPOSE, staff.uuid().as_bytes(), sealed).ok();
        let secret = secret.and_then(|secret| secret.try_into().ok());
        secret.map(Self).ok_or_else(|| Error::Internal("a second factor cannot be opened".to_owned()))
    }

    /// As authenticator apps take it.
    #[must_use]
    pub fn base32(&self) -> String {
        Secret::new_stack(self.0).to_base32()
    }

    /// As authenticator apps read it from a picture or a link, under the name of whoever signs in with `email`.
    #[must_use]
    pub fn uri(&self, email: &str) -> String {
        let label = utf8_percent_encode(email, NON_ALPHANUMERIC);
        format!("otpauth://totp/Patron:{label}?secret={}&issuer=Patron", self.base32())
    }

    /// The step that `code` belongs to; `None` when it is not right at `now`.
    #[must_use]
    pub fn step(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(Secret::new_stack(self.0))
            .build()
            .ok()?;
        let step = totp.check(code.trim(), u64::try_from(now.timestamp()).ok()?)?;
        i64::try_from(step).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("it is in range")
    }

    /// ID-20: the vectors of RFC 6238, and one step of leeway to both sides, not two.
    #[test]
    fn codes_are_those_of_the_standard() {
        let totp = Totp(*b"12345678901234567890");
        assert_eq!(totp.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(totp.step("287082", at(59)), Some(1));
        assert_eq!(totp.step("081804", at(1_111_111_109)), Some(37_037_036));
        assert_eq!(totp.step("287082", at(0)), Some(1));
        assert_eq!(totp.step("287082", at(89)), Some(1));
        assert_eq!(totp.step("287082", at(90)), None);
        assert_eq!(totp.step("287083", at(59)), None);
        assert_eq!(totp.step("", at(59)), None);
        let uri = "otpauth://totp/Patron:ada%2Bx%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Patron";
        assert_eq!(totp.uri("ada+x@example.com"), uri);
    }
}
