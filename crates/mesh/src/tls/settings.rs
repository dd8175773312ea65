//! Settings of TLS (PL-7). All of it is off by default, which does for one machine; files are PEM and read again when they
//! change. PostgreSQL has its own in its URL (`sslmode=verify-full&sslrootcert=FILE`).
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::config::{ClientTls, Identity, ServerTls, client, server};

/// Which certificates to show and whom to trust.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TlsSettings {
    /// Certificate chain of this process: encrypts the gRPC and operators' listeners, and is shown to peers and to NATS.
    #[arg(long, env = "PATRON_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Its key.
    #[arg(long, env = "PATRON_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Authorities of the installation. Callers by gRPC must show a certificate of one of them, as must peers whose URL
    /// begins with `https`; NATS and the mail server may.
    #[arg(long, env = "PATRON_TLS_CA", value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// Certificate chain of the public HTTP listener, which is plain without, as behind a proxy that encrypts.
    #[arg(long, env = "PATRON_HTTP_TLS_CERT", value_name = "FILE")]
    pub http_tls_cert: Option<PathBuf>,
    /// Its key.
    #[arg(long, env = "PATRON_HTTP_TLS_KEY", value_name = "FILE")]
    pub http_tls_key: Option<PathBuf>,
}

/// How a process speaks TLS on each way; plain where there is nothing.
#[derive(Clone, Default)]
pub struct Tls {
    /// The public HTTP listener.
    pub http: Option<ServerTls>,
    /// The gRPC listener.
    pub grpc: Option<ServerTls>,
    /// The operators' listener.
    pub ops: Option<ServerTls>,
    /// Calls to peers.
    pub peers: Option<ClientTls>,
}

impl TlsSettings {
    /// Reads all files once, so that one that cannot be used is known at the start.
    pub fn load(&self) -> anyhow::Result<Tls> {
        let own = identity("PATRON_TLS", self.tls_cert.as_ref(), self.tls_key.as_ref())?;
        let public = identity("PATRON_HTTP_TLS", self.http_tls_cert.as_ref(), self.http_tls_key.as_ref())?;
        let listen = |identity: &Option<Identity>, clients: Option<&PathBuf>| {
            identity.clone().map(|identity| server(identity, clients.cloned())).transpose()
        };
        Ok(Tls {
            http: listen(&public, None).context("PATRON_HTTP_TLS_CERT")?,
            grpc: listen(&own, self.tls_ca.as_ref()).context("PATRON_TLS_CERT")?,
            ops: listen(&own, None).context("PATRON_TLS_CERT")?,
            peers: self.tls_ca.clone().map(|roots| client(roots, own)).transpose().context("PATRON_TLS_CA")?,
        })
    }

    /// Options of a connection to NATS, which reads the files itself, each time that it connects.
    #[must_use]
    pub fn nats(&self) -> async_nats::ConnectOptions {
        let mut options = async_nats::ConnectOptions::new();
        if let Some(roots) = &self.tls_ca {
            options = options.add_root_certificates(roots.clone());
        }
        match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => options.add_client_certificate(cert.clone(), key.clone()),
            _ => options,
        }
    }
}

fn identity(prefix: &str, cert: Option<&PathBuf>, key: Option<&PathBuf>) -> anyhow::Result<Option<Identity>> {
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(Identity { cert: cert.clone(), key: key.clone() })),
        (None, None) => Ok(None),
        _ => bail!("{prefix}_CERT and {prefix}_KEY belong together: one of them is not set"),
    }
}
