//! Facebook's access tokens: Facebook itself says whose they are and for which app they were given out.
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    keys::away,
    provider::{Provider, Providers},
    token::Vouched,
};
use crate::Error;

#[derive(Deserialize)]
struct Debug {
    data: Told,
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    app_id: String,
    #[serde(default)]
    is_valid: bool,
    #[serde(default)]
    user_id: String,
}

#[derive(Deserialize)]
struct Me {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

/// Who `token` vouches for. Facebook does not say whether an e-mail address is verified, so it is not.
pub async fn verify(providers: &Providers, token: &str) -> Result<Vouched, Error> {
    let setup = providers.get(Provider::Facebook)?;
    let (graph, secret) = (&providers.graph.0, providers.graph.1.as_ref().ok_or(Error::ProviderUnknown)?);
    for app in &setup.clients {
        let own = format!("{app}|{secret}");
        let query = [("input_token", token), ("access_token", &*own)];
        let told: Debug = ask(providers, &format!("{graph}/debug_token"), &query).await?;
        if told.data.is_valid && told.data.app_id == *app && !told.data.user_id.is_empty() {
            let query = [("fields", "id,name,email"), ("access_token", token)];
            let me: Me = ask(providers, &format!("{graph}/me"), &query).await?;
            if me.id != told.data.user_id {
                return Err(Error::BadToken);
            }
            let email = kit::email::Email::parse(&me.email).ok();
            let (issuer, subject) = (setup.issuer.clone(), me.id);
            return Ok(Vouched { issuer, subject, email, email_verified: false, name: me.name, nonce: None });
        }
    }
    Err(Error::BadToken)
}

/// A refusal of Facebook's is the token's fault; anything else is its own.
async fn ask<T: DeserializeOwned>(providers: &Providers, address: &str, query: &[(&str, &str)]) -> Result<T, Error> {
    let answer = providers.http.get(address).query(query).send().await;
    let answer = answer.map_err(|error| away(&error.without_url().to_string()))?;
    if answer.status().is_client_error() {
        return Err(Error::BadToken);
    }
    let answer = answer.error_for_status().map_err(|error| away(&error.without_url().to_string()))?;
    Ok(answer.json().await.map_err(|error| away(&error.without_url().to_string()))?)
}
