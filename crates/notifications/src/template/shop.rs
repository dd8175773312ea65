//! The store as its messages show it.
use proto::identity::v1::Store;

use super::wording::clean;

/// The store as its messages show it.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Display name.
    pub name: String,
    /// Address of the shop front, http or https; empty without one.
    pub url: String,
}

impl From<&Store> for Shop {
    fn from(store: &Store) -> Self {
        let web = store.url.starts_with("https://") || store.url.starts_with("http://");
        Self { name: clean(&store.name), url: if web { clean(&store.url) } else { String::new() } }
    }
}
