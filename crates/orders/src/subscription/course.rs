//! What is to be done with a subscription next, and what becomes of it when that is done (OR-7). Pure.
use chrono::{DateTime, TimeDelta, Utc};
use kit::ids::OrderId;

use super::{News, State, Subscription, calendar::Calendar};

/// Pauses after the first, second … failure to charge a renewal. After the last of them it expires.
pub const RETRIES: [TimeDelta; 4] = [TimeDelta::days(1), TimeDelta::days(2), TimeDelta::days(2), TimeDelta::days(2)];
/// How soon a charge is repeated whose gateway did not answer: that is nobody's failure.
pub const UNREACHED: TimeDelta = TimeDelta::hours(1);
/// After how long a charge is looked at of which nothing was heard. Payments tell by themselves, but one that was settled by a
/// process of an earlier version has not.
const UNHEARD: TimeDelta = TimeDelta::hours(1);
/// How long that is so; later it counts as a failure.
const UNREACHED_FOR: TimeDelta = TimeDelta::days(1);
/// From which length of a period on its end is told of, and how long before.
const NOTICES: [(TimeDelta, TimeDelta); 2] =
    [(TimeDelta::days(60), TimeDelta::days(7)), (TimeDelta::days(14), TimeDelta::days(3))];

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing yet.
    Wait,
    /// Its customer is told of the renewal that comes.
    Notice,
    /// The renewal is charged.
    Charge,
    /// What was paid for has run out.
    End,
    /// Nothing was heard of a charge for long.
    Check,
}

/// What came of a charge that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// The gateway could not be reached; it is asked again soon.
    Unreached,
    /// It is tried again then.
    PastDue(DateTime<Utc>),
    /// It is over.
    Expired,
}

impl Subscription {
    /// What is to be done at `now`.
    #[must_use]
    pub fn step(&self, now: DateTime<Utc>) -> Step {
        let course = &self.course;
        let charges = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
        match self.state {
            _ if course.charging.is_some() => {
                if self.updated_at + UNHEARD <= now {
                    Step::Check
                } else {
                    Step::Wait
                }
            }
            State::Active if charges(Some(course.retry_at.unwrap_or(course.renews_at))) => Step::Charge,
            State::PastDue if charges(course.retry_at) => Step::Charge,
            State::Active if course.retry_at.is_none() && charges(self.notice_at()) => Step::Notice,
            State::Leaving if course.renews_at <= now => Step::End,
            _ => Step::Wait,
        }
    }

    /// When there is something to be done next, if ever by itself.
    #[must_use]
    pub fn look_at(&self) -> Option<DateTime<Utc>> {
        let course = &self.course;
        match self.state {
            _ if course.charging.is_some() => Some(self.updated_at + UNHEARD),
            State::Active if course.retry_at.is_some() => course.retry_at,
            State::Active => Some(self.notice_at().unwrap_or(course.renews_at)),
            State::PastDue => course.retry_at,
            State::Leaving => Some(course.renews_at),
            State::Paused | State::Ended | State::Expired => None,
        }
    }

    /// When its customer is to be told of the next renewal; none once that is done, and before short periods end.
    fn notice_at(&self) -> Option<DateTime<Utc>> {
        let length = self.course.renews_at - self.course.starts_at;
        let lead = NOTICES.iter().find(|(from, _)| length >= *from).map(|(_, lead)| *lead);
        lead.filter(|_| !self.course.noticed).map(|lead| self.course.renews_at - lead)
    }

    /// Whether what is paid for has not run out.
    #[must_use]
    pub fn is_covered(&self, now: DateTime<Utc>) -> bool {
        self.course.renews_at > now && self.state != State::PastDue
    }

    /// Notes that something of it has changed.
    pub fn touch(&mut self, now: DateTime<Utc>) {
        self.version += 1;
        self.updated_at = now;
    }

    /// The renewal that is due is being charged by `order`.
    pub fn charge(&mut self, order: OrderId, now: DateTime<Utc>) {
        (self.course.charging, self.course.draft) = (Some(order), Some(order));
        self.course.retry_at = None;
        self.touch(now);
    }

    /// The renewal by `order` was charged: the next period begins when the last one ended, however late that is. Whether
    /// it was underway.
    pub fn renewed(&mut self, order: OrderId, now: DateTime<Utc>) -> bool {
        let Some(state) = self.news(order, News::Renewed) else { return false };
        let course = &mut self.course;
        if let Some(next) = self.next.take() {
            course.calendar = Calendar { anchor: course.renews_at, ..course.calendar };
            (self.terms, course.turn) = (next, 0);
        }
        course.turn += 1;
        course.cycle += 1;
        course.starts_at = course.renews_at;
        let begin = course.calendar.begin(self.terms.every(), course.turn);
        course.renews_at = begin.unwrap_or(DateTime::<Utc>::MAX_UTC);
        (course.noticed, course.failures) = (false, 0);
        (course.retry_at, course.attempt_at, course.draft) = (None, None, None);
        self.state = state;
        self.touch(now);
        true
    }

    /// The renewal by `order` could not be charged, perhaps since its gateway was not reached. An attempt that somebody
    /// asked for before its time uses up none of those that are made by themselves, nor does one of a subscription that rests
    /// by now. None when it was not underway.
    pub fn failed(&mut self, order: OrderId, unreached: bool, now: DateTime<Utc>) -> Option<Setback> {
        if self.state == State::Paused {
            self.news(order, News::Declined)?;
            self.touch(now);
            return Some(Setback::Unreached);
        }
        let due = self.attempt_due();
        if unreached && now < due + UNREACHED_FOR {
            // Where it was past due it stays so.
            self.news(order, News::Declined)?;
            self.course.retry_at = Some(now + UNREACHED);
            self.touch(now);
            return Some(Setback::Unreached);
        }
        self.news(order, News::Declined)?;
        self.set_back(now)
    }

    /// The next period is not begun, since the invoice of the one before is not paid. None when it does not go on anyway.
    pub fn overdue(&mut self, now: DateTime<Utc>) -> Option<Setback> {
        if self.course.charging.is_some() { None } else { self.set_back(now) }
    }

    /// When the renewal that is due is to be tried by itself, or was to be.
    fn attempt_due(&self) -> DateTime<Utc> {
        self.course.attempt_at.unwrap_or(self.course.renews_at)
    }

    /// One attempt more has failed; after the last one it is over.
    fn set_back(&mut self, now: DateTime<Utc>) -> Option<Setback> {
        let due = self.attempt_due();
        if now < due {
            self.state = self.state.after(News::Declined)?;
            self.course.retry_at = Some(due);
            self.touch(now);
            return Some(Setback::PastDue(due));
        }
        let pause = RETRIES.get(self.course.failures as usize).copied();
        self.state = self.state.after(if pause.is_some() { News::Declined } else { News::GivenUp })?;
        self.course.failures += 1;
        self.course.retry_at = pause.map(|pause| now + pause);
        self.course.attempt_at = self.course.retry_at;
        if pause.is_none() {
            self.ended_at = Some(now);
        }
        self.touch(now);
        Some(self.course.retry_at.map_or(Setback::Expired, Setback::PastDue))
    }

    /// How it stands after `news` of the charge by `order`, which is over by that.
    fn news(&mut self, order: OrderId, news: News) -> Option<State> {
        if self.course.charging != Some(order) {
            return None;
        }
        self.course.charging = None;
        self.state.after(news)
    }

    /// Its customer was told of the next renewal.
    pub fn noticed(&mut self, now: DateTime<Utc>) {
        self.course.noticed = true;
        self.updated_at = now;
    }
}

#[cfg(test)]
#[path = "course_tests.rs"]
pub(super) mod tests;
