//! Changing a network.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    ids::NetworkId,
};
use proto::identity::v1::UpdateNetworkRequest;

use super::store::{self, Versioned};
use crate::{Error, input, network::network::Network};

fn audited(network: &Network) -> serde_json::Value {
    json!({ "name": network.name, "reviews_enabled": network.reviews_enabled })
}

/// Changes a network, if it is at the version that `call` expects.
pub async fn update_network(
    tx: &mut Tx,
    (id, request): (NetworkId, &UpdateNetworkRequest),
    call: &Call,
    now: DateTime<Utc>,
) -> Result<Versioned<Network>, Error> {
    let name = request.name.as_deref().map(|name| input::text("/name", name, 120)).transpose()?;
    let found = store::lock_network(tx, id).await?.ok_or(Error::NetworkNotFound)?;
    let Versioned { thing: mut network, version } = found;
    call.check_version(version)?;
    let (before, version) = (audited(&network), version + 1);
    network.name = name.unwrap_or(network.name);
    network.reviews_enabled = request.reviews_enabled.unwrap_or(network.reviews_enabled);
    store::save_network(tx, &network, version).await?;
    let entry = Entry::new("network.updated", ("network", id), now).changed(before, audited(&network));
    // Whoever works elsewhere just now changes it as one of the network.
    let is_elsewhere = call.actor()?.realm != Some(network.realm());
    audit::record(tx, call, if is_elsewhere { entry.within(network.realm(), None) } else { entry })?;
    Ok(Versioned { thing: network, version })
}
