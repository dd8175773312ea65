//! What is needed to load one house: where it is, who is let in, and what there is to ask for.
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Written by `load prepare`, read by `load run`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Access {
    /// Where the gateway answers, such as `http://127.0.0.1:8080`.
    pub base_url: String,
    /// The house's PostgreSQL; only to see whether all events are out.
    pub database_url: String,
    /// The house's broker; only to see whether all events are applied.
    pub nats_url: String,
    /// The store, `sto_…`.
    pub store: String,
    /// Its publishable key.
    pub store_key: String,
    /// A session of its owner.
    pub staff_token: String,
    /// Products that can be bought.
    pub products: Vec<String>,
    /// Some thousand customers from all over the store's time.
    pub customers: Vec<String>,
    /// Names as these have them. Whoever buys has one, too, so that searches find as many afterwards as before.
    #[serde(default)]
    pub names: Vec<String>,
    /// Beginnings of names, each found at about one customer in forty.
    pub name_starts: Vec<String>,
    /// Parts of e-mail addresses, each found at few customers.
    pub email_parts: Vec<String>,
    /// Keys of integrations that see who customers are, whose readings are recorded.
    #[serde(default)]
    pub seeing_keys: Vec<String>,
    /// As many that see them masked.
    #[serde(default)]
    pub blind_keys: Vec<String>,
    /// Customers with a password.
    pub accounts: Vec<Account>,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Account {
    /// E-mail address.
    pub identity: String,
    /// The password.
    pub password: String,
}

impl Access {
    /// Reads what was written before.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        serde_json::from_str(&text).with_context(|| format!("{} is not understood: prepare anew", file.display()))
    }

    /// Writes it for nobody else to read: credentials are in it.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        Ok(())
    }
}
