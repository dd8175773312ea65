//! `GET /console/orders/attribution`: what orders come to, by who and what brought them about (CA-8).
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Query, State};
use kit::clock::timestamp;
use proto::{
    base::v1::Money,
    orders::v1::{AttributionRow, GetAttributionReportRequest},
};
use serde::Deserialize;

use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{price, span},
    visit::SignedIn,
};

/// Which report: by what, and about which days of the store; the last thirty without any.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    by: String,
    from: String,
    to: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "orders/attribution.html")]
pub struct Page {
    frame: Frame,
    wanted: Wanted,
    rows: Vec<Row>,
    more: bool,
}

struct Row {
    key: String,
    orders: i64,
    revenue: String,
    refunded: String,
    base: String,
    /// Length of its bar, in per cent of the longest one of its currency.
    width: i64,
}

impl Row {
    fn new(row: &AttributionRow, longest: i64) -> Self {
        let money = |amount| price(Some(&Money { amount, currency: row.currency.clone() }));
        Self {
            key: if row.name.is_empty() { row.key.clone() } else { row.name.clone() },
            orders: row.orders,
            revenue: money(row.revenue),
            refunded: money(row.refunded),
            base: money(row.commission_base),
            width: share(row.revenue, longest),
        }
    }
}

/// `part` of `whole` in per cent.
fn share(part: i64, whole: i64) -> i64 {
    let percent = (i128::from(part) * 100).checked_div(i128::from(whole)).unwrap_or(0);
    i64::try_from(percent.clamp(0, 100)).unwrap_or(0)
}

/// `GET /console/orders/attribution`.
pub async fn show(
    State(console): State<Console>,
    desk: SignedIn,
    Query(mut wanted): Query<Wanted>,
) -> Result<Page, Problem> {
    if wanted.by.is_empty() {
        "agent".clone_into(&mut wanted.by);
    }
    let [from, to] = span([&wanted.from, &wanted.to], desk.session.zone)?.map(|at| at.map(timestamp));
    let request = GetAttributionReportRequest { by: wanted.by.clone(), from, to, currency: String::new() };
    let report = console.reports.clone().get_attribution_report(desk.ask(request)).await?.into_inner();
    let longest = |currency: &str| {
        report.rows.iter().filter(|row| row.currency == currency).map(|row| row.revenue).max().unwrap_or(0)
    };
    let rows = report.rows.iter().map(|row| Row::new(row, longest(&row.currency))).collect();
    Ok(Page { frame: Frame::of(&desk.visit), wanted, rows, more: report.more })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-8: bars are of the largest, however large; nothing is no bar.
    #[test]
    fn bars_are_shares() {
        assert_eq!([share(1, 2), share(0, 0), share(i64::MAX, i64::MAX), share(-5, 5)], [50, 0, 100, 0]);
    }
}
