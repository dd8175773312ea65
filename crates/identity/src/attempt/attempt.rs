//! How often somebody may try. The first tries are free, and after that every further one waits twice as long as the one
//! before. Passwords are counted by account and network address, so that strangers slow themselves down and nobody
//! else; second factors by staff member, since only who has the password gets there.
use std::net::IpAddr;

use chrono::TimeDelta;
use kit::secret::Secrets;

use super::rate::Rate;

/// How much is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is tried.
    pub kind: &'static str,
    /// Tries without a wait.
    free: usize,
    /// The first wait.
    first: TimeDelta,
    /// The longest wait.
    longest: TimeDelta,
    /// When nothing was tried for so long, all is forgotten.
    pub forgotten: TimeDelta,
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

/// A try of a password: of which account, from where.
#[derive(Clone, Copy, Debug)]
pub struct Tries {
    /// How often a network address may try.
    pub rate: Rate,
    /// Stands for the network address; `None` when it is not known.
    pub network: Option<[u8; 32]>,
    /// Stands for the account at this network address.
    pub account: [u8; 32],
    /// Stands for the account wherever it is tried from.
    pub whose: [u8; 32],
}

impl Limit {
    /// How long the try after the first one waits, after the second, and so on; after all further ones as after the
    /// last of these.
    #[must_use]
    pub fn waits(&self) -> Vec<TimeDelta> {
        let mut waits = vec![TimeDelta::zero(); self.free.saturating_sub(1)];
        let mut wait = self.first;
        while wait < self.longest {
            waits.push(wait);
            wait = wait * 2;
        }
        waits.push(self.longest);
        waits
    }
}

/// Stands for `account` at the network address `ip`, without telling either. A household has many IPv6 addresses, all of
/// one /64.
#[must_use]
pub fn key(secrets: &Secrets, account: &[&str], ip: &str) -> [u8; 32] {
    secrets.keyed_hash("attempt", format!("{}\n{}", account.join("\n"), holder(ip)).as_bytes())
}

/// Stands for `account` wherever it is tried from.
#[must_use]
pub fn whose(secrets: &Secrets, account: &[&str]) -> [u8; 32] {
    secrets.keyed_hash("attempt-account", account.join("\n").as_bytes())
}

/// Stands for the network address `ip` alone; `None` when it is not known, since all of those would count as one.
#[must_use]
pub fn network(secrets: &Secrets, ip: &str) -> Option<[u8; 32]> {
    (!ip.is_empty()).then(|| secrets.keyed_hash("attempt-network", holder(ip).as_bytes()))
}

/// Whoever has an IPv6 address has its whole network of 64 bits.
fn holder(ip: &str) -> String {
    match ip.parse() {
        Ok(IpAddr::V6(ip)) => match ip.to_ipv4_mapped() {
            Some(ip) => ip.to_string(),
            None => format!("{:x?}", &ip.segments()[..4]),
        },
        _ => ip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-27: ten tries are free, then each waits twice as long, up to a quarter of an hour.
    #[test]
    fn waits_double_and_end() {
        let waits: Vec<_> = FACTOR.waits().iter().map(TimeDelta::num_minutes).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 15]);
        let waits: Vec<_> = PASSWORD.waits().iter().map(TimeDelta::num_seconds).collect();
        assert_eq!(waits[8..], [0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
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
