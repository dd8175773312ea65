//! An OpenID provider: a program that somebody else wrote, as a process of its own.
use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::Context;
use reqwest::{Client, header::LOCATION, redirect::Policy};
use serde_json::Value;

use crate::broker::free_port;

/// The environment variable with the folder of the Python programs that tests run.
const TOOLS: &str = "PATRON_PYTHON_TOOLS";
/// Where clients are sent back to. Nothing is there.
const BACK: &str = "http://127.0.0.1/back";

/// A provider, which signs with RS256. It forgets its key and everybody when it is started anew.
pub struct OpenId {
    port: u16,
    http: Client,
    child: Option<Child>,
}

impl OpenId {
    /// Starts one.
    pub async fn start() -> anyhow::Result<Self> {
        let http = Client::builder().redirect(Policy::none()).build()?;
        let mut provider = Self { port: free_port()?, http, child: None };
        provider.restart().await?;
        Ok(provider)
    }

    /// Who signs its tokens.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The same provider under another name.
    #[must_use]
    pub fn alias(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Starts it anew at the same place.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop();
        let tools: PathBuf = std::env::var_os(TOOLS).with_context(|| format!("{TOOLS} is not set"))?.into();
        let mut command = Command::new(tools.join("bin/oidc-provider-mock"));
        command.args(["--host", "127.0.0.1", "--port", &self.port.to_string()]);
        command.env("AUTHLIB_INSECURE_TRANSPORT", "1").stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn()?);
        let address = format!("{}/.well-known/openid-configuration", self.issuer());
        while self.http.get(&address).send().await.is_err() {
            let ended = self.child.as_mut().map(Child::try_wait).transpose()?.flatten();
            anyhow::ensure!(ended.is_none(), "the provider has ended: {ended:?}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// From now on it says this of `subject`.
    pub async fn know(&self, subject: &str, claims: &Value) -> anyhow::Result<()> {
        let answer = self.http.put(format!("{}/users/{subject}", self.issuer())).json(claims).send().await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// The id token that `client` gets when `subject` signs in at `base`, which is one of the provider's names.
    pub async fn token(&self, base: &str, (subject, client): (&str, &str), nonce: &str) -> anyhow::Result<String> {
        let query = [
            ("client_id", client),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("nonce", nonce),
        ];
        let query = &query[..if nonce.is_empty() { 4 } else { 5 }];
        let consent = self.http.post(format!("{base}/oauth2/authorize")).query(query).form(&[("sub", subject)]);
        let answer = consent.send().await?;
        let back = answer.headers().get(LOCATION).context("the provider sends nobody back")?.to_str()?;
        let code = back.split_once("code=").context("no code")?.1;
        let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK)];
        let request = self.http.post(format!("{base}/oauth2/token")).basic_auth(client, Some("secret")).form(&form);
        let told: Value = request.send().await?.error_for_status()?.json().await?;
        Ok(told["id_token"].as_str().context("no id token")?.to_owned())
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for OpenId {
    fn drop(&mut self) {
        self.stop();
    }
}
