//! Passes to bytes: whoever has one reads these bytes for an hour. Whether they may, was decided when it was given.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{ids::StoreId, secret::Secrets};
use uuid::Uuid;

use super::{ProductFile, product_file::place};

/// How long a pass is good: as long as a slow reader takes.
pub const GOOD: TimeDelta = TimeDelta::hours(1);
const PURPOSE: &str = "catalog product file pass";

/// Bytes that may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Where they lie.
    pub place: String,
    /// How many they are.
    pub size: i64,
}

/// A pass to the bytes of `file`, given at `now`.
#[must_use]
pub fn write(secrets: &Secrets, file: &ProductFile, now: DateTime<Utc>) -> String {
    let until = (now + GOOD).timestamp();
    let text = format!("{}.{}.{}.{until}", file.store.uuid().simple(), file.bytes.simple(), file.size);
    let signature = hex::encode(secrets.keyed_hash(PURPOSE, text.as_bytes()));
    format!("{text}.{signature}")
}

/// What `pass` is good for at `now`; `None` when it is no pass, or not any more.
#[must_use]
pub fn read(secrets: &Secrets, pass: &str, now: DateTime<Utc>) -> Option<Pass> {
    let (text, signature) = pass.rsplit_once('.')?;
    if !secrets.is_keyed_hash(PURPOSE, text.as_bytes(), &hex::decode(signature).ok()?) {
        return None;
    }
    let mut parts = text.split('.');
    let mut next = || parts.next();
    let (store, bytes) = (next()?.parse::<Uuid>().ok()?, next()?.parse::<Uuid>().ok()?);
    let (size, until) = (next()?.parse().ok()?, next()?.parse::<i64>().ok()?);
    (now.timestamp() < until).then(|| Pass { place: place(StoreId::from_uuid(store), bytes), size })
}

#[cfg(test)]
mod tests {
    use kit::ids::{ProductFileId, ProductId};

    use super::{super::Role, *};

    /// CA-1: a pass is good for the bytes it was given for, for an hour; nothing of it can be changed.
    #[test]
    fn a_pass_is_good_for_some_bytes_for_an_hour() {
        let secrets = Secrets::parse(&"00112233445566778899aabbccddeeff".repeat(2)).expect("a secret");
        let now = DateTime::UNIX_EPOCH;
        let id = ProductFileId::new(now);
        let file = ProductFile {
            store: StoreId::new(now),
            id,
            product: ProductId::new(now),
            role: Role::File,
            position: 1,
            name: "a.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            size: 7,
            digest: vec![0; 32],
            bytes: id.uuid(),
            created_at: now,
            updated_at: now,
        };
        let pass = write(&secrets, &file, now);
        let good = Pass { place: place(file.store, file.bytes), size: 7 };
        let almost = now + GOOD - TimeDelta::seconds(1);
        assert_eq!(read(&secrets, &pass, almost), Some(good));
        assert_eq!(read(&secrets, &pass, now + GOOD), None);
        for wrong in [pass.replacen(".7.", ".8.", 1), pass.replace(".3600.", ".9999."), String::new(), ".".to_owned()] {
            assert_eq!(read(&secrets, &wrong, now), None, "{wrong}");
        }
    }
}
