//! Chromium, driven by chromedriver.
use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context;
use e2e::eventually;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use testing::broker::free_port;

/// A browser window. Its processes end when it is dropped.
pub struct Browser {
    client: Client,
    base: String,
    driver: Driver,
}

struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Browser {
    /// A window of `width` and `height` that visits pages below `base`; `None` where no browser is installed, which
    /// `cargo xtask test` says at its end.
    pub async fn open(base: &str, (width, height): (u32, u32)) -> anyhow::Result<Option<Self>> {
        let tools = (std::env::var("PATRON_TEST_CHROMIUM"), std::env::var("PATRON_TEST_CHROMEDRIVER"));
        let (Ok(chromium), Ok(chromedriver)) = tools else {
            eprintln!("the browser test did NOT run: there is no chromium with chromedriver here");
            return Ok(None);
        };
        let port = free_port()?;
        let mut command = Command::new(chromedriver);
        let child = command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let driver = Driver(child);
        let size = format!("--window-size={width},{height}");
        // Without motion, because a click on what is still scrolling goes astray.
        let calm = "--force-prefers-reduced-motion";
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", calm, &size];
        let options = json!({ "binary": chromium, "args": arguments });
        let capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect::<serde_json::Map<_, _>>();
        let url = format!("http://127.0.0.1:{port}");
        let client = eventually("chromedriver answers", || async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            Ok(Some(builder.connect(&url).await?))
        })
        .await?;
        Ok(Some(Self { client, base: base.to_owned(), driver }))
    }

    /// Goes to `path`.
    pub async fn go(&self, path: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(&format!("{}{path}", self.base)).await?)
    }

    /// Types `text` into the field that `selector` names.
    pub async fn fill(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(selector).await?;
        Ok(field.send_keys(text).await?)
    }

    /// Clicks what `selector` names.
    pub async fn click(&self, selector: &str) -> anyhow::Result<()> {
        Ok(self.find(selector).await?.click().await?)
    }

    async fn find(&self, selector: &str) -> anyhow::Result<fantoccini::elements::Element> {
        let patient = self.client.wait().at_most(Duration::from_secs(30));
        patient.for_element(Locator::Css(selector)).await.with_context(|| format!("there is no {selector}"))
    }

    /// Waits until there is what `selector` names.
    pub async fn find_shown(&self, selector: &str) -> anyhow::Result<()> {
        self.find(selector).await.map(drop)
    }

    /// Makes the window another size.
    pub async fn resize(&self, (width, height): (u32, u32)) -> anyhow::Result<()> {
        Ok(self.client.set_window_size(width, height).await?)
    }

    /// Keeps a picture of the page, when somebody asked for it.
    pub async fn picture(&self, name: &str) -> anyhow::Result<()> {
        let Ok(folder) = std::env::var("PATRON_TEST_PICTURES") else { return Ok(()) };
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(format!("{folder}/{name}.png"), self.client.screenshot().await?)?)
    }

    /// Passes when nothing of the page is wider than the window; keeps a picture of it.
    pub async fn fits(&self, name: &str) -> anyhow::Result<()> {
        self.picture(name).await?;
        let fits = "const wide = [document.documentElement.scrollWidth, window.innerWidth];
                    return [wide[0] <= wide[1], ...wide]";
        let fits = self.ask(fits).await?;
        anyhow::ensure!(fits[0] == true, "{name} is wider than the window: {fits}");
        Ok(())
    }

    /// Waits until the page at `path`, or one below it where it ends with a slash, shows each of `texts`; answers all that
    /// it shows.
    pub async fn sees(&self, path: &str, texts: &[&str]) -> anyhow::Result<String> {
        eventually(&format!("{path} shows {texts:?}"), || async {
            let url = self.client.current_url().await?;
            let shown = self.text().await?;
            let is_there = url.path() == path || path.ends_with('/') && url.path().starts_with(path);
            anyhow::ensure!(is_there && texts.iter().all(|text| shown.contains(text)), "{url}: {shown}");
            Ok(Some(shown))
        })
        .await
    }

    /// What the page shows.
    pub async fn text(&self) -> anyhow::Result<String> {
        let text = self.ask("return document.body.innerText").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// What a script answers.
    pub async fn ask(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Closes the window.
    pub async fn close(self) -> anyhow::Result<()> {
        self.client.close().await?;
        drop(self.driver);
        Ok(())
    }
}
