//! Prefixed, time-ordered ids as types: `cus_0192…` is a UUIDv7 behind `CustomerId`.
use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// A text that is not an id of the kind asked for.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an id of the form {0}_…")]
pub struct InvalidId(pub &'static str);

/// A fresh UUIDv7 of the moment `now`.
#[must_use]
pub fn uuid(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

/// Declares id types: `id!(/// A customer. CustomerId, "cus");`
#[macro_export]
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::sqlx::Type)]
        #[sqlx(transparent)]
        pub struct $name(::uuid::Uuid);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id of the moment `now`.
            #[must_use]
            pub fn new(now: ::chrono::DateTime<::chrono::Utc>) -> Self {
                Self($crate::ids::uuid(now))
            }

            /// The id around a UUID that is known to be one.
            #[must_use]
            pub const fn from_uuid(uuid: ::uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> ::uuid::Uuid {
                self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::ids::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::ids::parse($prefix, text).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )+};
}

/// The UUID behind `prefix_` and 32 lower-case hexadecimal digits.
pub fn parse(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|digits| digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        .and_then(|digits| Uuid::try_parse(digits).ok())
        .ok_or(InvalidId(prefix))
}

id! {
    /// A customer base: a network's, or that of a store in none; same UUID as its owner.
    RealmId, "rlm";
    /// A store.
    StoreId, "sto";
    /// A network of stores.
    NetworkId, "net";
    /// A customer.
    CustomerId, "cus";
    /// A staff member.
    StaffId, "stf";
    /// A session of a customer or staff member.
    SessionId, "ses";
    /// A device of a customer.
    DeviceId, "dev";
    /// The person behind a proven e-mail address, in all customer bases.
    ShopperId, "shp";
    /// A product.
    ProductId, "prd";
    /// An offer or a voucher, as it is kept.
    PromotionId, "prm";
    /// An offer.
    OfferId, "off";
    /// A voucher.
    VoucherId, "vou";
    /// A subscription plan of a product.
    PlanId, "plan";
    /// What a subscription of a product renews.
    RenewalTargetId, "rtgt";
    /// A way of a store to ship.
    ShippingMethodId, "shpm";
    /// A tax rate of a store.
    TaxRateId, "taxr";
    /// A cart.
    CartId, "cart";
    /// A line of a cart or order.
    LineId, "line";
    /// An order.
    OrderId, "ord";
    /// A subscription.
    SubscriptionId, "sub";
    /// An entry of the ledger.
    TransactionId, "txn";
    /// A message to a person.
    MessageId, "msg";
    /// Something that staff write to many.
    CampaignId, "cmp";
    /// An address that marketing is not sent to any more.
    SuppressionId, "spp";
    /// A review.
    ReviewId, "rev";
    /// An address that is told of what happens.
    WebhookId, "whk";
    /// An event on its way to such an address.
    HookDeliveryId, "whd";
    /// An event as those addresses know it.
    HookEventId, "evt";
    /// A key of an integration.
    ApiKeyId, "akey";
    /// A role that was made of permissions.
    RoleId, "role";
    /// An invitation to work for a store.
    InvitationId, "inv";
    /// An entry of a block list.
    BlockId, "blk";
    /// What staff noted about a customer.
    NoteId, "note";
    /// A support ticket.
    TicketId, "tkt";
    /// What was written in one.
    TicketCommentId, "tcm";
    /// A file that was handed in with such words.
    AttachmentId, "att";
    /// A photo of a customer.
    PhotoId, "pho";
    /// A saved address of a customer.
    AddressId, "adr";
    /// A saved filter.
    SegmentId, "seg";
    /// A list of customers as a file. Its service is in the prefix, so that gateways know whom to ask.
    ExportId, "exp_customers";
    /// A link to check out a cart by.
    CheckoutLinkId, "clnk";
    /// Accounts looked through once; the job that does so has the same number.
    AccountAuditId, "acau";
    /// Work of customers that takes longer than a request; the gateway sees by the prefix whose it is.
    JobId, "job_customers";
    /// A file of customers to take in.
    ImportId, "imp_customers";
    /// A file or an image of a product.
    ProductFileId, "pfl";
    /// A product in somebody's library; it has the product's number.
    LibraryItemId, "lib";
    /// An entry of the ledger that libraries follow from.
    LibraryEntryId, "lbe";
    /// A link to download a file by.
    DownloadId, "dwn";
    /// Libraries made anew, as a job of orders.
    RebuildId, "job_orders";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_000_000 + seconds, 0).expect("a moment")
    }

    #[test]
    fn ids_read_back_and_follow_time() {
        let (older, newer) = (CustomerId::new(at(0)), CustomerId::new(at(1)));
        assert_eq!(older.to_string().parse(), Ok(older));
        assert!(older < newer && older.to_string() < newer.to_string());
        assert_eq!(older.uuid().get_version_num(), 7);
    }

    #[test]
    fn only_one_spelling_is_an_id() {
        let id = CartId::new(at(0)).to_string();
        for wrong in [
            "",
            "cart_",
            "cart",
            &id.to_uppercase(),
            &id.replace("cart_", "cus_"),
            &id[..id.len() - 1],
            &format!("{id}0"),
            &format!(" {id}"),
            &id.replacen('0', "g", 1),
            "cart_00000000-0000-7000-8000-000000000000",
        ] {
            assert_eq!(wrong.parse::<CartId>(), Err(InvalidId("cart")), "{wrong}");
        }
    }
}
