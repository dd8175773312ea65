//! Signing in with both factors.
use std::time::Duration;

use anyhow::{Context, anyhow};
use http::{Request, StatusCode};
use serde_json::json;
use totp_rs::{Algorithm, Builder, Secret};

use super::{House, demo::Staff};

/// How often a code is tried: one that was used already is good for nothing, and the next takes half a minute.
const TRIES: usize = 9;

/// Signs in; answers the session's token.
pub async fn sign_in(house: &mut House, staff: &Staff) -> anyhow::Result<String> {
    let mut tried = Err(anyhow!("nothing was tried"));
    for _ in 0..TRIES {
        tried = try_once(house, staff).await;
        if tried.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    tried.context("the owner cannot sign in")
}

async fn try_once(house: &mut House, staff: &Staff) -> anyhow::Result<String> {
    let body = json!({ "email": staff.email, "password": staff.password });
    let answer = house.json(Request::post("/admin/v1/sessions"), &body, StatusCode::OK).await?;
    let secret = staff.totp_secret.as_deref().context("the owner has no second factor")?;
    let body = json!({ "challenge": answer["challenge"], "code": code(secret)? });
    let session = house.json(Request::post("/admin/v1/sessions/mfa"), &body, StatusCode::CREATED).await?;
    Ok(session["token"].as_str().context("a session without a token")?.to_owned())
}

/// The present code of a secret in base 32.
fn code(secret: &str) -> anyhow::Result<String> {
    let secret = Secret::try_from_base32(secret).map_err(|error| anyhow!("{error:?}"))?;
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
    let totp = totp.with_secret(secret).build().map_err(|error| anyhow!("{error:?}"))?;
    Ok(totp.generate_current().to_string())
}
