//! Asks the process beside this one whether it is ready: a health check for images that hold no shell and no curl.
use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use anyhow::{Context, ensure};

/// How long a process that is well takes at most.
const PATIENCE: Duration = Duration::from_secs(4);

/// Succeeds when the process whose ops listener is `listen` says that it is ready. With `cert`, the certificate that it
/// shows, it is asked by TLS.
pub fn ask(listen: SocketAddr, cert: Option<&Path>) -> anyhow::Result<()> {
    let address = reachable(listen);
    let stream = TcpStream::connect_timeout(&address, PATIENCE).with_context(|| format!("nobody at {address}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    match cert {
        Some(cert) => converse(kit::tls::encrypt_to_own(stream, cert)?, address),
        None => converse(stream, address),
    }
}

fn converse(mut stream: impl Read + Write, address: SocketAddr) -> anyhow::Result<()> {
    write!(stream, "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    stream.flush()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).context("no answer")?;
    let status = answer.lines().next().unwrap_or_default();
    ensure!(status.split(' ').nth(1) == Some("200"), "not ready: {}", answer.lines().last().unwrap_or(status));
    Ok(())
}

/// A listener on every address of the machine is asked on its own one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_where_an_answer_can_come_from() {
        let reached = |listen: &str| reachable(listen.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:8082"), "127.0.0.1:8082");
        assert_eq!(reached("[::]:8082"), "[::1]:8082");
        assert_eq!(reached("10.1.2.3:9"), "10.1.2.3:9");
    }
}
