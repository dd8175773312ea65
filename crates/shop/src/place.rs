//! Which shop it is the front of.
use std::{fs, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// What the pages are told of their shop, as `/shop.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// Where Patron answers, without a slash at the end.
    pub api: String,
    /// The shop's publishable key.
    pub key: String,
    /// Where messages to customers end up, which somebody who tries things has to read.
    pub mail: String,
}

/// As `patron seed --demo` describes a demo.
#[derive(Deserialize)]
struct Demo {
    base_url: String,
    stores: Vec<Store>,
    mail_dir: String,
}

#[derive(Deserialize)]
struct Store {
    key: String,
}

impl Place {
    /// The first store of the demo that `file` describes.
    pub fn of_demo(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let demo: Demo = serde_json::from_str(&text).with_context(|| format!("{} is no demo", file.display()))?;
        let store = demo.stores.into_iter().next().context("the demo has no store")?;
        Ok(Self { api: demo.base_url, key: store.key, mail: demo.mail_dir })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_says_where_and_with_which_key() -> anyhow::Result<()> {
        let file = std::env::temp_dir().join(format!("shop-demo-{}.json", std::process::id()));
        let demo = r#"{"base_url": "http://127.0.0.1:8080", "stores": [{"key": "store_a"}, {"key": "store_b"}],
            "mail_dir": "/p/mail", "staff": []}"#;
        fs::write(&file, demo)?;
        let place = Place::of_demo(&file)?;
        assert_eq!((&*place.api, &*place.key, &*place.mail), ("http://127.0.0.1:8080", "store_a", "/p/mail"));
        fs::write(&file, r#"{"base_url": "", "stores": [], "mail_dir": ""}"#)?;
        assert!(Place::of_demo(&file).is_err_and(|error| error.to_string().contains("no store")));
        fs::remove_file(&file)?;
        assert!(Place::of_demo(&file).is_err());
        Ok(())
    }
}
