//! Where webhooks may lead: to the public, by https, on its usual port. What a name stands for is looked at when it is
//! resolved, each time anew (see `hook_delivery::resolver`); here is what can be said of the address itself.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The longest address, in bytes.
const LONGEST: usize = 2000;
/// Names that never are public.
const PRIVATE_NAMES: [&str; 7] = ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion"];
/// Networks of IPv4 that are not public, by their first address and the length of their prefix.
const PRIVATE_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10), // of carriers
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16), // link-local, where clouds tell secrets
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),   // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24), // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // measurements
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, and broadcast
];
/// The same within the part of IPv6 that is public at all, `2000::/3`.
const PRIVATE_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocols, such as Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which holds an address of IPv4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no address of the web.
    #[error("the address must be one of https, of at most 2000 characters")]
    Malformed,
    /// A name or password in it would be in logs.
    #[error("the address must not hold a name or password")]
    Credentials,
    /// Not the usual port.
    #[error("the address must be on port 443")]
    Port,
    /// It leads inside.
    #[error("the address is not public")]
    Private,
}

/// Reads an address. An `open` house takes plain http, any port and any host, too: for development.
pub fn parse(text: &str, open: bool) -> Result<Url, Refusal> {
    let url = Url::parse(text.trim()).map_err(|_| Refusal::Malformed)?;
    let web = url.scheme() == "https" || (open && url.scheme() == "http");
    if !web || url.as_str().len() > LONGEST || url.fragment().is_some() {
        return Err(Refusal::Malformed);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    if !open && url.port().is_some() {
        return Err(Refusal::Port);
    }
    if open || leads_outside(&url) { Ok(url) } else { Err(Refusal::Private) }
}

/// Whether the host of `url` is public as far as the address itself says.
#[must_use]
pub fn leads_outside(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let within = |zone: &&str| name == **zone || name.ends_with(&format!(".{zone}"));
            name.contains('.') && !PRIVATE_NAMES.iter().any(within)
        }
        None => false,
    }
}

/// Whether `address` is one of the public Internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !PRIVATE_V4.iter().any(|(network, bits)| {
            let shift = 32 - bits;
            address.to_bits() >> shift == network.to_bits() >> shift
        }),
        IpAddr::V6(address) => {
            let public = address.segments()[0] >> 13 == 1;
            public
                && !PRIVATE_V6.iter().any(|(network, bits)| {
                    let shift = 128 - bits;
                    address.to_bits() >> shift == network.to_bits() >> shift
                })
        }
    }
}

/// The address without what may be a secret in it, for histories.
#[must_use]
pub fn without_query(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// NO-5: an address that leads inside is refused, however it is written.
    #[test]
    fn inside_is_refused() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "printer.local",
            "metadata.google.internal",
            "intranet",
            "db",
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "017700000001",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:169.254.169.254]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[100::1]",
            "[2001::1]",
            "[2001:db8::1]",
            "[2002:7f00:1::]",
            "[3fff::1]",
            "[5f00::1]",
            "[fec0::1]",
        ] {
            assert_eq!(parse(&format!("https://{host}/x"), false), Err(Refusal::Private), "{host}");
            assert!(parse(&format!("http://{host}:8080/x"), true).is_ok(), "an open house takes {host}");
        }
    }

    /// NO-5: whatever is public is taken, in its usual form.
    #[test]
    fn outside_is_taken() {
        for host in [
            "hooks.example.com",
            "localhost.example.com",
            "1.1.1.1",
            "9.255.255.255",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "[2606:4700::1111]",
            "[2001:4860::8888]",
            "[::ffff:1.1.1.1]",
        ] {
            assert!(parse(&format!("https://{host}/x?token=1"), false).is_ok(), "{host}");
            assert!(parse(&format!("https://{host}:443/x"), false).is_ok(), "{host}");
        }
    }

    /// NO-5: nothing but https on its own port, and nobody's password.
    #[test]
    fn one_form_is_taken() {
        let long = format!("https://hooks.example.com/{}", "x".repeat(2000));
        for (url, refusal) in [
            ("http://hooks.example.com", Refusal::Malformed),
            ("ftp://hooks.example.com", Refusal::Malformed),
            ("hooks.example.com", Refusal::Malformed),
            ("https://hooks.example.com/#x", Refusal::Malformed),
            ("https:///x", Refusal::Private),
            ("", Refusal::Malformed),
            (&long, Refusal::Malformed),
            ("https://ada@hooks.example.com", Refusal::Credentials),
            ("https://:secret@hooks.example.com", Refusal::Credentials),
            ("https://hooks.example.com:8443/", Refusal::Port),
            ("https://hooks.example.com:22/", Refusal::Port),
        ] {
            assert_eq!(parse(url, false), Err(refusal), "{url}");
        }
        assert_eq!(without_query("https://hooks.example.com/x?token=secret"), "https://hooks.example.com/x");
    }

    proptest! {
        /// NO-5: what the standard library calls private, loopback, link-local, multicast or broadcast never is public,
        /// nor is its form within IPv6.
        #[test]
        fn what_is_private_is_never_public(bits in any::<u32>()) {
            let address = Ipv4Addr::from_bits(bits);
            let inside = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_unspecified() || address.is_documentation();
            prop_assert!(!(inside && is_public(address.into())));
            prop_assert_eq!(is_public(address.into()), is_public(address.to_ipv6_mapped().into()));
            prop_assert!(!is_public(address.to_ipv6_compatible().into()));
        }

        #[test]
        fn the_same_of_ipv6(bits in any::<u128>()) {
            let address = Ipv6Addr::from_bits(bits);
            let inside = address.is_loopback() || address.is_unspecified() || address.is_multicast()
                || address.is_unique_local() || address.is_unicast_link_local();
            prop_assert!(!(inside && is_public(address.into())));
        }
    }
}
