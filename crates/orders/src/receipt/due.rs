//! Orders whose money moved, with all that their receipts say.
use std::collections::HashMap;

use kit::{
    Tx,
    ids::{OrderId, RealmId, TransactionId},
};
use sqlx::types::Uuid;

use super::{
    Receipt,
    lacking::{Entry, Lacking, lacking},
    store::{self, Due},
};
use crate::{
    error::Error,
    order::{
        Line, Order,
        store::{hold_all, lines_of},
    },
};

/// One of them.
#[derive(Debug)]
pub struct Case {
    /// Whether nobody is told.
    pub quiet: bool,
    /// It, held, so that an erasure finds the receipt, or the receipt nobody.
    pub order: Order,
    /// What it holds.
    pub lines: Vec<Line>,
    /// Its part of the ledger.
    pub entries: Vec<Entry>,
    /// What was issued for it.
    pub papers: Vec<Receipt>,
}

/// The orders of `due`, which are of one realm, in that order and each once.
pub async fn cases(tx: &mut Tx, realm: RealmId, due: &[Due]) -> Result<Vec<Case>, Error> {
    let ids: Vec<Uuid> = due.iter().map(|due| due.order.uuid()).collect();
    let orders = hold_all(tx, realm, &ids).await?;
    let mut orders: HashMap<_, _> = orders.into_iter().map(|order| (order.id, order)).collect();
    let mut entries = by_order(store::entries(tx, realm, &ids).await?);
    let mut lines = by_order(lines_of(tx, realm, &ids).await?);
    let papers = store::of_orders(tx, realm, &ids).await?;
    let mut papers = by_order(papers.into_iter().map(|paper| (paper.order, paper)));
    let case = |due: &Due| {
        let order = orders.remove(&due.order)?;
        let lines = lines.remove(&due.order).unwrap_or_default();
        let entries = entries.remove(&due.order).unwrap_or_default();
        let papers = papers.remove(&due.order).unwrap_or_default();
        Some(Case { quiet: due.quiet, order, lines, entries, papers })
    };
    Ok(due.iter().filter_map(case).collect())
}

fn by_order<T>(all: impl IntoIterator<Item = (OrderId, T)>) -> HashMap<OrderId, Vec<T>> {
    let mut by_order: HashMap<_, Vec<T>> = HashMap::new();
    for (order, one) in all {
        by_order.entry(order).or_default().push(one);
    }
    by_order
}

impl Case {
    /// What it has no receipt or credit note of yet.
    pub fn lacking(&self) -> Vec<Lacking<'_>> {
        let known: Vec<TransactionId> = self.papers.iter().map(|paper| paper.transaction).collect();
        lacking(self.order.totals.total, &self.entries, &known)
    }
}
