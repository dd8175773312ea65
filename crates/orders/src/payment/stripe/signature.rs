//! Whether an event is from Stripe: `Stripe-Signature: t=…,v1=…`, HMAC-SHA256 over `t.body`.
use chrono::{DateTime, TimeDelta, Utc};
use kit::secret::equal;
use ring::hmac;

/// How old an event may be, and how far ahead of us Stripe's clock: what it recommends.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// Signatures that are looked at; Stripe sends two while a secret is changed.
const MOST: usize = 8;

/// Whether `header` has a signature of `body` by `secret` that is of about `now`.
#[must_use]
pub fn is_signed(header: &str, body: &[u8], secret: &str, now: DateTime<Utc>) -> bool {
    let fields = || header.split(',').filter_map(|field| field.trim().split_once('='));
    let Some(stamp) = fields().find_map(|(name, value)| (name == "t").then_some(value)) else { return false };
    let at = stamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    if at.is_none_or(|at| (now - at).abs() > TOLERANCE) {
        return false;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(stamp.as_bytes());
    context.update(b".");
    context.update(body);
    let expected = hex::encode(context.sign());
    let given = fields().filter(|(name, _)| *name == "v1").take(MOST);
    // All of them are compared, so that the time it takes tells nothing.
    given.fold(false, |good, (_, value)| equal(value.as_bytes(), expected.as_bytes()) || good)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).expect("a moment")
    }

    fn signed(secret: &str) -> String {
        let signature = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
            &[b"1700000000.".as_slice(), BODY].concat(),
        );
        hex::encode(signature)
    }

    /// OR-3: webhooks are verified: the body, the secret and the time, which may be five minutes off and not a second more.
    #[test]
    fn only_stripe_signs() {
        let header = format!("t=1700000000,v1={}", signed("whsec_a"));
        let good = |header: &str, body: &[u8], secret: &str, seconds| is_signed(header, body, secret, at(seconds));
        assert!(good(&header, BODY, "whsec_a", 0));
        assert!(good(&header, BODY, "whsec_a", 300) && good(&header, BODY, "whsec_a", -300));
        assert!(!good(&header, BODY, "whsec_a", 301) && !good(&header, BODY, "whsec_a", -301));
        assert!(!good(&header, br#"{"id":"evt_2"}"#, "whsec_a", 0));
        assert!(!good(&header, BODY, "whsec_b", 0));
        assert!(!good(&header.replace("1700000000", "1700000001"), BODY, "whsec_a", 0));
    }

    /// OR-3: one good signature among several is enough, as while a secret is changed; other schemes count for nothing.
    #[test]
    fn one_of_several_signatures_is_enough() {
        let (one, other) = (signed("whsec_a"), signed("whsec_b"));
        let good = |header: String| is_signed(&header, BODY, "whsec_a", at(0));
        assert!(good(format!("t=1700000000,v1={other},v1={one}")));
        assert!(good(format!("t=1700000000, v1={one} ,v0=abc")));
        assert!(!good(format!("t=1700000000,v0={one}")));
        assert!(!good(format!("v1={one}")) && !good("t=1700000000".to_owned()) && !good(String::new()));
        assert!(!good(format!("t=99999999999999999999,v1={one}")));
    }
}
