//! The providers there are, as the installation is set up.
use std::time::Duration;

use kit::{clock::Clock, failure::Violation, settings::ProviderSettings};

use super::keys::Keys;
use crate::Error;

/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Google.
    Google,
    /// Apple.
    Apple,
    /// Facebook.
    Facebook,
}

impl Provider {
    /// Reads its name.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let known = [Self::Google, Self::Apple, Self::Facebook].into_iter().find(|provider| provider.slug() == text);
        known.ok_or_else(|| Violation::new("/provider", "unknown", "the provider is google, apple or facebook"))
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Apple => "apple",
            Self::Facebook => "facebook",
        }
    }
}

/// A provider as it is set up.
#[derive(Clone)]
pub struct Setup {
    /// Who signs its tokens.
    pub issuer: String,
    /// Whom they may be meant for.
    pub clients: Vec<String>,
    /// Its published keys.
    pub keys: Keys,
}

/// The providers of an installation. Clones share the keys.
#[derive(Clone)]
pub struct Providers {
    google: Setup,
    apple: Setup,
    facebook: Setup,
    /// Verifies Facebook's access tokens: where, and with which secret.
    pub(super) graph: (String, Option<String>),
    pub(super) http: reqwest::Client,
}

impl Providers {
    /// As `settings` have them.
    pub fn new(settings: &ProviderSettings, clock: &Clock) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        let setup = |issuer: &str, clients: &[String]| {
            let issuer = issuer.trim_end_matches('/').to_owned();
            let keys = Keys::new(&issuer, http.clone(), clock.clone());
            Setup { issuer, clients: clients.iter().map(|client| client.trim().to_owned()).collect(), keys }
        };
        Ok(Self {
            google: setup(&settings.google_issuer, &settings.google_clients),
            apple: setup(&settings.apple_issuer, &settings.apple_clients),
            facebook: setup(&settings.facebook_issuer, &settings.facebook_clients),
            graph: (settings.facebook_graph.trim_end_matches('/').to_owned(), settings.facebook_secret.clone()),
            http,
        })
    }

    /// The provider that signs as `issuer`.
    #[must_use]
    pub fn of_issuer(&self, issuer: &str) -> Option<Provider> {
        let all =
            [(Provider::Google, &self.google), (Provider::Apple, &self.apple), (Provider::Facebook, &self.facebook)];
        all.into_iter().find(|(_, setup)| setup.issuer == issuer).map(|(provider, _)| provider)
    }

    /// How `provider` is set up; an error while no client of it is.
    pub fn get(&self, provider: Provider) -> Result<&Setup, Error> {
        let setup = match provider {
            Provider::Google => &self.google,
            Provider::Apple => &self.apple,
            Provider::Facebook => &self.facebook,
        };
        if setup.clients.is_empty() { Err(Error::ProviderUnknown) } else { Ok(setup) }
    }
}
