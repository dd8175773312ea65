//! Where a request really comes from, beyond reverse proxies that are trusted.
use std::{net::IpAddr, sync::Arc};

use anyhow::Context;
use http::HeaderMap;
use ipnet::IpNet;

/// Networks of reverse proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Reads networks such as `10.0.0.0/8`; a single address stands for itself.
    pub fn parse(networks: &[String]) -> anyhow::Result<Self> {
        let networks = networks.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        let networks = networks.map(|text| {
            let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.with_context(|| format!("PATRON_TRUSTED_PROXIES: {text} is no network"))
        });
        Ok(Self(networks.collect::<anyhow::Result<_>>()?))
    }

    /// The client's address: the peer's, or while that is a trusted proxy, the one it says it got the request from.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in forwarded.into_iter().rev() {
            let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
            if !self.trusts(client) {
                break;
            }
            client = hop.to_canonical();
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &'static str) -> anyhow::Result<String> {
        let trusted: Vec<String> = trusted.iter().map(|&text| text.to_owned()).collect();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
        Ok(Proxies::parse(&trusted)?.client(peer.parse()?, &headers).to_string())
    }

    /// ID-28: the recorded address is the client's own, and nobody can make one up.
    #[test]
    fn only_trusted_proxies_are_believed() -> anyhow::Result<()> {
        assert_eq!(client(&[], "198.51.100.7", "192.0.2.1")?, "198.51.100.7");
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", "192.0.2.1")?, "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:10.1.2.3", "192.0.2.1")?, "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", "203.0.113.9, 192.0.2.1, 10.9.9.9")?, "192.0.2.1");
        assert_eq!(client(&["10.1.2.3"], "10.1.2.3", "nonsense")?, "10.1.2.3");
        Ok(())
    }

    #[test]
    fn nonsense_is_a_start_error() {
        assert!(Proxies::parse(&["10.0.0.0/99".to_owned()]).is_err());
        assert!(Proxies::parse(&[String::new()]).is_ok());
    }
}
