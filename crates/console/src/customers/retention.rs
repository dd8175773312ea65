//! `GET /console/customers/retention`: who stays, who goes silent, who comes back, in numbers and small plots (CU-17).
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use proto::customers::v1::{Cohort, GetRetentionRequest};

use super::query::PATH;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{label, url},
    visit::SignedIn,
};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "customers/retention.html")]
pub struct Page {
    frame: Frame,
    figures: Vec<Figure>,
    bars: Vec<Bar>,
    months: Vec<usize>,
    cohorts: Vec<Line>,
    top: String,
}

/// A number with what it counts, and where to see who they are.
struct Figure {
    title: &'static str,
    number: String,
    hint: &'static str,
    link: String,
}

/// A bar of a plot, in per cent of its width.
struct Bar {
    title: &'static str,
    number: String,
    width: usize,
    class: &'static str,
}

/// A cohort with the share of it that came back, month by month.
struct Line {
    month: String,
    customers: String,
    sampled: bool,
    shares: Vec<Share>,
    /// Corners of the curve, in a box of 120 by 30.
    curve: String,
}

struct Share {
    percent: usize,
    /// From 0 to 4: how dark the cell is.
    shade: usize,
}

/// `GET /console/customers/retention`.
pub async fn show(State(console): State<Console>, desk: SignedIn) -> Result<Page, Problem> {
    let told = console.retention.clone().get_retention(desk.ask(GetRetentionRequest {})).await?.into_inner();
    let segment = |slug: &str| url(PATH, &[("tab", "customers"), ("segment", slug)]);
    let figure = |title, number: &str, hint, link| Figure { title, number: label::count(number), hint, link };
    let most = [&told.active, &told.cooling, &told.silent].into_iter().map(|number| size(number)).max().unwrap_or(0);
    let bar = |title, number: &str, class| {
        let width = share(size(number), most);
        Bar { title, number: label::count(number), width, class }
    };
    let longest = told.cohorts.iter().map(|cohort| cohort.returned.len()).max().unwrap_or(0);
    Ok(Page {
        frame: Frame::of(&desk.visit),
        figures: vec![
            figure("Bought", &told.buyers, "at least once", url(PATH, &[])),
            figure("Bought again", &told.repeat, "at least twice", segment("repeat")),
            figure("At risk", &told.silent, "no sign of life for 90 days", segment("at_risk")),
        ],
        bars: vec![
            bar("Active", &told.active, "active"),
            bar("Cooling", &told.cooling, "cooling"),
            bar("Silent", &told.silent, "silent"),
        ],
        months: (1..=longest).collect(),
        cohorts: told.cohorts.into_iter().map(Line::new).collect(),
        top: url(PATH, &[("tab", "customers"), ("sort", "-total_spent")]),
    })
}

/// A number as far as it was counted.
fn size(number: &str) -> usize {
    number.trim_end_matches('+').parse().unwrap_or(0)
}

/// `part` of `whole` in per cent.
fn share(part: usize, whole: usize) -> usize {
    (part * 100 + whole / 2).checked_div(whole).unwrap_or(0)
}

impl Line {
    fn new(cohort: Cohort) -> Self {
        let whole = usize::try_from(cohort.customers).unwrap_or(0);
        let percents: Vec<usize> =
            cohort.returned.iter().map(|&count| share(usize::try_from(count).unwrap_or(0), whole)).collect();
        Self {
            month: cohort.month,
            customers: label::count(&cohort.customers.to_string()),
            sampled: cohort.sampled,
            curve: curve(&percents),
            shares: percents.into_iter().map(|percent| Share { percent, shade: percent.div_ceil(15).min(4) }).collect(),
        }
    }
}

/// Corners of the curve of `percents`.
fn curve(percents: &[usize]) -> String {
    let steps = percents.len().saturating_sub(1).max(1);
    let corner =
        |(place, percent): (usize, &usize)| format!("{},{}", place * 120 / steps, 30 - (*percent).min(100) * 30 / 100);
    percents.iter().enumerate().map(corner).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-17: shares are of the cohort, rounded; nobody is no share.
    #[test]
    fn shares_are_plotted() {
        assert_eq!([share(1, 3), share(2, 3), share(0, 0), share(5, 5)], [33, 67, 0, 100]);
        assert_eq!(curve(&[100, 50, 0]), "0,0 60,15 120,30");
        let cohort = Cohort { month: "2026-01".to_owned(), customers: 4, sampled: false, returned: vec![4, 1, 0] };
        let shades: Vec<_> = Line::new(cohort).shares.iter().map(|share| (share.percent, share.shade)).collect();
        assert_eq!(shades, [(100, 4), (25, 2), (0, 0)]);
        assert_eq!((size("10000+"), size("12")), (10_000, 12));
    }
}
