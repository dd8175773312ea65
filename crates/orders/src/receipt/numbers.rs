//! Numbers without gaps.
use std::collections::BTreeMap;

use kit::Tx;

use super::store::{self, Series};
use crate::error::Error;

/// Numbers that are held until the transaction ends: if it fails, they are given to others.
#[derive(Debug)]
pub struct Numbers(BTreeMap<Series, i64>);

impl Numbers {
    /// Takes one of a series for each time that `wanted` names it.
    pub async fn take(tx: &mut Tx, wanted: Vec<Series>) -> Result<Self, Error> {
        let mut counts = BTreeMap::<_, i64>::new();
        for series in wanted {
            *counts.entry(series).or_default() += 1;
        }
        // In one order for all, so that no two wait for each other.
        for (series, count) in &mut counts {
            *count = store::advance(tx, *series, *count).await? - *count;
        }
        Ok(Self(counts))
    }

    /// The next position of a series that was wanted.
    pub fn next(&mut self, series: Series) -> i64 {
        let last = self.0.entry(series).or_default();
        *last += 1;
        *last
    }
}
