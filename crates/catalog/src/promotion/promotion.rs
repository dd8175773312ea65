//! An offer or a voucher. Pure.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{OfferId, PromotionId, StoreId, VoucherId},
};
use proto::catalog::v1 as pb;

use super::Terms;

/// What a store takes off its prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// Id.
    pub id: PromotionId,
    /// Whose it is.
    pub store: StoreId,
    /// What it says.
    pub terms: Terms,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Those that come by themselves, or those that come by code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By itself.
    Offer,
    /// By code.
    Voucher,
}

impl Kind {
    /// Reads a kind as the API writes it.
    #[must_use]
    pub fn parse(kind: &str) -> Option<Self> {
        match kind {
            "offer" => Some(Self::Offer),
            "voucher" => Some(Self::Voucher),
            _ => None,
        }
    }

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Voucher => "voucher",
        }
    }
}

impl Promotion {
    /// Which of the two it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        if self.terms.code.is_some() { Kind::Voucher } else { Kind::Offer }
    }

    /// What it is called: `off_…` or `vou_…`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind() {
            Kind::Offer => OfferId::from_uuid(self.id.uuid()).into(),
            Kind::Voucher => VoucherId::from_uuid(self.id.uuid()).into(),
        }
    }

    /// The id of what is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<PromotionId> {
        let offer = name.parse::<OfferId>().map(OfferId::uuid);
        offer.or_else(|_| name.parse::<VoucherId>().map(VoucherId::uuid)).ok().map(PromotionId::from_uuid)
    }
}

impl From<Promotion> for pb::Promotion {
    fn from(promotion: Promotion) -> Self {
        Self {
            id: promotion.name(),
            store: promotion.store.into(),
            terms: Some(promotion.terms.into()),
            version: promotion.version,
            created_at: Some(timestamp(promotion.created_at)),
            updated_at: Some(timestamp(promotion.updated_at)),
        }
    }
}
