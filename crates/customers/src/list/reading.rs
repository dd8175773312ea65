//! What a filter is read with.
use chrono::{DateTime, Utc};

use crate::segment::Saved;

/// What a filter is read with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading<'a> {
    /// Whether personal fields may be asked for (ID-23).
    pub pii: bool,
    /// The present, which some comparisons are relative to.
    pub now: DateTime<Utc>,
    /// The segments that it may name; absent where it may name none.
    pub saved: Option<&'a Saved>,
}
