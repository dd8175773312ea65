//! Keys of integrations that read customers: some see who they are, some do not.
use anyhow::Context;
use http::{Request, StatusCode, header};
use serde_json::json;

use super::House;

/// How many of each kind: with that many readers most readings of the sample are the first of their minute.
const KEYS: usize = 12;

/// Makes them; answers their secrets, those that see first.
pub async fn make(house: &mut House, token: &str, store: &str) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let seeing = some(house, (token, store), &["customers.read", "customers.pii"]).await?;
    Ok((seeing, some(house, (token, store), &["customers.read"]).await?))
}

async fn some(house: &mut House, (token, store): (&str, &str), permissions: &[&str]) -> anyhow::Result<Vec<String>> {
    let mut secrets = Vec::with_capacity(KEYS);
    for _ in 0..KEYS {
        let request = Request::post("/admin/v1/api-keys").header("patron-store", store);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let body = json!({ "name": "Load", "permissions": permissions });
        let key = house.json(request, &body, StatusCode::CREATED).await?;
        secrets.push(key["secret"].as_str().context("a key without a secret")?.to_owned());
    }
    Ok(secrets)
}
