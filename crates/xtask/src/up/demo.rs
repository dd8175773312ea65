//! The demo as `patron seed` describes it, and what a newcomer is told about it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

/// `.patron/demo.json`, read for its contents to be shown.
#[derive(Debug, Deserialize)]
pub struct Demo {
    stores: Vec<Store>,
    network: Network,
    staff: Vec<Staff>,
    mail_dir: String,
    sms_dir: String,
    push_dir: String,
}

#[derive(Debug, Deserialize)]
struct Store {
    name: String,
    key: String,
}

#[derive(Debug, Deserialize)]
struct Network {
    key: String,
}

#[derive(Debug, Deserialize)]
struct Staff {
    role: String,
    email: String,
    password: String,
    totp_secret: Option<String>,
}

impl Demo {
    /// Reads the file. It was written when the demo was made; should the house answer elsewhere
    /// now, the address in it is put right.
    pub fn read(file: &Path, base_url: &str) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| {
            format!("{} is gone, and with it the passwords of the demo; start afresh with --reset", file.display())
        })?;
        let mut value: Value = serde_json::from_str(&text).context("the demo is not understood")?;
        if value["base_url"] != base_url {
            value["base_url"] = base_url.into();
            fs::write(file, serde_json::to_string_pretty(&value)? + "\n")?;
        }
        serde_json::from_value(value).context("the demo is not understood")
    }

    /// All a newcomer needs for a first look.
    pub fn welcome(&self, base_url: &str, shop: &str) -> String {
        let first = self.stores.first().map_or("", |store| &store.key);
        format!(
            "\nPatron is up.\n\n  \
             API      {base_url}\n  \
             docs     {base_url}/docs\n  \
             console  {base_url}/console\n  \
             shop     {shop}\n\n\
             Try\n\n  curl -H 'Authorization: Bearer {first}' {base_url}/storefront/v1/products\n\n\
             Keys\n\n{keys}\n\
             Staff (role, e-mail, password, TOTP secret)\n\n{staff}\n\
             Messages are written to {mail}, {sms} and {push}.\n\
             This demo is for one person trying things: requests are not limited, sign-ins to 30 a minute,\n\
             registrations and codes to 200 an hour, unless PATRON_RATE_LIMIT, PATRON_LOGIN_BURST,\n\
             PATRON_LOGIN_RATE, PATRON_MESSAGE_BURST, PATRON_MESSAGE_RATE or PATRON_REGISTRATION_RATE say otherwise.\n\
             By default one address has 10 tries, then 5 a minute, 3 codes, then one an hour, and 5 registrations.\n\
             Ctrl-C stops everything; the data stays for the next time.\n",
            keys = self.keys(),
            staff = self.staff(),
            mail = self.mail_dir,
            sms = self.sms_dir,
            push = self.push_dir,
        )
    }

    fn keys(&self) -> String {
        let network = ("network", &self.network.key);
        let keys: Vec<_> = self.stores.iter().map(|store| (store.name.as_str(), &store.key)).chain([network]).collect();
        let width = keys.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        keys.iter().fold(String::new(), |text, (name, key)| text + &format!("  {name:width$}  {key}\n"))
    }

    fn staff(&self) -> String {
        let email = self.staff.iter().map(|staff| staff.email.len()).max().unwrap_or(0);
        let password = self.staff.iter().map(|staff| staff.password.len()).max().unwrap_or(0);
        self.staff.iter().fold(String::new(), |text, staff| {
            let Staff { role, email: address, password: word, totp_secret } = staff;
            let totp = totp_secret.as_deref().unwrap_or("none");
            text + &format!("  {role:16}  {address:email$}  {word:password$}  {totp}\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    const DEMO: &str = r#"{
        "base_url": "http://127.0.0.1:8080",
        "stores": [{"id": "store_1", "name": "Tea & Co", "key": "store_abc"},
                   {"id": "store_2", "name": "Books", "key": "store_def"}],
        "network": {"id": "network_1", "key": "network_xyz", "stores": []},
        "staff": [{"role": "owner", "email": "owner@demo.test", "password": "pw", "totp_secret": "JBSW"},
                  {"role": "moderator", "email": "moderator@demo.test", "password": "pw", "totp_secret": null}],
        "mail_dir": "/p/mail", "sms_dir": "/p/sms", "push_dir": "/p/push"}"#;

    #[test]
    fn the_welcome_names_what_a_newcomer_needs() {
        let demo: Demo = serde_json::from_str(DEMO).unwrap();
        let text = demo.welcome("http://127.0.0.1:8090", "http://127.0.0.1:8070");
        for part in [
            "curl -H 'Authorization: Bearer store_abc' http://127.0.0.1:8090/storefront/v1/products",
            "http://127.0.0.1:8090/docs",
            "http://127.0.0.1:8090/console",
            "http://127.0.0.1:8070",
            "store_def",
            "network_xyz",
            "owner@demo.test",
            "JBSW",
            "/p/mail, /p/sms and /p/push",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }

    #[test]
    fn the_address_follows_the_house() {
        let file = env::temp_dir().join(format!("xtask-demo-{}.json", std::process::id()));
        fs::write(&file, DEMO).unwrap();
        Demo::read(&file, "http://127.0.0.1:8090").unwrap();
        let value: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(value["base_url"], "http://127.0.0.1:8090");
        assert_eq!(value["stores"][0]["id"], "store_1");
        fs::remove_file(file).unwrap();
    }
}
