//! The processes the house consists of: which services run where, and how they find each other.

use std::env;
use std::net::SocketAddr;

use anyhow::Result;

use crate::ports::Ports;

/// Services that only others call.
const INNER: [&str; 7] = ["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews"];

/// One process and where it listens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    pub name: String,
    /// As given to `patron run`; none means all.
    pub services: Vec<&'static str>,
    /// Answers the public API and the console; 0 for a process that has neither.
    pub http: u16,
    pub grpc: u16,
    /// Answers `/readyz`.
    pub ops: u16,
}

impl Member {
    fn new(name: &str, services: Vec<&'static str>, ports: &mut Ports, first: u16) -> Result<Self> {
        let faces_outside = services.is_empty() || services.contains(&"gateway");
        Ok(Self {
            http: match given_address() {
                _ if !faces_outside => 0,
                Some(address) => address.port(),
                // The same whichever process answers: people keep the address.
                None => ports.pick("http", 8080)?,
            },
            grpc: ports.pick(&format!("{name}.grpc"), first)?,
            ops: ports.pick(&format!("{name}.ops"), first + 1)?,
            name: name.to_owned(),
            services,
        })
    }

    /// Where this process listens and where it finds the services of the others.
    pub fn variables(&self, all: &[Self]) -> Vec<(String, String)> {
        let http = given_address().filter(|_| self.http != 0).map(|address| address.to_string());
        let mut variables = vec![
            ("PATRON_HTTP_LISTEN".to_owned(), http.unwrap_or_else(|| loopback(self.http))),
            ("PATRON_GRPC_LISTEN".to_owned(), loopback(self.grpc)),
            ("PATRON_OPS_LISTEN".to_owned(), loopback(self.ops)),
        ];
        for other in all.iter().filter(|other| other.name != self.name) {
            for service in other.services.iter().filter(|service| INNER.contains(service)) {
                let name = format!("PATRON_{}_URL", service.to_uppercase());
                variables.push((name, format!("http://{}", loopback(other.grpc))));
            }
        }
        variables
    }
}

/// All services in one process.
pub fn together(ports: &mut Ports) -> Result<Vec<Member>> {
    Ok(vec![Member::new("patron", Vec::new(), ports, 8081)?])
}

/// Every service in a process of its own; the gateway and the console share the public address.
pub fn separate(ports: &mut Ports) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    let mut port = 8100;
    for service in INNER {
        members.push(Member::new(service, vec![service], ports, port)?);
        port += 2;
    }
    members.push(Member::new("gateway", vec!["gateway", "console"], ports, port)?);
    Ok(members)
}

/// The public address, where the caller's environment says it.
fn given_address() -> Option<SocketAddr> {
    env::var("PATRON_HTTP_LISTEN").ok()?.parse().ok()
}

fn loopback(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(name: &str) -> Ports {
        let file = format!("xtask-members-{}-{name}.json", std::process::id());
        Ports::open(&env::temp_dir().join(file))
    }

    #[test]
    fn separate_processes_know_all_services_but_their_own() {
        let members = separate(&mut ports("separate")).unwrap();
        let orders = members.iter().find(|member| member.name == "orders").unwrap();
        let variables = orders.variables(&members);
        let urls: Vec<_> = variables.iter().filter(|(name, _)| name.ends_with("_URL")).collect();
        assert_eq!(urls.len(), INNER.len() - 1);
        assert!(urls.iter().all(|(name, _)| name != "PATRON_ORDERS_URL"));
        assert!(variables.contains(&("PATRON_HTTP_LISTEN".to_owned(), "127.0.0.1:0".to_owned())));
    }

    #[test]
    fn every_service_runs_exactly_once() {
        let members = separate(&mut ports("once")).unwrap();
        let mut services: Vec<_> = members.iter().flat_map(|member| member.services.clone()).collect();
        services.sort_unstable();
        let mut all = [INNER.as_slice(), &["gateway", "console"]].concat();
        all.sort_unstable();
        assert_eq!(services, all);
    }

    #[test]
    fn one_process_needs_no_urls() {
        let members = together(&mut ports("together")).unwrap();
        assert!(members[0].variables(&members).iter().all(|(name, _)| !name.ends_with("_URL")));
    }
}
