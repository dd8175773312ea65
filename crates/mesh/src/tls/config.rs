//! How a process speaks TLS: what it shows and whom it trusts (PL-7).
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, ensure};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{NoServerSessionStorage, WebPkiClientVerifier},
};

use super::fresh::Fresh;

/// A certificate chain and its key, each a PEM file.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The chain, its own certificate first.
    pub cert: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// How a listener speaks TLS.
pub type ServerTls = Arc<Fresh<ServerConfig>>;
/// How a client speaks TLS.
pub type ClientTls = Arc<Fresh<ClientConfig>>;

/// Shows `identity`. With `clients`, a file of authorities, only whoever shows a certificate of one of them is let in.
pub fn server(identity: Identity, clients: Option<PathBuf>) -> anyhow::Result<ServerTls> {
    let files = [Some(&identity.cert), Some(&identity.key), clients.as_ref()].into_iter().flatten().cloned().collect();
    Ok(Arc::new(Fresh::new(files, move || server_config(&identity, clients.as_deref()))?))
}

/// Trusts the authorities in the file `roots` and nobody else, and shows `identity` to whoever asks.
pub fn client(roots: PathBuf, identity: Option<Identity>) -> anyhow::Result<ClientTls> {
    let mut files = vec![roots.clone()];
    files.extend(identity.iter().flat_map(|identity| [identity.cert.clone(), identity.key.clone()]));
    Ok(Arc::new(Fresh::new(files, move || client_config(&roots, identity.as_ref()))?))
}

fn server_config(identity: &Identity, clients: Option<&Path>) -> anyhow::Result<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let builder = match clients {
        Some(file) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(file)?), provider()).build();
            builder.with_client_cert_verifier(verifier.context("the authorities cannot be used")?)
        }
        None => builder.with_no_client_auth(),
    };
    let (chain, key) = read(identity)?;
    let mut config = builder.with_single_cert(chain, key).with_context(|| unusable(identity))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    if clients.is_some() {
        // A resumed session would outlive the certificate that began it.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(config)
}

fn client_config(file: &Path, identity: Option<&Identity>) -> anyhow::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let builder = builder.with_root_certificates(roots(file)?);
    let mut config = match identity {
        Some(identity) => {
            let (chain, key) = read(identity)?;
            builder.with_client_auth_cert(chain, key).with_context(|| unusable(identity))?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn read(identity: &Identity) -> anyhow::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let key = PrivateKeyDer::from_pem_file(&identity.key);
    Ok((certificates(&identity.cert)?, key.with_context(|| format!("no key in {}", identity.key.display()))?))
}

fn unusable(identity: &Identity) -> String {
    format!("{} and {} do not fit together", identity.cert.display(), identity.key.display())
}

fn roots(file: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).with_context(|| format!("{} has what is no authority", file.display()))?;
    }
    Ok(roots)
}

pub(super) fn certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let unreadable = || format!("{} cannot be read", file.display());
    let chain = CertificateDer::pem_file_iter(file).with_context(unreadable)?;
    let chain = chain.collect::<Result<Vec<_>, _>>().with_context(unreadable)?;
    ensure!(!chain.is_empty(), "no certificate in {}", file.display());
    Ok(chain)
}
