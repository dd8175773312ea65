//! What customers and staff do with a subscription (OR-7). Pure.
use chrono::{DateTime, Utc};

use super::{News, State, Subscription, Target, Terms, calendar::Calendar};
use crate::error::Error;

/// As of when a subscription is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// When what is paid for has run out.
    PeriodEnd,
    /// At once.
    Now,
}

impl Subscription {
    /// Whether it can go on after it was cancelled: its gateway says so, beforehand.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        self.gateway.abilities().contains(&"resume")
    }

    /// Nothing of it changes while it is being charged, nor when it is over.
    fn check_open(&self) -> Result<(), Error> {
        if self.course.charging.is_some() {
            return Err(Error::RenewalUnderway);
        }
        if self.state.is_over() { Err(Error::SubscriptionClosed(self.state.slug())) } else { Ok(()) }
    }

    fn hear(&mut self, news: News) -> Result<(), Error> {
        self.check_open()?;
        self.state = self.state.after(news).ok_or(Error::SubscriptionClosed(self.state.slug()))?;
        Ok(())
    }

    /// Lets it rest.
    pub fn pause(&mut self, reason: String, now: DateTime<Utc>) -> Result<(), Error> {
        self.hear(News::Paused)?;
        // What did not reach its gateway is not owed; a renewal begins with the resumption.
        (self.course.retry_at, self.course.attempt_at, self.reason) = (None, None, reason);
        self.touch(now);
        Ok(())
    }

    /// Goes on: with the period that is paid for, else with a new one from `now` on.
    pub fn resume(&mut self, now: DateTime<Utc>) -> Result<(), Error> {
        if self.state == State::Leaving && !self.is_resumable() {
            return Err(Error::CancellationFinal(self.gateway.slug()));
        }
        if self.state == State::Leaving && self.course.renews_at <= now {
            return Err(Error::SubscriptionClosed(self.state.slug()));
        }
        self.hear(News::Resumed)?;
        let course = &mut self.course;
        if course.renews_at <= now {
            course.calendar = Calendar { anchor: now, ..course.calendar };
            (course.turn, course.renews_at) = (0, now);
        }
        self.cancelled_at = None;
        self.touch(now);
        Ok(())
    }

    /// Cancels it. Where nothing is paid for any more, it is over at once.
    pub fn cancel(&mut self, when: When, reason: String, now: DateTime<Utc>) -> Result<(), Error> {
        let news = if when == When::PeriodEnd && self.is_covered(now) { News::Cancelled } else { News::CutOff };
        self.hear(news)?;
        self.reason = reason;
        self.cancelled_at = Some(self.cancelled_at.unwrap_or(now));
        self.ended_at = self.state.is_over().then_some(now);
        self.course.retry_at = None;
        self.touch(now);
        Ok(())
    }

    /// Cuts it off whatever is underway: its order was called off, or nobody is there any more. Whether it was not over.
    pub fn cut_off(&mut self, now: DateTime<Utc>) -> bool {
        let Some(state) = self.state.after(News::CutOff) else { return false };
        self.state = state;
        (self.cancelled_at, self.ended_at) = (Some(self.cancelled_at.unwrap_or(now)), Some(now));
        (self.course.retry_at, self.course.charging) = (None, None);
        self.touch(now);
        true
    }

    /// Lets it rest, since its customer is locked out: a charge that is underway is the last one. One that is past due ends.
    /// Whether it went on.
    pub fn rest(&mut self, now: DateTime<Utc>) -> bool {
        let Some(state) = self.state.after(News::Paused) else {
            return self.state == State::PastDue && self.cut_off(now);
        };
        self.state = state;
        (self.course.retry_at, self.course.attempt_at) = (None, None);
        self.touch(now);
        true
    }

    /// What was paid for before it was cancelled has run out.
    pub fn run_out(&mut self, now: DateTime<Utc>) -> bool {
        let Some(state) = self.state.after(News::RanOut) else { return false };
        (self.state, self.ended_at) = (state, Some(now));
        self.touch(now);
        true
    }

    /// Has a renewal that failed charged again.
    pub fn retry(&mut self, now: DateTime<Utc>) -> Result<(), Error> {
        self.check_open()?;
        if self.state != State::PastDue && self.course.retry_at.is_none() {
            return Err(Error::NothingToRetry);
        }
        self.course.retry_at = Some(now);
        self.touch(now);
        Ok(())
    }

    /// Renews another thing from now on.
    pub fn aim(&mut self, target: Target, now: DateTime<Utc>) -> Result<(), Error> {
        self.check_open()?;
        self.target = Some(target);
        self.touch(now);
        Ok(())
    }

    /// Is renewed by other terms next; the present ones take back what was agreed.
    pub fn agree(&mut self, terms: Terms, now: DateTime<Utc>) -> Result<(), Error> {
        self.check_open()?;
        if self.state == State::Leaving {
            return Err(Error::SubscriptionClosed(self.state.slug()));
        }
        self.cost(&terms).ok_or(Error::PlanNotFound)?;
        self.next = Some(terms).filter(|terms| *terms != self.terms);
        self.touch(now);
        Ok(())
    }

    /// Is paid by another method; a renewal that failed is charged again.
    pub fn pay_by(&mut self, method: String, now: DateTime<Utc>) -> Result<(), Error> {
        self.check_open()?;
        self.method = method;
        if self.course.retry_at.is_some() {
            self.course.retry_at = Some(now);
        }
        self.touch(now);
        Ok(())
    }
}

#[cfg(test)]
#[path = "act_tests.rs"]
mod tests;
