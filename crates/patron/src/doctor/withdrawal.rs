//! What a projection says, compared with what happened.
use kit::reconcile::PAGE;
use proto::base::v1::{CheckClaimsRequest, Claim, ListClaimsRequest, WithdrawClaimsRequest};

use super::{Case, comparison::pause, peers::SUBMITTED, report::Report};

/// The examination of what one projection claims. Its source is asked twice before anything is taken back.
pub struct Withdrawal<'a> {
    case: &'a Case<'a>,
    projection: &'static str,
}

impl<'a> Withdrawal<'a> {
    /// Of `projection`.
    pub fn new(case: &'a Case<'a>, projection: &'static str) -> Self {
        Self { case, projection }
    }

    /// Goes through all claims.
    pub async fn run(&self, report: &mut Report) -> anyhow::Result<()> {
        // A review may be deleted, and the event of that still be on a way that is blocked.
        if self.case.relation.event == SUBMITTED && self.case.horizon.blocked {
            return Ok(());
        }
        let mut suspects = Vec::new();
        let mut request = ListClaimsRequest { event: self.case.relation.event.to_owned(), ..Default::default() };
        loop {
            let page = self.case.peers.claims(self.projection, &request).await?;
            suspects.extend(self.unfounded(page.claims).await?);
            while suspects.len() >= PAGE as usize {
                let rest = suspects.split_off(PAGE as usize);
                self.settle(std::mem::replace(&mut suspects, rest), report).await?;
            }
            if page.next.is_empty() {
                return self.settle(suspects, report).await;
            }
            request.after = page.next;
        }
    }

    /// Those of `claims` that the source knows nothing of.
    async fn unfounded(&self, claims: Vec<Claim>) -> anyhow::Result<Vec<Claim>> {
        if claims.is_empty() {
            return Ok(claims);
        }
        let request = CheckClaimsRequest { event: self.case.relation.event.to_owned(), claims };
        let unfounded = self.case.peers.check(self.case.relation.source, &request).await?.unfounded;
        Ok(unfounded.into_iter().filter_map(|place| request.claims.get(place as usize)).cloned().collect())
    }

    /// Asks again, and takes back what nothing supports and is still claimed.
    async fn settle(&self, suspects: Vec<Claim>, report: &mut Report) -> anyhow::Result<()> {
        if suspects.is_empty() {
            return Ok(());
        }
        pause(self.case.pause).await;
        let claims = self.unfounded(suspects).await?;
        if claims.is_empty() {
            return Ok(());
        }
        let event = self.case.relation.event.to_owned();
        let request = WithdrawClaimsRequest { event, claims, repair: self.case.repair };
        let answer = self.case.peers.withdraw(self.projection, &request).await?;
        report.add(self.projection, self.case.relation.source, answer.discrepancies);
        Ok(())
    }
}
