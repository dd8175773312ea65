//! Gives money back through Stripe, once, and says what became of it later: a refund may fail days after it was made.
use chrono::TimeDelta;
use kit::{Error, ids::StoreId, money::Currency};

use super::{
    Stripe,
    amount::{at_stripe, here},
    client::{Form, Trouble},
    refusal::not_returned,
    store,
    wire::{Listed, Returned},
};
use crate::{
    gateway_setting::{self, store::Keys},
    payment::Payment,
    refund::{Answer, Refund, RefundId, Theirs},
};

/// Until when a refund is asked for the first time. Later Stripe may have forgotten the key that it was asked under, and
/// would give the same money back once more: it is looked for first.
const FRESH: TimeDelta = TimeDelta::minutes(1);
/// Most pages of a list that are read: many more than a payment has refunds.
const PAGES: usize = 20;
/// How many refunds are on one.
const PAGE: usize = 100;

impl Stripe {
    /// Gives `refund` back. Never twice, however late it is asked again.
    pub async fn refund(&self, refund: &Refund) -> Result<Answer, Error> {
        let amount = match at_stripe(refund.amount) {
            Some(0) => return Ok(Answer::Returned(String::new())),
            Some(amount) => amount,
            None => return Ok(Answer::Refused(not_returned())),
        };
        let keys = self.keys_of(refund.store).await?.ok_or(Error::Busy)?;
        let payment = refund.payment.ok_or_else(|| Error::Internal(format!("{} is of no payment", refund.id)))?;
        let intent = store::intent(&self.pool, refund.store, payment).await?;
        let intent = intent.ok_or_else(|| Error::Internal(format!("{payment} has no name at Stripe")))?;
        let is_fresh = self.clock.now() - refund.created_at <= FRESH;
        if !is_fresh && let Some(made) = self.made(&keys, &intent, refund.id).await? {
            return Ok(made.answer());
        }
        let form: Form = vec![
            ("payment_intent", intent),
            ("amount", amount.to_string()),
            ("metadata[refund]", refund.id.to_string()),
        ];
        match self.client.post::<Returned>(&keys.secret, "refunds", (&form, &refund.id.to_string())).await {
            Ok(made) => Ok(made.answer()),
            Err(Trouble::Refused(fault)) if matches!(fault.status, 401 | 403) => Err(Trouble::Refused(fault).passing()),
            Err(Trouble::Refused(_)) => Ok(Answer::Refused(not_returned())),
            Err(unknown) => Err(unknown.passing()),
        }
    }

    /// The refund of `intent` that was made as `id`, if it was.
    async fn made(&self, keys: &Keys, intent: &str, id: RefundId) -> Result<Option<Returned>, Error> {
        let ours = id.to_string();
        let all = self.all_returned(keys, intent).await?;
        Ok(all.into_iter().find(|one| one.metadata.refund.as_deref() == Some(&*ours)))
    }

    /// Every refund of `intent`, the newest first.
    async fn all_returned(&self, keys: &Keys, intent: &str) -> Result<Vec<Returned>, Error> {
        let (mut all, mut after) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let path = format!("refunds?payment_intent={intent}&limit={PAGE}{after}");
            let listed: Listed<Returned> = match self.client.get(&keys.secret, &path).await {
                Ok(listed) => listed,
                // No such payment: nothing of it can have gone back.
                Err(Trouble::Refused(fault)) if fault.status == 404 => break,
                Err(trouble) => return Err(trouble.passing()),
            };
            after = listed.data.last().map(|last| format!("&starting_after={}", last.id)).unwrap_or_default();
            all.extend(listed.data);
            if !listed.has_more || after.is_empty() {
                break;
            }
        }
        Ok(all)
    }

    /// All refunds of `payment` as they stand now, by whomever they were made; the oldest first.
    pub async fn returned(&self, payment: &Payment) -> Result<Vec<Theirs>, Error> {
        let keys = self.keys_of(payment.store).await?.ok_or(Error::Busy)?;
        let Some(intent) = store::intent(&self.pool, payment.store, payment.id).await? else { return Ok(Vec::new()) };
        let all = self.all_returned(&keys, &intent).await?.into_iter().rev();
        Ok(all.map(|one| one.theirs(payment.amount.currency)).collect())
    }

    pub(super) async fn keys_of(&self, store: StoreId) -> Result<Option<Keys>, Error> {
        gateway_setting::store::keys(&self.pool, &self.secrets, store).await
    }
}

impl Returned {
    /// Whether the money did not go back, or came back again.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(&*self.status, "failed" | "canceled")
    }

    /// As the ledger is compared with it.
    fn theirs(self, currency: Currency) -> Theirs {
        Theirs {
            failed: self.has_failed(),
            refund: self.metadata.refund.and_then(|id| id.parse().ok()),
            amount: here(self.amount, currency),
            reference: self.id,
        }
    }

    fn answer(self) -> Answer {
        if self.has_failed() { Answer::Refused(not_returned()) } else { Answer::Returned(self.id) }
    }
}
