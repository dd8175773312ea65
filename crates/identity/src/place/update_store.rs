//! Changing a store.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    email::Email,
    failure::Violation,
    ids::StoreId,
};
use proto::identity::v1::UpdateStoreRequest;

use super::store::{self, Versioned};
use crate::{
    Error, input,
    shop::{self, Store, shop as fields},
};

/// What of a store is to change.
#[derive(Debug)]
pub struct Change {
    name: Option<String>,
    timezone: Option<String>,
    country: Option<String>,
    mail_from: Option<String>,
    url: Option<String>,
}

impl Change {
    /// Reads a request, or tells all its faults.
    pub fn parse(request: &UpdateStoreRequest) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let UpdateStoreRequest { name, timezone, country, mail_from, url, .. } = request;
        let name = faults.take(name.as_deref().map(|text| input::text("/name", text, 120)).transpose());
        let timezone = faults.take(timezone.as_deref().map(|text| input::text("/timezone", text, 60)).transpose());
        let country = faults.take(country.as_deref().map(fields::country).transpose());
        let mail = mail_from.as_deref().map(|text| input::email("/mail_from", text)).transpose();
        let mail_from = faults.take(mail).map(|mail| mail.as_ref().map(|mail| Email::entered(mail).to_owned()));
        let url = faults.take(url.as_deref().map(fields::url).transpose());
        match (name, timezone, country, mail_from, url) {
            (Some(name), Some(timezone), Some(country), Some(mail_from), Some(url)) => {
                Ok(Self { name, timezone, country, mail_from, url })
            }
            _ => Err(faults.into()),
        }
    }

    fn apply(self, store: &mut Store) {
        let put = |field: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *field = value;
            }
        };
        put(&mut store.name, self.name);
        put(&mut store.timezone, self.timezone);
        put(&mut store.country, self.country);
        put(&mut store.mail_from, self.mail_from);
        put(&mut store.url, self.url);
    }
}

fn audited(store: &Store) -> serde_json::Value {
    json!({
        "name": store.name, "timezone": store.timezone, "country": store.country, "mail_from": store.mail_from,
        "url": store.url,
    })
}

/// Changes a store, if it is at the version that `call` expects.
pub async fn update_store(
    tx: &mut Tx,
    (id, change): (StoreId, Change),
    call: &Call,
    now: DateTime<Utc>,
) -> Result<Versioned<Store>, Error> {
    let Versioned { thing: mut store, version } = store::lock_store(tx, id).await?.ok_or(Error::StoreNotFound)?;
    call.check_version(version)?;
    let (before, version) = (audited(&store), version + 1);
    change.apply(&mut store);
    if !shop::store::is_timezone(&mut **tx, &store.timezone).await? {
        return Err(Violation::new("/timezone", "unknown", "this is no time zone of the IANA database").into());
    }
    store::save_store(tx, &store, version).await?;
    audit::record(tx, call, Entry::new("store.updated", ("store", id), now).changed(before, audited(&store)))?;
    Ok(Versioned { thing: store, version })
}
