//! A link to a file, and the one way it is used up. Pure.
use chrono::{DateTime, TimeDelta, Utc};
use kit::ids::{CustomerId, DownloadId, ProductFileId, ProductId, RealmId, StoreId};

/// How long whoever has begun to read goes on, from the same address, without it counting again.
pub const SITTING: TimeDelta = TimeDelta::hours(1);
/// What may be asked for in one sitting beyond twice the file: a download that was broken off begins anew.
const SLACK: i64 = 64 * 1024;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Download {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: DownloadId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: StoreId,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    #[sqlx(rename = "product_id")]
    pub(crate) product: ProductId,
    #[sqlx(rename = "file_id")]
    pub(crate) file: ProductFileId,
    pub(crate) file_name: String,
    /// Kind and id.
    pub(crate) made_by: String,
    pub(crate) most_uses: i32,
    pub(crate) used: i32,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
}

/// The last time that a link was used from an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Sitting {
    pub(crate) position: i64,
    pub(crate) bytes: i64,
    pub(crate) started_at: DateTime<Utc>,
}

/// What a request for some bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A part of a download that is under way.
    More,
    /// A download of its own.
    Another,
    /// One too many.
    Refused,
}

/// How often a file may be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Uses of the link so far.
    pub used: i32,
    /// Uses that the link is good for.
    pub most_uses: i32,
    /// Downloads of the file so far, by any link.
    pub taken: i64,
    /// Downloads of the file that its buyer has; 0 for any number.
    pub limit: u32,
}

impl Allowance {
    const fn has_more(self) -> bool {
        self.used < self.most_uses && (self.limit == 0 || self.taken < self.limit as i64)
    }
}

/// What a request at `now` for `length` bytes of a file of `size` is, after `last`: whoever reads on, or anew what was
/// broken off, is not charged twice; whoever asks for more than twice the file is.
#[must_use]
pub fn counted(last: Option<Sitting>, (length, size): (i64, i64), allowance: Allowance, now: DateTime<Utc>) -> Use {
    let goes_on = last.is_some_and(|last| {
        let room = size.saturating_mul(2).saturating_add(SLACK);
        now - last.started_at < SITTING && last.bytes.saturating_add(length) <= room
    });
    if goes_on {
        Use::More
    } else if allowance.has_more() {
        Use::Another
    } else {
        Use::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONCE: Allowance = Allowance { used: 0, most_uses: 1, taken: 0, limit: 0 };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn sitting(bytes: i64) -> Sitting {
        Sitting { position: 1, bytes, started_at: at(0) }
    }

    /// OR-9: an hour, and twice the file, at their edges.
    #[test]
    fn a_sitting_has_its_edges() {
        let used = Allowance { used: 1, ..ONCE };
        let size = 1_000_000;
        let room = 2 * size + SLACK;
        for (last, length, now, expected) in [
            (None, size, 0, Use::Refused),
            (Some(sitting(size)), size, 0, Use::More),
            (Some(sitting(size)), size, 3_599, Use::More),
            (Some(sitting(size)), 1, 3_600, Use::Refused),
            (Some(sitting(room - 1)), 1, 1, Use::More),
            (Some(sitting(room)), 1, 1, Use::Refused),
        ] {
            assert_eq!(counted(last, (length, size), used, at(now)), expected, "{last:?} {length} {now}");
        }
        assert_eq!(counted(Some(sitting(room)), (1, size), ONCE, at(1)), Use::Another);
    }

    /// OR-9: a link counts, and so does what a product allows, by whichever link.
    #[test]
    fn both_counts_hold() {
        let ask = |allowance| counted(None, (1, 1), allowance, at(0));
        assert_eq!(ask(ONCE), Use::Another);
        assert_eq!(ask(Allowance { used: 1, ..ONCE }), Use::Refused);
        assert_eq!(ask(Allowance { taken: 2, limit: 3, ..ONCE }), Use::Another);
        assert_eq!(ask(Allowance { taken: 3, limit: 3, ..ONCE }), Use::Refused);
        assert_eq!(ask(Allowance { taken: 9_999, ..ONCE }), Use::Another);
    }
}
