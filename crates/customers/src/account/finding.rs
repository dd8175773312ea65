//! What an account is found to be: used, unused, or suspected.
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Rules,
    facts::Facts,
    spam::{self, Reason},
    witness::Evidence,
};

/// For how long after registering one is still about it: that is no use of the account yet.
const SETTLING: TimeDelta = TimeDelta::hours(1);
/// For how long whoever was there may still be about something.
const BUSY: TimeDelta = TimeDelta::hours(1);

/// What is wrong with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// Nobody uses it.
    Unused,
    /// It is suspected to be spam.
    Spam,
}

impl Kind {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Spam => "spam",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Unused, Self::Spam].into_iter().find(|kind| kind.slug() == name)
    }
}

/// What an account is found to be, with what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Why nobody may remove it, whatever else is found: a slug.
    pub bought: Option<&'static str>,
    /// What says that it is used, a slug; nothing when nothing does.
    pub used: Option<&'static str>,
    /// Whether somebody may be about something with it just now.
    pub busy: bool,
    /// How much speaks for spam.
    pub score: i32,
    /// What does.
    pub reasons: Vec<Reason>,
    /// Whether that is enough.
    pub suspected: bool,
}

impl Finding {
    /// What customers knows of an account and what the others do, by the `rules`, at the moment `now`.
    #[must_use]
    pub fn of(facts: &Facts, evidence: &Evidence, rules: Rules, now: DateTime<Utc>) -> Self {
        let left = |kinds: &[&str]| evidence.left(facts.id).any(|kind| kinds.contains(&kind));
        let (score, reasons) = spam::score(&facts.signs(evidence.is_blocked(facts.id)));
        let bought = if facts.has_orders || left(&["order"]) {
            Some("has_orders")
        } else if left(&["draft", "checkout", "cart"]) {
            Some("purchase_started")
        } else {
            None
        };
        let used = bought.or(if facts.has_used || evidence.left(facts.id).next().is_some() {
            Some("in_use")
        } else if facts.last_activity_at > facts.registered_at + SETTLING {
            Some("was_active")
        } else if facts.registered_at > now - TimeDelta::days(rules.quiet_days.into()) {
            Some("too_young")
        } else {
            None
        });
        let busy = facts.last_activity_at > now - BUSY;
        Self { bought, used, busy, score, reasons, suspected: score >= rules.threshold }
    }

    /// What is wrong with it; nothing when it is in use. Whoever bought is no spam.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match (self.bought, self.used) {
            (None, _) if self.suspected => Some(Kind::Spam),
            (None, None) => Some(Kind::Unused),
            _ => None,
        }
    }

    /// Why an account stays that was to go for being of this `kind`; nothing when it goes.
    #[must_use]
    pub fn keeps(&self, kind: Kind) -> Option<&'static str> {
        let other = match kind {
            Kind::Unused => self.used,
            Kind::Spam if !self.suspected => Some("no_longer_suspected"),
            Kind::Spam => None,
        };
        self.bought.or(self.busy.then_some("seen_just_now")).or(other)
    }
}

#[cfg(test)]
mod tests {
    use kit::ids::CustomerId;

    use super::*;

    const DAY: TimeDelta = TimeDelta::days(1);

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    /// An account of 90 days ago that nobody has used.
    fn facts() -> Facts {
        let at = now() - DAY * 90;
        Facts {
            id: CustomerId::new(at),
            name: "Ada Lovelace".to_owned(),
            email: "ada@example.com".to_owned(),
            ip: String::new(),
            registered_at: at,
            last_activity_at: at,
            has_orders: false,
            has_used: false,
            neighbours: 1,
            series: 0,
        }
    }

    fn find(facts: &Facts, left: &[&str]) -> Finding {
        let evidence = Evidence::of(left.iter().map(|kind| (facts.id, (*kind).to_owned())).collect(), Vec::new());
        Finding::of(facts, &evidence, Rules::default(), now())
    }

    /// AD-2: an account is unused only when nothing at all says that it is used, and for as long as the rules say.
    #[test]
    fn unused_is_who_left_no_trace() {
        assert_eq!(find(&facts(), &[]).kind(), Some(Kind::Unused));
        let young = Facts { registered_at: now() - DAY * 90 + TimeDelta::microseconds(1), ..facts() };
        assert_eq!((find(&young, &[]).kind(), find(&young, &[]).used), (None, Some("too_young")));
        for kind in ["wish", "sign_in", "portal"] {
            assert_eq!(
                (find(&facts(), &[kind]).kind(), find(&facts(), &[kind]).used),
                (None, Some("in_use")),
                "{kind}"
            );
        }
        assert_eq!(find(&Facts { has_used: true, ..facts() }, &[]).used, Some("in_use"));
        let settled = |after| Facts { last_activity_at: facts().registered_at + after, ..facts() };
        assert_eq!(find(&settled(SETTLING), &[]).kind(), Some(Kind::Unused));
        assert_eq!(find(&settled(SETTLING + TimeDelta::microseconds(1)), &[]).used, Some("was_active"));
    }

    /// AD-3: whoever has bought or begun to is neither, whatever else speaks against them, and never goes.
    #[test]
    fn whoever_buys_stays() {
        let bot = Facts { name: "www.pills.top".to_owned(), email: "x@mailinator.com".to_owned(), ..facts() };
        assert_eq!(find(&bot, &[]).kind(), Some(Kind::Spam));
        for kind in ["order", "draft", "checkout", "cart"] {
            let found = find(&bot, &[kind]);
            let why = if kind == "order" { "has_orders" } else { "purchase_started" };
            assert_eq!(
                (found.kind(), found.keeps(Kind::Spam), found.keeps(Kind::Unused)),
                (None, Some(why), Some(why))
            );
        }
        assert_eq!(find(&Facts { has_orders: true, ..bot }, &[]).keeps(Kind::Spam), Some("has_orders"));
    }

    /// AD-3: whoever is there just now stays, too; a spam account that signs in goes.
    #[test]
    fn whoever_is_there_stays() {
        let bot = Facts { email: "x@mailinator.com".to_owned(), ..facts() };
        let seen = |ago| Facts { last_activity_at: now() - ago, ..bot.clone() };
        assert_eq!(find(&seen(BUSY), &["sign_in"]).keeps(Kind::Spam), None);
        assert_eq!(find(&seen(BUSY - TimeDelta::microseconds(1)), &[]).keeps(Kind::Spam), Some("seen_just_now"));
        assert_eq!(find(&facts(), &[]).keeps(Kind::Spam), Some("no_longer_suspected"));
        assert_eq!(find(&facts(), &["wish"]).keeps(Kind::Unused), Some("in_use"));
        assert_eq!(find(&bot, &[]).keeps(Kind::Unused), None, "an unused one may be suspected besides");
    }
}
