//! A voucher as an order uses it.
use kit::ids::VoucherId;

/// A voucher and how often it may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    /// Which.
    pub id: VoucherId,
    /// Its code.
    pub code: String,
    /// Orders that it is good for; any number without it.
    pub uses: Option<u32>,
    /// Orders of one customer that it is good for; any number without it.
    pub uses_per_customer: Option<u32>,
}

impl Voucher {
    /// Whether anybody has to count.
    #[must_use]
    pub const fn is_limited(&self) -> bool {
        self.uses.is_some() || self.uses_per_customer.is_some()
    }
}
