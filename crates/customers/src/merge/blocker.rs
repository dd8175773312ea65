//! Why two records cannot be merged as they are.
use super::{Field, combine::Keep};
use crate::{
    Error,
    address::address::MOST as MOST_ADDRESSES,
    customer::{Customer, Standing},
    fields::META,
    record::tags::MOST as MOST_TAGS,
};

/// Why two records cannot be merged as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// A door that was closed to somebody would be open to them again, or the other way round.
    Inactive,
    /// Both have more tags than one may have.
    Tags,
    /// Both have more addresses than one may have.
    Addresses,
    /// Both have more meta than one may have.
    Meta,
    /// The phone to keep does not sign in, and the one that does would go.
    Phone,
}

impl Blocker {
    /// As what a merge is refused.
    #[must_use]
    pub const fn error(self) -> Error {
        match self {
            Self::Inactive => Error::CustomerInactive,
            Self::Tags => Error::TooManyTags,
            Self::Addresses => Error::TooManyAddresses,
            Self::Meta => Error::MetaTooLong,
            Self::Phone => Error::PhoneSignsIn,
        }
    }

    /// What stands in the way of merging `gone` into `kept`, who have so many addresses together.
    #[must_use]
    pub fn of((kept, gone): (&Customer, &Customer), keep: &Keep, addresses: i64) -> Vec<Self> {
        let inactive = [kept, gone].iter().any(|customer| customer.status == Standing::Inactive);
        let locked_out = keep.contains(&Field::Phone)
            && !gone.phone.is_empty()
            && gone.phone != kept.phone
            && kept.phone_verified_at.is_some()
            && gone.phone_verified_at.is_none();
        let found = [
            (Self::Inactive, inactive),
            (Self::Tags, kept.all_tags(gone).len() > MOST_TAGS),
            (Self::Addresses, usize::try_from(addresses).is_ok_and(|addresses| addresses > MOST_ADDRESSES)),
            (Self::Meta, kept.all_meta(gone, keep).to_string().len() > META),
            (Self::Phone, locked_out),
        ];
        found.into_iter().filter_map(|(blocker, found)| found.then_some(blocker)).collect()
    }
}
