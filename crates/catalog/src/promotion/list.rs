//! Which offers or vouchers a list shows.
use kit::{failure::Violation, ids::StoreId};
use proto::catalog::v1 as pb;

use super::promotion::Kind;
use crate::{Error, product};

/// Which.
#[derive(Clone, Debug)]
pub struct Query {
    /// Whose.
    pub store: StoreId,
    /// Offers or vouchers.
    pub kind: Kind,
    /// Part of a name or code; empty for all.
    pub text: String,
}

impl Query {
    /// Reads a request about the promotions of `store`.
    pub fn parse(request: &pb::ListPromotionsRequest, store: StoreId) -> Result<Self, Error> {
        let kind = Kind::parse(&request.kind);
        let kind = kind.ok_or_else(|| Violation::new("/kind", "unknown", "kind is offer or voucher"))?;
        Ok(Self { store, kind, text: product::list::Query::text(&request.query)? })
    }

    /// Everything the list depends on, for its cursors.
    #[must_use]
    pub fn context(&self) -> String {
        format!("promotions {} {} {}", self.store, self.kind.slug(), self.text)
    }
}
