//! What says who somebody is.
use anyhow::ensure;
use serde_json::Value;

use crate::street::PERSONAL;

/// Passes when nothing in `body` says who the customer of the street is, who is asked about by somebody from elsewhere.
pub fn leaks(body: &Value) -> anyhow::Result<()> {
    let text = body.to_string();
    for part in PERSONAL.iter().filter(|part| !part.starts_with("127.")) {
        ensure!(!text.contains(part), "“{part}” is in {text}");
    }
    Ok(())
}

/// Passes when nothing in `body` says who anybody is, addresses of the network among it.
pub fn hides(body: &Value) -> anyhow::Result<()> {
    // Where the house itself answers, which stands in the addresses of pictures, says nothing of anybody.
    let text = body.to_string().replace("://127.0.0.1", "://");
    for part in PERSONAL {
        ensure!(!text.contains(part), "“{part}” is in {text}");
    }
    Ok(())
}
