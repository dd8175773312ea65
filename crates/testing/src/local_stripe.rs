//! localstripe: a Stripe that somebody else wrote, as a process of its own. It knows plain cards, refusals, refunds and
//! signed webhooks.
use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context;
use reqwest::Client;
use serde_json::Value;

use crate::broker::free_port;

/// The environment variable with the folder of the Python programs that tests run.
const TOOLS: &str = "PATRON_PYTHON_TOOLS";
/// Any key is good that begins like one.
pub const KEY: &str = "sk_test_localstripe";

/// A server, which stops when it is dropped.
pub struct LocalStripe {
    /// Where it is.
    pub url: String,
    http: Client,
    child: Child,
}

impl LocalStripe {
    /// Starts one with empty books.
    pub async fn start() -> anyhow::Result<Self> {
        let (port, http) = (free_port()?, Client::new());
        let tools: PathBuf = std::env::var_os(TOOLS).with_context(|| format!("{TOOLS} is not set"))?.into();
        let mut command = Command::new(tools.join("bin/localstripe"));
        command.args(["--from-scratch", "--port", &port.to_string()]).current_dir(std::env::temp_dir());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { url: format!("http://127.0.0.1:{port}"), http, child };
        while server.http.get(format!("{}/v1/customers", server.url)).bearer_auth(KEY).send().await.is_err() {
            let ended = server.child.try_wait()?;
            anyhow::ensure!(ended.is_none(), "localstripe has ended: {ended:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(server)
    }

    /// The name of a card, as Stripe.js would get it in a browser.
    pub async fn card(&self, number: &str) -> anyhow::Result<String> {
        let form = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2040"),
            ("card[cvc]", "123"),
        ];
        let request = self.http.post(format!("{}/v1/payment_methods", self.url)).bearer_auth(KEY).form(&form);
        let made: Value = request.send().await?.error_for_status()?.json().await?;
        Ok(made["id"].as_str().context("a payment method has an id")?.to_owned())
    }

    /// The shopper answers what the bank asks about the intent with this client secret.
    pub async fn authenticate(&self, client_secret: &str) -> anyhow::Result<()> {
        let intent = client_secret.split("_secret_").next().unwrap_or_default();
        let form = [("client_secret", client_secret), ("success", "true")];
        let request = self.http.post(format!("{}/v1/payment_intents/{intent}/_authenticate", self.url));
        request.bearer_auth(KEY).form(&form).send().await?.error_for_status()?;
        Ok(())
    }

    /// Events go to `address` from now on, signed with `secret`.
    pub async fn tell(&self, address: &str, secret: &str) -> anyhow::Result<()> {
        let form = [("url", address), ("secret", secret)];
        let request = self.http.post(format!("{}/_config/webhooks/patron", self.url)).form(&form);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// What it lists under `path`, such as `refunds`.
    pub async fn list(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let request = self.http.get(format!("{}/v1/{path}", self.url)).bearer_auth(KEY);
        let listed: Value = request.send().await?.error_for_status()?.json().await?;
        Ok(listed["data"].as_array().cloned().unwrap_or_default())
    }
}

impl Drop for LocalStripe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
