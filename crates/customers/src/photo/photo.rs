//! A photo, and the link that shows it.
use chrono::{DateTime, Utc};
use kit::{
    ids::{CustomerId, PhotoId, RealmId},
    secret::Secrets,
};

use crate::customer::Customer;

/// What signatures of links are made for.
const PURPOSE: &str = "customers photo link";

/// A photo.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Photo {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: PhotoId,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    pub(crate) media_type: String,
    /// In bytes.
    pub(crate) size: i64,
    /// Whose key opens it, whoever that record has become since (CU-13).
    pub(crate) sealed_for: CustomerId,
    pub(crate) created_at: DateTime<Utc>,
}

/// Where the bytes of a photo lie.
#[must_use]
pub fn place(realm: RealmId, id: PhotoId) -> String {
    format!("photos/{}/{}", realm.uuid(), id.uuid())
}

/// The address of the photo `id` on the house at `public`. Nobody guesses it: whoever has it, has it from the record.
#[must_use]
pub fn link(secrets: &Secrets, public: &str, id: PhotoId) -> String {
    let signature = hex::encode(secrets.keyed_hash(PURPOSE, id.uuid().as_bytes()));
    format!("{public}/files/photos/{id}?signature={signature}")
}

/// Whether `signature` was made here for this photo.
#[must_use]
pub fn is_good(secrets: &Secrets, id: PhotoId, signature: &str) -> bool {
    hex::decode(signature).is_ok_and(|hash| secrets.is_keyed_hash(PURPOSE, id.uuid().as_bytes(), &hash))
}

impl Customer {
    /// Shows the photo at `address`, or none; the names of the fields that changed.
    pub fn show_photo(&mut self, address: &str, now: DateTime<Utc>) -> Vec<&'static str> {
        if self.photo_url == address {
            return Vec::new();
        }
        address.clone_into(&mut self.photo_url);
        self.touch(now);
        vec!["photo_url"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-4, ID-23: a link shows one photo; nothing of it can be changed or made up.
    #[test]
    fn a_link_shows_one_photo() {
        let secrets = Secrets::parse(&"00112233445566778899aabbccddeeff".repeat(2)).expect("a secret");
        let (one, other) = (PhotoId::new(DateTime::UNIX_EPOCH), PhotoId::new(DateTime::UNIX_EPOCH));
        let link = link(&secrets, "https://x.example", one);
        let signature = link.rsplit_once('=').expect("a signature").1;
        assert!(link.starts_with(&format!("https://x.example/files/photos/{one}?")));
        assert!(is_good(&secrets, one, signature) && !is_good(&secrets, other, signature));
        assert!(["", "00", "zz", &signature[2..]].iter().all(|wrong| !is_good(&secrets, one, wrong)));
    }
}
