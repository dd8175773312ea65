//! What subscriptions of a product renew, such as servers, and whether customers may change it (CA-1). Pure.
use chrono::{DateTime, Utc};
use kit::{failure::Violation, ids::RenewalTargetId};
use proto::catalog::v1 as pb;
use serde::{Deserialize, Serialize};

use super::fields::{self, text};

/// Most targets of a product.
const MOST: usize = 100;

/// What can be renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewal {
    /// In the order staff gave them.
    pub targets: Vec<Target>,
    /// Whether customers may change theirs.
    pub changeable: bool,
}

/// Something that a subscription renews.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `rtgt_…`.
    id: String,
    /// Display name.
    name: String,
}

impl Renewal {
    /// Writes the targets that staff gave: known ones by their ids, new ones without.
    pub fn set_targets(&mut self, given: Vec<pb::RenewalTarget>, now: DateTime<Utc>, faults: &mut Vec<Violation>) {
        let mut targets: Vec<Target> = Vec::with_capacity(given.len().min(MOST));
        if given.len() > MOST {
            faults.push(Violation::new("/renewal_targets", "too_many", "at most 100 renewal targets"));
        }
        for (place, target) in given.into_iter().enumerate().take(MOST) {
            let at = format!("/renewal_targets/{place}");
            let old = self.targets.iter().map(|target| &*target.id);
            let known = fields::known(&at, &target.id, old, targets.iter().map(|target| &*target.id));
            let id = known.unwrap_or_else(|fault| {
                faults.push(fault);
                None
            });
            let id = id.map_or_else(|| RenewalTargetId::new(now).into(), str::to_owned);
            let name = target.name.trim().to_owned();
            faults.extend(text(format!("{at}/name"), &name, 1, 100));
            targets.push(Target { id, name });
        }
        self.targets = targets;
    }

    /// As the API writes the targets.
    #[must_use]
    pub fn shown(&self) -> Vec<pb::RenewalTarget> {
        let show = |target: &Target| pb::RenewalTarget { id: target.id.clone(), name: target.name.clone() };
        self.targets.iter().map(show).collect()
    }
}
