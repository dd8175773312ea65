//! From where an account was made, as far as it is compared with others.
use std::net::IpAddr;

/// The /24 or /64 of a network address; empty when it cannot be read.
#[must_use]
pub fn network(ip: &str) -> String {
    match ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Err(_) => String::new(),
    }
}

/// A canonical e-mail address with a # for the digits that its local part ends in; empty when it does not, or is only them.
#[must_use]
pub fn series(email: &str) -> String {
    let Some((local, domain)) = email.split_once('@') else { return String::new() };
    let stem = local.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() == local.len() || stem.chars().count() < 3 { String::new() } else { format!("{stem}#@{domain}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AD-2: neighbours share a /24 or a /64.
    #[test]
    fn networks_are_shared() {
        assert_eq!(network("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!((network(""), network("here")), (String::new(), String::new()));
    }

    /// AD-2: a series is a stem with numbers, at one domain.
    #[test]
    fn series_have_a_stem() {
        assert_eq!(
            (series("bot12@x.example"), series("bot7@x.example")),
            ("bot#@x.example".into(), "bot#@x.example".into())
        );
        for email in ["ada@x.example", "12345@x.example", "a1@x.example", "nobody"] {
            assert_eq!(series(email), "", "{email}");
        }
    }
}
