//! Certificates: an authority, what it vouches for, and whom clients of a house trust.
use std::{
    fs,
    path::{Path, PathBuf},
};

use mesh::tls::{self, ClientTls, Identity};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};

/// An authority and the folder that its files are in.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: PathBuf,
    /// Its own certificate.
    pub roots: PathBuf,
}

impl Authority {
    /// A new one, whose files go below `folder`.
    pub fn found(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let (key, roots) = (KeyPair::generate()?, folder.join("ca.crt"));
        fs::write(&roots, params.self_signed(&key)?.pem())?;
        Ok(Self { issuer: Issuer::new(params, key), folder, roots })
    }

    /// A certificate for this machine in files called `name`; in place of a former one.
    pub fn vouch(&self, name: &str) -> anyhow::Result<Identity> {
        self.issue(name, &leaf()?)
    }

    /// The same, but its time is over.
    pub fn expired(&self, name: &str) -> anyhow::Result<Identity> {
        let mut params = leaf()?;
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        self.issue(name, &params)
    }

    fn issue(&self, name: &str, params: &CertificateParams) -> anyhow::Result<Identity> {
        let key = KeyPair::generate()?;
        let file = |ending: &str| self.folder.join(format!("{name}.{ending}"));
        let identity = Identity { cert: file("crt"), key: file("key") };
        fs::write(&identity.cert, params.signed_by(&key, &self.issuer)?.pem())?;
        fs::write(&identity.key, key.serialize_pem())?;
        Ok(identity)
    }

    /// Environment of a house that shows `identity` on every listener and trusts this authority.
    #[must_use]
    pub fn environment(&self, identity: &Identity) -> Vec<(&'static str, String)> {
        let files = [
            ("PATRON_TLS_CERT", &identity.cert),
            ("PATRON_TLS_KEY", &identity.key),
            ("PATRON_TLS_CA", &self.roots),
            ("PATRON_HTTP_TLS_CERT", &identity.cert),
            ("PATRON_HTTP_TLS_KEY", &identity.key),
        ];
        files.map(|(name, file)| (name, file.display().to_string())).to_vec()
    }

    /// A client that trusts this authority and shows `identity`.
    pub fn client(&self, identity: Option<Identity>) -> anyhow::Result<ClientTls> {
        tls::client(self.roots.clone(), identity)
    }
}

fn leaf() -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

/// How a house is spoken to.
pub(crate) struct Trust {
    /// By HTTP.
    pub client: reqwest::Client,
    /// By gRPC, when it speaks TLS.
    pub peers: Option<ClientTls>,
}

impl Trust {
    /// With what the house itself is told by `environment`.
    pub fn of(environment: &[(&'static str, String)]) -> anyhow::Result<Self> {
        let file = |name| environment.iter().find(|(known, _)| *known == name).map(|(_, file)| PathBuf::from(file));
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let (Some(roots), Some(cert), Some(key)) =
            (file("PATRON_TLS_CA"), file("PATRON_TLS_CERT"), file("PATRON_TLS_KEY"))
        else {
            return Ok(Self { client: builder.build()?, peers: None });
        };
        let client = builder.add_root_certificate(reqwest::Certificate::from_pem(&fs::read(&roots)?)?).build()?;
        Ok(Self { client, peers: Some(tls::client(roots, Some(Identity { cert, key }))?) })
    }

    pub fn scheme(&self) -> &'static str {
        if self.peers.is_some() { "https" } else { "http" }
    }
}
