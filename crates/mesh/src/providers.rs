//! Settings of the providers that customers sign in with.

/// Providers that customers sign in with (ID-4); each is off until clients of it are named, separated by commas.
#[derive(Clone, Debug, clap::Args)]
pub struct ProviderSettings {
    /// Client ids at Google that tokens may be meant for.
    #[arg(long, env = "PATRON_GOOGLE_CLIENTS", value_delimiter = ',')]
    pub google_clients: Vec<String>,
    /// Who signs Google's tokens.
    #[arg(long, env = "PATRON_GOOGLE_ISSUER", default_value = "https://accounts.google.com")]
    pub google_issuer: String,
    /// Client ids at Apple: bundle ids and service ids.
    #[arg(long, env = "PATRON_APPLE_CLIENTS", value_delimiter = ',')]
    pub apple_clients: Vec<String>,
    /// Who signs Apple's tokens.
    #[arg(long, env = "PATRON_APPLE_ISSUER", default_value = "https://appleid.apple.com")]
    pub apple_issuer: String,
    /// App ids at Facebook.
    #[arg(long, env = "PATRON_FACEBOOK_CLIENTS", value_delimiter = ',')]
    pub facebook_clients: Vec<String>,
    /// Who signs Facebook's id tokens (Limited Login).
    #[arg(long, env = "PATRON_FACEBOOK_ISSUER", default_value = "https://www.facebook.com")]
    pub facebook_issuer: String,
    /// Where Facebook's access tokens are verified.
    #[arg(long, env = "PATRON_FACEBOOK_GRAPH", default_value = "https://graph.facebook.com")]
    pub facebook_graph: String,
    /// Secret of the app at Facebook; without it only id tokens are taken.
    #[arg(long, env = "PATRON_FACEBOOK_SECRET", hide_env_values = true)]
    pub facebook_secret: Option<String>,
}
