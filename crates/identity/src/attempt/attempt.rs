//! How often somebody may try. The first tries are free, and after that every further one waits twice as long as the one
//! before. Passwords are counted by account and network address, so that strangers slow themselves down and nobody
//! else; second factors by staff member, since only who has the password gets there.
use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use kit::secret::Secrets;

/// How much is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is tried.
    pub kind: &'static str,
    /// Tries without a wait.
    free: i32,
    /// The first wait.
    first: TimeDelta,
    /// The longest wait.
    longest: TimeDelta,
    /// When nothing was tried for so long, all is forgotten.
    forgotten: TimeDelta,
}

/// Passwords, by account and network address.
pub const PASSWORD: Limit = Limit {
    kind: "password",
    free: 10,
    first: TimeDelta::seconds(2),
    longest: TimeDelta::minutes(15),
    forgotten: TimeDelta::hours(1),
};
/// Second factors, by staff member. Six digits are guessed in a million tries, so these are forgotten late.
pub const FACTOR: Limit = Limit {
    kind: "factor",
    free: 10,
    first: TimeDelta::minutes(1),
    longest: TimeDelta::minutes(15),
    forgotten: TimeDelta::hours(24),
};

/// What was tried without success so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempts {
    /// How often.
    pub tries: i32,
    /// When last.
    pub tried_at: DateTime<Utc>,
    /// When the next try is taken.
    pub free_at: DateTime<Utc>,
}

impl Attempts {
    /// Counts a try at `now`; `Err` says how long to wait first, and nothing is counted.
    pub fn count(self, limit: &Limit, now: DateTime<Utc>) -> Result<Self, Duration> {
        if now < self.free_at {
            return Err((self.free_at - now).to_std().unwrap_or_default());
        }
        let tries = if now - self.tried_at >= limit.forgotten { 1 } else { self.tries.saturating_add(1) };
        Ok(Self { tries, tried_at: now, free_at: now + limit.wait(tries) })
    }
}

impl Limit {
    /// How long the try after `tries` waits.
    fn wait(&self, tries: i32) -> TimeDelta {
        if tries < self.free {
            return TimeDelta::zero();
        }
        let doubled =
            1_i32.checked_shl(u32::try_from(tries - self.free).unwrap_or_default().min(20)).unwrap_or(i32::MAX);
        self.first.checked_mul(doubled).map_or(self.longest, |wait| wait.min(self.longest))
    }
}

/// Stands for `account` at the network address `ip`, without telling either. A household has many IPv6 addresses, all of
/// one /64.
#[must_use]
pub fn key(secrets: &Secrets, account: &[&str], ip: &str) -> [u8; 32] {
    let network = match ip.parse() {
        Ok(IpAddr::V6(ip)) => match ip.to_ipv4_mapped() {
            Some(ip) => ip.to_string(),
            None => format!("{:x?}", &ip.segments()[..4]),
        },
        _ => ip.to_owned(),
    };
    secrets.keyed_hash("attempt", format!("{}\n{network}", account.join("\n")).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    /// ID-27: ten tries are free, then each waits twice as long, up to a quarter of an hour; silence is forgiven.
    #[test]
    fn waits_double_and_end() {
        let mut attempts = Attempts { tries: 0, tried_at: at(0), free_at: at(0) };
        let mut now = at(0);
        let mut waits = Vec::new();
        for _ in 0..16 {
            attempts = attempts.count(&FACTOR, now).expect("it has waited");
            let wait = attempts.free_at - now;
            if wait > TimeDelta::zero() {
                assert_eq!(attempts.count(&FACTOR, now), Err(wait.to_std().unwrap_or_default()));
            }
            waits.push(wait.num_minutes());
            now = attempts.free_at;
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]);
        assert_eq!(attempts.count(&FACTOR, attempts.tried_at + TimeDelta::hours(24)).map(|a| a.tries), Ok(1));
        assert_eq!(FACTOR.wait(i32::MAX), TimeDelta::minutes(15));
    }

    /// ID-27: another address is another key, and all addresses of one /64 are one.
    #[test]
    fn strangers_have_keys_of_their_own() {
        let secrets = Secrets::parse(&"00".repeat(32)).expect("a root");
        let key = |ip| key(&secrets, &["staff", "ada@example.com"], ip);
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
    }
}
