//! Hands a photo in, in place of the one there was.
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use files::{Files, Kind};
use kit::{Call, Db, Tx, audit::Entry, failure::Violation, ids::PhotoId};

use super::{Photo, photo::place, store};
use crate::{
    Error,
    customer::{Customer, Scope, register::save, store as customers},
    key::Keys,
    loose_file::store as loose,
    record::told::{record, told},
};

/// Largest photo, in bytes.
pub const LARGEST: usize = 5 * 1024 * 1024;
/// How long bytes may take to become a photo.
const PATIENCE: TimeDelta = TimeDelta::hours(1);
/// Pictures that every browser shows.
const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// A photo that may be handed in.
#[derive(Debug)]
pub struct NewPhoto {
    kind: &'static Kind,
    data: Bytes,
    now: DateTime<Utc>,
}

impl NewPhoto {
    /// Reads what was handed in: its bytes say whether it is a picture.
    pub fn parse(data: Bytes, now: DateTime<Utc>) -> Result<Self, Error> {
        if data.is_empty() {
            return Err(Violation::new("/file", "required", "this file is empty").into());
        }
        if data.len() > LARGEST {
            return Err(Violation::new("/file", "too_long", "at most 5 MiB").into());
        }
        let kind = Kind::of(&data, "").filter(|kind| SHOWN.contains(&kind.media_type));
        Ok(Self { kind: kind.ok_or(Error::FileTypeRefused)?, data, now })
    }

    /// Writes its bytes, sealed for `customer`, where they belong to nobody yet.
    pub async fn keep(self, (db, files): (&Db, &Files), keys: &Keys, customer: &Customer) -> Result<Photo, Error> {
        let id = PhotoId::new(self.now);
        let at = place(customer.realm, id);
        let mut tx = db.begin_own().await?;
        let key = keys.key(&mut tx, (customer.realm, customer.id), self.now).await?.ok_or(Error::CustomerNotFound)?;
        loose::expect(&mut tx, &at, self.now + PATIENCE).await?;
        tx.commit().await?;
        let mut sealing = files.begin_sealed(&at, key)?;
        sealing.add(&self.data).await?;
        let size = sealing.end().await?;
        Ok(Photo {
            realm: customer.realm,
            id,
            customer: customer.id,
            media_type: self.kind.media_type.to_owned(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            sealed_for: customer.id,
            created_at: self.now,
        })
    }
}

/// The customer with `photo`, which is at `address`, if the version is the one that `call` names.
pub async fn put_photo(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    scope: Scope,
    (photo, address): (&Photo, &str),
) -> Result<Customer, Error> {
    let customer = customers::lock_in(tx, scope, photo.customer).await?.ok_or(Error::CustomerNotFound)?;
    if !loose::take(tx, &[place(photo.realm, photo.id)]).await? {
        return Err(kit::Error::Internal("a photo took too long".to_owned()).into());
    }
    store::insert(tx, &Photo { customer: customer.id, ..photo.clone() }).await?;
    show(tx, (call, keys), customer, (address, photo.created_at)).await
}

/// Has `customer` show the photo at `address`; the one there was goes.
pub(super) async fn show(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    mut customer: Customer,
    (address, now): (&str, DateTime<Utc>),
) -> Result<Customer, Error> {
    call.check_version(customer.version)?;
    let before = told(&customer);
    let fields = customer.show_photo(address, now);
    save(tx, &customer, &fields).await?;
    if !fields.is_empty() {
        let entry = Entry::new("customer.updated", ("customer", customer.id), now);
        record(tx, (call, keys), &customer, entry.changed(before, told(&customer))).await?;
    }
    Ok(customer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(data: &[u8]) -> Result<NewPhoto, Error> {
        NewPhoto::parse(Bytes::copy_from_slice(data), DateTime::UNIX_EPOCH)
    }

    /// CU-4: a photo is a picture by what it holds, and no larger than it may be.
    #[test]
    fn a_photo_is_a_picture() {
        for picture in [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
            b"\xff\xd8\xff\xe0\0\x10JFIF",
            b"GIF89a\x01\0",
            b"RIFF\x24\0\0\0WEBPVP8 ",
        ] {
            assert!(parse(picture).is_ok());
        }
        for other in [&b"%PDF-1.7\n"[..], b"<svg/>", b"hello", b"PK\x03\x04\x14\0\0\0\0\0"] {
            assert!(matches!(parse(other), Err(Error::FileTypeRefused)));
        }
        let mut large = b"GIF89a".to_vec();
        large.resize(LARGEST, 0);
        assert!(parse(&large).is_ok());
        large.push(0);
        assert!(parse(&large).is_err() && parse(b"").is_err());
    }
}
