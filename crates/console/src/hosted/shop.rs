//! The shop that a hosted page is about, and why there is no page.
use kit::failure::{Code, Told};
use tonic::Status;

use crate::{console::Console, problem::Problem};

/// The shop, as far as it can be told just now: pages work without.
#[derive(Default)]
pub struct Shop {
    /// Display name; empty when unknown.
    pub name: String,
    /// Address of the shop front; empty when it has none.
    pub url: String,
}

impl Shop {
    /// The shop with this `id`.
    pub async fn find(console: &Console, id: &str) -> Self {
        let Ok(id) = id.parse() else { return Self::default() };
        let Ok(store) = console.stores.get(id).await else { return Self::default() };
        let is_page = store.url.starts_with("https://") || store.url.starts_with("http://");
        Self { name: store.name.clone(), url: if is_page { store.url.clone() } else { String::new() } }
    }
}

/// Why there is no page. A shopper is told in a shopper's words.
pub fn refusal(status: Status) -> Problem {
    if Told::read(&status).code == Code::NotFound { Problem::no_page() } else { status.into() }
}
