//! Loopback ports, remembered so that a later run has the same addresses.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The ports of one set of servers, kept in a JSON file by server name.
#[derive(Debug)]
pub struct Ports {
    file: PathBuf,
    known: BTreeMap<String, u16>,
}

impl Ports {
    /// Reads the file; a missing or damaged one is an empty one.
    pub fn open(file: &Path) -> Self {
        let known = fs::read_to_string(file).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self { file: file.to_path_buf(), known }
    }

    /// The port remembered for a server, free or not.
    pub fn known(&self, server: &str) -> Option<u16> {
        self.known.get(server).copied()
    }

    /// A port that is free now: the remembered one, else the first from `preferred` on.
    pub fn pick(&mut self, server: &str, preferred: u16) -> Result<u16> {
        let others: Vec<u16> = self.known.iter().filter(|(name, _)| *name != server).map(|(_, port)| *port).collect();
        let nearby = preferred..=preferred.saturating_add(200);
        let port = self
            .known(server)
            .into_iter()
            .chain(nearby)
            .find(|port| !others.contains(port) && is_free(*port))
            .with_context(|| format!("no port near {preferred} is free on loopback"))?;
        self.known.insert(server.to_owned(), port);
        let text = serde_json::to_string_pretty(&self.known)?;
        fs::write(&self.file, text).with_context(|| format!("{} cannot be written", self.file.display()))?;
        Ok(port)
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn file(name: &str) -> PathBuf {
        env::temp_dir().join(format!("xtask-ports-{}-{name}.json", std::process::id()))
    }

    fn free() -> u16 {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    #[test]
    fn a_later_run_has_the_same_port() {
        let file = file("same");
        let first = Ports::open(&file).pick("nats", free()).unwrap();
        assert_eq!(Ports::open(&file).pick("nats", free()).unwrap(), first);
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_taken_port_is_left_to_its_holder() {
        let file = file("taken");
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = holder.local_addr().unwrap().port();
        let port = Ports::open(&file).pick("nats", taken).unwrap();
        assert_ne!(port, taken);
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn two_servers_never_share_a_port() {
        let file = file("two");
        let mut ports = Ports::open(&file);
        let preferred = free();
        let first = ports.pick("http", preferred).unwrap();
        assert_ne!(ports.pick("grpc", preferred).unwrap(), first);
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_damaged_file_is_an_empty_one() {
        let file = file("damaged");
        fs::write(&file, "{\"nats\": ").unwrap();
        assert_eq!(Ports::open(&file).known("nats"), None);
        fs::remove_file(file).unwrap();
    }
}
