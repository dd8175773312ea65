//! What happened, compared with what a projection knows of it.
use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use kit::{clock, reconcile::PAGE};
use prost::{Message, bytes::Bytes};
use proto::{
    base::v1::{CheckClaimsRequest, Claim, CompareFactsRequest, ListFactsRequest},
    carts::v1::CartHolderChanged,
    orders::v1::{OrderPlaced, PaymentCaptured, SubscriptionStarted},
    reviews::v1::ReviewSubmitted,
};

use super::{
    Case,
    peers::{CAPTURED, HELD, PLACED, STARTED, SUBMITTED},
    report::Report,
};

/// What is younger may still be under way when a clock is wrong, and is given a pause before it is called missing.
const YOUNG: TimeDelta = TimeDelta::minutes(10);

/// What a fact says, and when it happened.
type Told = (Claim, DateTime<Utc>);

/// The examination of one projection. What seems to differ is looked at twice before it is called a finding.
pub struct Comparison<'a> {
    case: &'a Case<'a>,
    projection: &'static str,
    suspects: Vec<Bytes>,
}

/// Reads the facts of a relation once, and shows every page to all `comparisons`.
pub async fn run(case: &Case<'_>, comparisons: &mut [Comparison<'_>], report: &mut Report) -> anyhow::Result<()> {
    let mut request = ListFactsRequest {
        event: case.relation.event.to_owned(),
        until: Some(clock::timestamp(case.horizon.until)),
        announced: case.relation.announced,
        ..ListFactsRequest::default()
    };
    loop {
        let page = case.peers.facts(case.relation.source, &request).await?;
        report.looked_at(case.relation.event, page.facts.len());
        for comparison in &mut *comparisons {
            comparison.suspect(&page.facts).await?;
            comparison.settle_full(report).await?;
        }
        if page.next.is_empty() {
            break;
        }
        request.after = page.next;
    }
    for comparison in comparisons {
        let rest = std::mem::take(&mut comparison.suspects);
        comparison.settle(rest, report).await?;
    }
    Ok(())
}

impl<'a> Comparison<'a> {
    /// Of `projection`.
    pub fn new(case: &'a Case<'a>, projection: &'static str) -> Self {
        Self { case, projection, suspects: Vec::new() }
    }

    fn request(&self, facts: Vec<Bytes>, repair: bool) -> CompareFactsRequest {
        CompareFactsRequest { event: self.case.relation.event.to_owned(), facts, repair }
    }

    /// Remembers which of `facts` differ.
    async fn suspect(&mut self, facts: &[Bytes]) -> anyhow::Result<()> {
        if facts.is_empty() {
            return Ok(());
        }
        let answer = self.case.peers.compare(self.projection, &self.request(facts.to_vec(), false)).await?;
        let places: BTreeSet<u32> = answer.discrepancies.iter().map(|one| one.subject).collect();
        self.suspects.extend(places.into_iter().filter_map(|place| facts.get(place as usize)).cloned());
        Ok(())
    }

    /// Keeps memory constant, however much differs.
    async fn settle_full(&mut self, report: &mut Report) -> anyhow::Result<()> {
        while self.suspects.len() >= PAGE as usize {
            let rest = self.suspects.split_off(PAGE as usize);
            let full = std::mem::replace(&mut self.suspects, rest);
            self.settle(full, report).await?;
        }
        Ok(())
    }

    /// Looks again at what differed: what has arrived meanwhile, or is no longer true at its source, is no finding.
    async fn settle(&self, suspects: Vec<Bytes>, report: &mut Report) -> anyhow::Result<()> {
        let told: Vec<_> = suspects.into_iter().map(|fact| (claim(self.case.relation.event, &fact), fact)).collect();
        let young = self.case.horizon.now - YOUNG;
        if told.iter().any(|(told, _)| told.as_ref().is_none_or(|(_, at)| *at > young)) {
            pause(self.case.pause).await;
        }
        let facts = self.still_true(told).await?;
        if facts.is_empty() {
            return Ok(());
        }
        let answer = self.case.peers.compare(self.projection, &self.request(facts, self.case.repair)).await?;
        report.add(self.projection, self.case.relation.source, answer.discrepancies);
        Ok(())
    }

    async fn still_true(&self, told: Vec<(Option<Told>, Bytes)>) -> anyhow::Result<Vec<Bytes>> {
        let (claims, facts): (Vec<_>, Vec<_>) = told.into_iter().unzip();
        let claims: Option<Vec<Claim>> = claims.into_iter().map(|told| told.map(|(claim, _)| claim)).collect();
        // Nothing takes back what cannot be asked about, such as that there is an account.
        let Some(claims) = claims.filter(|claims| !claims.is_empty()) else { return Ok(facts) };
        let request = CheckClaimsRequest { event: self.case.relation.event.to_owned(), claims };
        let unfounded = self.case.peers.check(self.case.relation.source, &request).await?.unfounded;
        let gone: BTreeSet<usize> = unfounded.into_iter().map(|place| place as usize).collect();
        Ok(facts.into_iter().enumerate().filter(|(place, _)| !gone.contains(place)).map(|(_, fact)| fact).collect())
    }
}

/// Waits; nothing at all when there is no grace.
pub async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// What a fact says, in the form its source is asked about it, and when it happened.
fn claim(event: &str, fact: &Bytes) -> Option<Told> {
    let (realm, id, at) = match event {
        PLACED => OrderPlaced::decode(fact.clone()).ok().map(|event| (event.realm, event.order, event.at))?,
        CAPTURED => {
            PaymentCaptured::decode(fact.clone()).ok().map(|event| (event.realm, event.transaction, event.at))?
        }
        SUBMITTED => ReviewSubmitted::decode(fact.clone()).ok().map(|event| (event.realm, event.review, event.at))?,
        HELD => CartHolderChanged::decode(fact.clone()).ok().map(|event| (event.realm, event.cart, event.at))?,
        STARTED => {
            SubscriptionStarted::decode(fact.clone()).ok().map(|event| (event.realm, event.subscription, event.at))?
        }
        _ => return None,
    };
    Some((Claim { realm, id, ..Claim::default() }, at.as_ref().and_then(clock::datetime)?))
}
