//! What marketing a shopper agreed to, wherever they are known (CU-16). Customers keeps it; identity speaks for them.
use std::collections::BTreeMap;

use kit::{Call, Error as KitError, email::Email, failure::Violation};
use proto::{
    customers::v1::{GetConsentsRequest, SetConsentsRequest, find_shopper_response::Record},
    identity::v1::{Preferences, SetPreferencesRequest},
};

use super::{find, shopper::is_open, stores::list_stores};
use crate::{Error, account::Desk};

/// The channels there are.
const CHANNELS: [&str; 5] = ["email", "sms", "push", "phone", "post"];

async fn records(desk: &Desk, call: &Call, email: &Email) -> Result<Vec<Record>, Error> {
    Ok(find(desk, call, email).await?.into_iter().filter(is_open).collect())
}

/// The preferences, one entry for each customer base.
pub async fn list_preferences(desk: &Desk, call: &Call, email: &Email) -> Result<Vec<Preferences>, Error> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for store in list_stores(desk, call, email).await? {
        names.entry(store.customer).or_default().push(store.name);
    }
    let mut preferences = Vec::new();
    for record in records(desk, call, email).await? {
        let asked = call.trace(GetConsentsRequest { customer: record.customer.clone() });
        let known = desk.consents.clone().get_consents(asked).await?.into_inner().consents;
        preferences.push(Preferences {
            stores: names.remove(&record.customer).unwrap_or_default(),
            consents: known.into_iter().map(|known| (known.channel, known.granted)).collect(),
            customer: record.customer,
        });
    }
    Ok(preferences)
}

/// Records decisions in the record that is named, or in all; somebody else's is not to be found. Repeatable.
pub async fn set_preferences(
    desk: &Desk,
    call: &Call,
    email: &Email,
    request: SetPreferencesRequest,
) -> Result<(), Error> {
    let SetPreferencesRequest { consents, customer } = request;
    if consents.is_empty() || consents.keys().any(|channel| !CHANNELS.contains(&channel.as_str())) {
        let detail = "name channels: email, sms, push, phone or post";
        return Err(KitError::from(Violation::new("/consents", "unknown", detail)).into());
    }
    let mut records = records(desk, call, email).await?;
    records.retain(|record| customer.is_empty() || record.customer == customer);
    if records.is_empty() {
        return Err(Error::CustomerNotFound);
    }
    for record in records {
        let request =
            SetConsentsRequest { customer: record.customer, consents: consents.clone(), source: "portal".to_owned() };
        desk.consents.clone().set_consents(call.trace(request)).await?;
    }
    Ok(())
}
