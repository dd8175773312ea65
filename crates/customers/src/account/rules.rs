//! How accounts of a customer base are judged, and when: a setting with a version.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    clock::timestamp,
    ids::RealmId,
};
use proto::customers::v1 as pb;

use super::store;
use crate::{Error, fields::Fields};

/// The least score from which on an account may be suspected: more than any number of neighbours adds up to.
pub const LEAST: i32 = 50;

/// When accounts are looked through by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Schedule {
    /// Never.
    #[default]
    Off,
    /// Every 7 days.
    Weekly,
    /// Every 30 days.
    Monthly,
}

impl Schedule {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// When it is time again after `at`.
    #[must_use]
    pub fn after(self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Off => None,
            Self::Weekly => Some(at + TimeDelta::days(7)),
            Self::Monthly => Some(at + TimeDelta::days(30)),
        }
    }
}

/// What is done about registrations that look like spam (AD-3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Registrations {
    /// Nothing.
    #[default]
    Off,
    /// The record is tagged.
    Flag,
    /// No account is made.
    Refuse,
}

impl Registrations {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Flag => "flag",
            Self::Refuse => "refuse",
        }
    }
}

/// The rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Rules {
    /// When.
    pub schedule: Schedule,
    /// After how many days an account may be unused.
    pub quiet_days: i32,
    /// From which score on an account is suspected.
    pub threshold: i32,
    /// When the next audit is due.
    pub next_at: Option<DateTime<Utc>>,
    /// What is done about registrations …
    pub registrations: Registrations,
    /// … from which score on.
    pub registration_score: i32,
    /// Grows with every change.
    pub version: i64,
}

impl Default for Rules {
    fn default() -> Self {
        let (schedule, registrations) = (Schedule::Off, Registrations::Off);
        Self {
            schedule,
            quiet_days: 90,
            threshold: 60,
            next_at: None,
            registrations,
            registration_score: 80,
            version: 1,
        }
    }
}

impl Rules {
    /// As the API shows them.
    #[must_use]
    pub fn told(self) -> pb::AccountRules {
        pb::AccountRules {
            schedule: self.schedule.slug().to_owned(),
            next_at: self.next_at.map(timestamp),
            quiet_days: self.quiet_days,
            threshold: self.threshold,
            version: self.version,
            registrations: self.registrations.slug().to_owned(),
            registration_score: self.registration_score,
        }
    }

    fn audited(self) -> serde_json::Value {
        json!({
            "schedule": self.schedule.slug(),
            "quiet_days": self.quiet_days,
            "threshold": self.threshold,
            "registrations": self.registrations.slug(),
            "registration_score": self.registration_score,
        })
    }
}

/// What to change of them.
#[derive(Clone, Copy, Debug)]
pub struct ChangeRules {
    schedule: Option<Schedule>,
    quiet_days: Option<i32>,
    threshold: Option<i32>,
    registrations: Option<Registrations>,
    registration_score: Option<i32>,
}

impl ChangeRules {
    /// Reads a request.
    pub fn parse(request: &pb::ChangeAccountRulesRequest) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let schedule = request.schedule.as_deref().and_then(|name| {
            let all = [Schedule::Off, Schedule::Weekly, Schedule::Monthly];
            let known = all.into_iter().find(|schedule| schedule.slug() == name);
            if known.is_none() {
                fields.fault("/schedule", "unknown", "accounts are looked through weekly, monthly, or not (off)");
            }
            known
        });
        let registrations = request.registrations.as_deref().and_then(|name| {
            let all = [Registrations::Off, Registrations::Flag, Registrations::Refuse];
            let known = all.into_iter().find(|registrations| registrations.slug() == name);
            if known.is_none() {
                fields.fault(
                    "/registrations",
                    "unknown",
                    "registrations are tagged (flag), refused, or not judged (off)",
                );
            }
            known
        });
        if request.quiet_days.is_some_and(|days| !(30..=3650).contains(&days)) {
            fields.fault("/quiet_days", "out_of_range", "an account may be unused after 30 to 3650 days");
        }
        if request.threshold.is_some_and(|score| !(LEAST..=100).contains(&score)) {
            fields.fault("/threshold", "out_of_range", "accounts are suspected from a score of 50 to 100 on");
        }
        let registration_score = request.registration_score;
        if registration_score.is_some_and(|score| !(LEAST..=100).contains(&score)) {
            fields.fault(
                "/registration_score",
                "out_of_range",
                "registrations are judged from a score of 50 to 100 on",
            );
        }
        fields.finish()?;
        let (quiet_days, threshold) = (request.quiet_days, request.threshold);
        Ok(Self { schedule, quiet_days, threshold, registrations, registration_score })
    }
}

/// The rules as they are since. A new schedule begins now.
pub async fn change_rules(
    tx: &mut Tx,
    call: &Call,
    (realm, change, now): (RealmId, ChangeRules, DateTime<Utc>),
) -> Result<Rules, Error> {
    let before = store::lock_rules(tx, realm).await?;
    call.check_version(before.version)?;
    let mut rules = before;
    rules.quiet_days = change.quiet_days.unwrap_or(rules.quiet_days);
    rules.threshold = change.threshold.unwrap_or(rules.threshold);
    rules.registrations = change.registrations.unwrap_or(rules.registrations);
    rules.registration_score = change.registration_score.unwrap_or(rules.registration_score);
    if let Some(schedule) = change.schedule.filter(|schedule| *schedule != rules.schedule) {
        (rules.schedule, rules.next_at) = (schedule, schedule.after(now));
    }
    if rules != before {
        rules.version += 1;
        store::save_rules(tx, realm, &rules).await?;
        let entry = Entry::new("account_rules.updated", ("realm", realm), now);
        audit::record(tx, call, entry.changed(before.audited(), rules.audited()))?;
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AD-2: bounds of what may be asked for; all that is wrong is told at once.
    #[test]
    fn rules_have_bounds() {
        let parse = |days, score| {
            let request = pb::ChangeAccountRulesRequest {
                quiet_days: Some(days),
                threshold: Some(score),
                registration_score: Some(score),
                ..pb::ChangeAccountRulesRequest::default()
            };
            ChangeRules::parse(&request).is_ok()
        };
        assert!(parse(30, 50) && parse(3650, 100));
        assert!(!parse(29, 50) && !parse(3651, 50) && !parse(30, 49) && !parse(30, 101));
        let request = pb::ChangeAccountRulesRequest { schedule: Some("daily".to_owned()), ..Default::default() };
        assert!(ChangeRules::parse(&request).is_err());
    }
}
