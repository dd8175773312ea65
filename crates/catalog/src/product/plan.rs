//! Subscription plans of a product (CA-1): interval × count, a price, perhaps a trial. Pure.
use chrono::{DateTime, Utc};
use kit::{
    failure::Violation,
    ids::PlanId,
    money::{Currency, Money},
};
use proto::catalog::v1 as pb;
use serde::{Deserialize, Serialize};

use super::fields::{self, text};
use crate::Error;

/// Most plans of a product, those that are not sold any more included.
const MOST: usize = 100;
/// Most intervals from payment to payment.
const LONGEST: u32 = 36;
/// Longest trial, in days.
const TRIAL: u32 = 365;

/// The plans of a product, in the order staff gave them; retired ones last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plans(pub(super) Vec<Plan>);

/// A way to subscribe. Whoever has subscribed keeps what they agreed to, whatever becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `plan_…`.
    id: String,
    /// Display name.
    name: String,
    /// Between payments, together with the count.
    interval: Interval,
    /// How many intervals.
    count: u32,
    /// Minor units of the product's currency.
    price: i64,
    /// Before the first payment.
    trial_days: u32,
    /// Whether it can be subscribed to.
    active: bool,
}

/// A span of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Interval {
    Day,
    Week,
    Month,
    Year,
}

impl Interval {
    const fn slug(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        [Self::Day, Self::Week, Self::Month, Self::Year].into_iter().find(|interval| interval.slug() == slug)
    }
}

impl Plans {
    /// The same after staff gave these: known ones by their ids, new ones without. One that is left out is retired, not
    /// forgotten.
    pub fn changed(
        &self,
        given: Vec<pb::Plan>,
        (currency, now): (Currency, DateTime<Utc>),
        faults: &mut Vec<Violation>,
    ) -> Result<Self, Error> {
        let mut plans: Vec<Plan> = Vec::with_capacity(given.len());
        for (place, plan) in given.into_iter().enumerate().take(MOST + 1) {
            let at = format!("/plans/{place}");
            let known = fields::known(&at, &plan.id, self.ids(), plans.iter().map(|plan| &*plan.id));
            let id = known.unwrap_or_else(|fault| {
                faults.push(fault);
                None
            });
            let id = id.map_or_else(|| PlanId::new(now).into(), str::to_owned);
            plans.push(Plan::read(&at, (id, plan), currency, faults)?);
        }
        let left_out: Vec<_> = self.0.iter().filter(|old| plans.iter().all(|plan| plan.id != old.id)).collect();
        plans.extend(left_out.into_iter().map(|old| Plan { active: false, ..old.clone() }));
        if plans.len() > MOST {
            faults.push(Violation::new("/plans", "too_many", "at most 100 plans, retired ones included"));
        }
        Ok(Self(plans))
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|plan| &*plan.id)
    }

    /// The least that one of them costs.
    #[must_use]
    pub fn cheapest(&self) -> Option<i64> {
        self.active().map(|plan| plan.price).min()
    }

    fn active(&self) -> impl Iterator<Item = &Plan> {
        self.0.iter().filter(|plan| plan.active)
    }

    /// As the API writes them: all for staff and services, for others those that can be subscribed to.
    #[must_use]
    pub fn shown(&self, currency: Currency) -> Vec<pb::Plan> {
        self.0.iter().map(|plan| plan.shown(currency)).collect()
    }
}

impl Plan {
    fn read(
        at: &str,
        (id, plan): (String, pb::Plan),
        currency: Currency,
        faults: &mut Vec<Violation>,
    ) -> Result<Self, Error> {
        let name = plan.name.trim().to_owned();
        faults.extend(text(format!("{at}/name"), &name, 1, 100));
        let interval = Interval::parse(&plan.interval).unwrap_or_else(|| {
            faults.push(Violation::new(format!("{at}/interval"), "unknown", "day, week, month or year"));
            Interval::Month
        });
        if !(1..=LONGEST).contains(&plan.count) {
            faults.push(Violation::new(format!("{at}/count"), "out_of_range", "1 to 36 intervals"));
        }
        if plan.trial_days > TRIAL {
            faults.push(Violation::new(format!("{at}/trial_days"), "out_of_range", "at most 365 days"));
        }
        let price = if let Some(price) = &plan.price {
            fields::price(&format!("{at}/price"), price, currency, faults)?.amount
        } else {
            faults.push(Violation::new(format!("{at}/price"), "required", "a plan has a price"));
            0
        };
        let (count, trial_days, active) = (plan.count, plan.trial_days, plan.active);
        Ok(Self { id, name, interval, count, price, trial_days, active })
    }

    fn shown(&self, currency: Currency) -> pb::Plan {
        pb::Plan {
            id: self.id.clone(),
            name: self.name.clone(),
            interval: self.interval.slug().to_owned(),
            count: self.count,
            price: Some(Money::new(self.price, currency).into()),
            trial_days: self.trial_days,
            active: self.active,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monthly(id: &str, amount: i64) -> pb::Plan {
        pb::Plan {
            id: id.to_owned(),
            name: "Monthly".to_owned(),
            interval: "month".to_owned(),
            count: 1,
            price: Some(proto::base::v1::Money { amount, currency: "EUR".to_owned() }),
            trial_days: 0,
            active: true,
        }
    }

    fn change(plans: &Plans, given: Vec<pb::Plan>) -> (Plans, Vec<String>) {
        let mut faults = Vec::new();
        let now = DateTime::from_timestamp(1_772_452_800, 0).expect("a moment");
        let plans = plans.changed(given, (Currency::EUR, now), &mut faults).expect("euros");
        (plans, faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect())
    }

    /// CA-1: plans are changed by their ids; one that is left out is retired and comes back only when it is asked for.
    #[test]
    fn plans_are_retired_never_deleted() {
        let (plans, faults) = change(&Plans::default(), vec![monthly("", 500), monthly("", 900)]);
        assert_eq!((plans.0.len(), plans.cheapest(), faults), (2, Some(500), vec![]));
        let second = plans.0[1].id.clone();
        let (fewer, faults) = change(&plans, vec![monthly(&second, 1_000)]);
        assert_eq!((fewer.0.len(), fewer.cheapest(), faults), (2, Some(1_000), vec![]));
        assert_eq!((&fewer.0[1].id, fewer.0[1].active, fewer.0[1].price), (&plans.0[0].id, false, 500));
        let (again, _) = change(&fewer, vec![monthly(&plans.0[0].id, 500), monthly(&second, 1_000)]);
        assert!(again.0.iter().all(|plan| plan.active));
        let (none, _) = change(&plans, vec![]);
        assert_eq!((none.0.len(), none.cheapest()), (2, None));
    }

    /// CA-1: interval × count within bounds; every fault of every plan is told.
    #[test]
    fn faults_of_plans_are_told() {
        for (count, valid) in [(0, false), (1, true), (36, true), (37, false)] {
            let (_, faults) = change(&Plans::default(), vec![pb::Plan { count, ..monthly("", 1) }]);
            assert_eq!(faults.is_empty(), valid, "{count}");
        }
        for (trial_days, valid) in [(365, true), (366, false)] {
            let (_, faults) = change(&Plans::default(), vec![pb::Plan { trial_days, ..monthly("", 1) }]);
            assert_eq!(faults.is_empty(), valid, "{trial_days}");
        }
        let odd = pb::Plan { name: " ".into(), interval: "moon".into(), price: None, ..monthly("plan_x", 1) };
        let (_, faults) = change(&Plans::default(), vec![monthly("", -1), odd]);
        let expected = [
            "/plans/0/price/amount out_of_range",
            "/plans/1/id not_there",
            "/plans/1/name required",
            "/plans/1/interval unknown",
            "/plans/1/price required",
        ];
        assert_eq!(faults, expected);
        let (plans, _) = change(&Plans::default(), vec![monthly("", 1)]);
        let id = plans.0[0].id.clone();
        let (_, faults) = change(&plans, vec![monthly(&id, 1), monthly(&id, 2)]);
        assert_eq!(faults, ["/plans/1/id repeated"]);
        let (_, faults) = change(&plans, vec![monthly("", 1); 100]);
        assert_eq!(faults, ["/plans too_many"]);
    }
}
