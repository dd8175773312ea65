//! A file of a product. Pure.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    audit::json,
    clock::timestamp,
    failure::Violation,
    ids::{ProductFileId, ProductId, StoreId},
};
use proto::catalog::v1 as pb;
use uuid::Uuid;

use crate::product::product::IMAGES;

/// Longest file, in bytes.
pub const LARGEST: usize = 25 * 1024 * 1024;
/// Most room that the files of a store take, in bytes.
pub const ROOM: i64 = 10 * 1024 * 1024 * 1024;
/// How long bytes that nobody owns stay: longer than they take to be written, and than a pass to them is good.
pub const LOOSE: TimeDelta = TimeDelta::hours(2);

/// A file of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFile {
    pub(crate) store: StoreId,
    pub(crate) id: ProductFileId,
    pub(crate) product: ProductId,
    pub(crate) role: Role,
    /// Among those of its role, 1 first.
    pub(crate) position: i32,
    pub(crate) name: String,
    pub(crate) media_type: String,
    /// In bytes.
    pub(crate) size: i64,
    /// SHA-256 of the bytes.
    pub(crate) digest: Vec<u8>,
    /// Where they lie.
    pub(crate) bytes: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is sold.
    File,
    /// It is shown.
    Image,
}

impl Role {
    /// Reads what the API writes.
    pub fn parse(slug: &str) -> Result<Self, Violation> {
        match slug {
            "file" => Ok(Self::File),
            "image" => Ok(Self::Image),
            _ => Err(Violation::new("/role", "unknown", "role is file or image")),
        }
    }

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Image => "image",
        }
    }

    /// How many of these a product has at most.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::File => 50,
            Self::Image => IMAGES,
        }
    }
}

/// Where bytes of a store lie.
#[must_use]
pub fn place(store: StoreId, bytes: Uuid) -> String {
    format!("products/{}/{bytes}", store.uuid())
}

impl ProductFile {
    /// Where anybody sees an image, on a house at `public`: an address of these bytes, which never change there.
    #[must_use]
    pub fn url(&self, public: &str) -> String {
        format!("{public}/files/images/{}?v={}", self.id, hex::encode(&self.digest[..4]))
    }

    /// As the audit tells of it.
    #[must_use]
    pub fn audited(&self) -> serde_json::Value {
        json!({
            "file": self.id.to_string(), "role": self.role.slug(), "name": self.name, "type": self.media_type,
            "size": self.size, "position": self.position, "digest": hex::encode(&self.digest),
        })
    }

    /// As the API shows it.
    #[must_use]
    pub fn told(self, public: &str) -> pb::ProductFile {
        let url = if self.role == Role::Image { self.url(public) } else { String::new() };
        pb::ProductFile {
            id: self.id.into(),
            product: self.product.into(),
            role: self.role.slug().to_owned(),
            position: u32::try_from(self.position).unwrap_or_default(),
            name: self.name,
            media_type: self.media_type,
            size: self.size,
            digest: hex::encode(self.digest),
            url,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
        }
    }
}
