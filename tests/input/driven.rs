//! Every operation driven by schemathesis with all its checks: examples, edges of every constraint, made-up data, and
//! chains of operations along the links of the document.
//!
//! Bounded and with a fixed seed. The long form: `PATRON_INPUT_EXAMPLES=200`, with `PATRON_INPUT_SEED=…` another one.
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};
use e2e::{
    Form, House, Member, Shop,
    http::{send, text},
};
use reqwest::Method;
use serde_json::json;

use crate::street::{self, Traces};

/// Made-up requests for each operation in the bounded form.
const EXAMPLES: &str = "12";
/// Of how many edges of an operation one is tried in the bounded form, beside the first of each kind.
const EVERY: &str = "10";
const SEED: &str = "20260302";

/// Who drives which part of the API. Of each token there is a second one, for the call that ends its session.
#[derive(Default)]
struct Driver<'a> {
    paths: &'a str,
    customer: [&'a str; 2],
    staff: [&'a str; 2],
    shopper: [&'a str; 2],
}

impl Driver<'_> {
    /// Drives `shop`; fails with all findings.
    async fn drive(&self, shop: &Shop<'_>, traces: &Traces) -> anyhow::Result<()> {
        let tools =
            env::var_os("PATRON_PYTHON_TOOLS").context("run `cargo xtask test`, which installs schemathesis")?;
        let examples = env::var("PATRON_INPUT_EXAMPLES");
        let every = if examples.is_ok() { "1" } else { EVERY };
        let seed = env::var("PATRON_INPUT_SEED").unwrap_or_else(|_| SEED.to_owned());
        let mut command = Command::new(Path::new(&tools).join("bin/schemathesis"));
        command.current_dir(shop.house.folder());
        command.arg("--config-file").arg(folder().join("schemathesis.toml")).arg("run");
        command.arg(format!("{}/openapi.json", shop.house.http.base()));
        command.args(["--include-path-regex", self.paths, "--checks", "all", "--continue-on-failure", "--no-color"]);
        command.args(["--max-examples", examples.as_deref().unwrap_or(EXAMPLES), "--generation-database", "none"]);
        command.args(["--seed", &seed]).env("PATRON_INPUT_SEED", &seed).env("PATRON_INPUT_EVERY", every);
        command.env("PYTHONPATH", folder()).env("PYTHONDONTWRITEBYTECODE", "1").env("PATRON_IDS", traces.json());
        command.env("PATRON_KEY", &shop.store.key);
        command.env("PATRON_CUSTOMER", self.customer[0]).env("PATRON_SPARE_CUSTOMER", self.customer[1]);
        command.env("PATRON_STAFF", self.staff[0]).env("PATRON_SPARE_STAFF", self.staff[1]);
        command.env("PATRON_SHOPPER", self.shopper[0]).env("PATRON_SPARE_SHOPPER", self.shopper[1]);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let told = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
        ensure!(told.contains("Stateful") && told.contains(" passed"), "nothing was driven: {told}");
        Ok(())
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("input")
}

/// A house in which nobody asks too often: what is refused by its rate is not looked at any further.
pub async fn house() -> anyhow::Result<House> {
    House::start(Form::One, vec![("PATRON_RATE_LIMIT", "0".to_owned())]).await
}

async fn token(shop: &Shop<'_>) -> anyhow::Result<String> {
    let body = json!({ "identity": "ada.lovelace@example.com", "password": "a long enough password" });
    let ada = shop.guest().post("customers/login", &body).await?.expect(200)?;
    Ok(text(&ada, "/token")?.to_owned())
}

/// API §1: no operation of the shop front answers a visitor with what it does not document.
#[tokio::test]
async fn a_visitor_drives_the_shop_front() -> anyhow::Result<()> {
    let house = house().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    Driver { paths: "^/(storefront|[.]well-known)", ..Driver::default() }.drive(&shop, &traces).await
}

/// API §1: nor a customer who is signed in.
#[tokio::test]
async fn a_customer_drives_the_shop_front() -> anyhow::Result<()> {
    let house = house().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let (somebody, _) = shop.register("joan.clarke@example.com", "Joan").await?;
    let (token, spare) = (token(&shop).await?, somebody.token().unwrap_or_default().to_owned());
    Driver { paths: "^/storefront", customer: [&token, &spare], ..Driver::default() }.drive(&shop, &traces).await
}

/// API §1, ID-15: nor a shopper in the account portal.
#[tokio::test]
async fn a_shopper_drives_the_portal() -> anyhow::Result<()> {
    let house = house().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let ask = json!({ "email": "ada.lovelace@example.com" });
    send(house.http.request(Method::POST, "/account/v1/magic-links").json(&ask)).await?.expect(202)?;
    let link = json!({ "token": e2e::mail::link(&house, "ada.lovelace@example.com", "Patron").await? });
    let enter = async || {
        let session = send(house.http.request(Method::POST, "/account/v1/sessions").json(&link)).await?.expect(201)?;
        anyhow::Ok(text(&session, "/token")?.to_owned())
    };
    let (token, spare) = (enter().await?, enter().await?);
    Driver { paths: "^/account", shopper: [&token, &spare], ..Driver::default() }.drive(&shop, &traces).await
}

/// API §1: nor the owner, who may do everything, at the staff's side.
#[tokio::test]
async fn the_owner_drives_the_staff_side() -> anyhow::Result<()> {
    staff_drives("owner").await
}

/// API §1, ID-22: nor a moderator, who may do little.
#[tokio::test]
async fn a_moderator_drives_the_staff_side() -> anyhow::Result<()> {
    staff_drives("moderator").await
}

async fn staff_drives(role: &str) -> anyhow::Result<()> {
    let house = house().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let member = Member::hire(&house, &shop.store.id, role).await?;
    let spare = Member::hire(&house, &shop.store.id, role).await?;
    Driver { paths: "^/admin", staff: [&member.token, &spare.token], ..Driver::default() }.drive(&shop, &traces).await
}
