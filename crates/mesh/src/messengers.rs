//! Settings of the providers that carry text and push messages.
use std::path::PathBuf;

/// Providers of text and push messages (NO-2); what none of them carries goes to a folder.
#[derive(Clone, Debug, clap::Args)]
pub struct MessengerSettings {
    /// Account at Twilio, or at a provider that speaks as Twilio does, that text messages go through.
    #[arg(long, env = "PATRON_TWILIO_ACCOUNT")]
    pub twilio_account: Option<String>,
    /// Its auth token.
    #[arg(long, env = "PATRON_TWILIO_TOKEN", hide_env_values = true)]
    pub twilio_token: Option<String>,
    /// Sender of text messages: a number, a name, or a messaging service (`MG…`).
    #[arg(long, env = "PATRON_TWILIO_FROM")]
    pub twilio_from: Option<String>,
    /// Where that provider is.
    #[arg(long, env = "PATRON_TWILIO_URL", default_value = "https://api.twilio.com")]
    pub twilio_url: String,
    /// File with the service account (JSON) that push messages go through Firebase with: to Android and browsers, and to
    /// iOS as long as Apple's own service is not set up.
    #[arg(long, env = "PATRON_FCM_ACCOUNT")]
    pub fcm_account: Option<PathBuf>,
    /// Where Firebase Cloud Messaging is.
    #[arg(long, env = "PATRON_FCM_URL", default_value = "https://fcm.googleapis.com")]
    pub fcm_url: String,
    /// File with the signing key (`.p8`) that push messages go through Apple's service with.
    #[arg(long, env = "PATRON_APNS_KEY")]
    pub apns_key: Option<PathBuf>,
    /// Id of that key.
    #[arg(long, env = "PATRON_APNS_KEY_ID")]
    pub apns_key_id: Option<String>,
    /// Id of the team it belongs to.
    #[arg(long, env = "PATRON_APNS_TEAM")]
    pub apns_team: Option<String>,
    /// Bundle id of the app that they are for.
    #[arg(long, env = "PATRON_APNS_TOPIC")]
    pub apns_topic: Option<String>,
    /// Where Apple's service is; `https://api.sandbox.push.apple.com` for apps under development.
    #[arg(long, env = "PATRON_APNS_URL", default_value = "https://api.push.apple.com")]
    pub apns_url: String,
}
