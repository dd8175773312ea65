//! The `test` gateway: payment methods that say how they end. What it "took" stands in a table of its own, written
//! outside of the orders' transactions as another company's would be, so that tests can prove that nothing is taken twice.
use std::time::Duration;

use kit::{Error, pool::Pool};

use super::{Payment, Refusal, Verdict, payment};
use crate::refund::{Answer, Refund};

/// How long the methods that time out keep their caller waiting.
const SILENCE: Duration = Duration::from_mins(1);
/// How long the slow method takes: longer than its caller waits, not so long that the reaper is there first.
const DELAY: Duration = Duration::from_secs(10);

/// The `test` gateway.
#[derive(Clone)]
pub struct TestGateway(Pool);

/// What the gateway knows of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
enum Known {
    Waiting,
    Charged,
    Declined,
    Voided,
}

impl TestGateway {
    /// Its payment methods: succeeds; is declined; sends the shopper to a page; charges but does not answer in time;
    /// neither charges nor answers in time; charges and answers after ten seconds, whoever still listens;
    /// charges, but refuses to give it back; charges and gives it back, but does not answer to that in time; charges while
    /// the shopper is there, and is declined when a subscription renews.
    pub const METHODS: [&str; 9] = [
        "pm_test_ok",
        "pm_test_declined",
        "pm_test_redirect",
        "pm_test_timeout",
        "pm_test_timeout_lost",
        "pm_test_slow",
        "pm_test_refund_refused",
        "pm_test_refund_timeout",
        "pm_test_renewal_declined",
    ];

    /// The gateway with its books in `pool`.
    #[must_use]
    pub fn new(pool: &Pool) -> Self {
        Self(pool.clone())
    }

    /// Takes `payment`, the way its method says.
    pub async fn charge(&self, payment: &Payment) -> Result<Verdict, Error> {
        let wanted = match payment.method.as_str() {
            "pm_test_slow" => return self.charge_slowly(payment.clone()).await,
            "pm_test_ok"
            | "pm_test_timeout"
            | "pm_test_refund_refused"
            | "pm_test_refund_timeout"
            | "pm_test_renewal_declined" => Known::Charged,
            "pm_test_redirect" => Known::Waiting,
            "pm_test_timeout_lost" => {
                tokio::time::sleep(SILENCE).await;
                return Err(Error::Busy);
            }
            _ => Known::Declined,
        };
        let known = self.record(payment, wanted).await?;
        if payment.method == "pm_test_timeout" {
            tokio::time::sleep(SILENCE).await;
        }
        Ok(verdict(payment, known))
    }

    /// Takes `payment` while nobody is there who could be sent to a page.
    pub async fn charge_unseen(&self, payment: &Payment) -> Result<Verdict, Error> {
        match payment.method.as_str() {
            "pm_test_redirect" | "pm_test_renewal_declined" => {
                Ok(verdict(payment, self.record(payment, Known::Declined).await?))
            }
            _ => self.charge(payment).await,
        }
    }

    /// Another company goes on when its caller has hung up.
    async fn charge_slowly(&self, payment: Payment) -> Result<Verdict, Error> {
        let this = self.clone();
        let work = tokio::spawn(async move {
            tokio::time::sleep(DELAY).await;
            Ok(verdict(&payment, this.record(&payment, Known::Charged).await?))
        });
        work.await.map_err(|e| Error::Internal(format!("the slow charge broke off: {e}")))?
    }

    /// What is known of `payment`.
    pub async fn lookup(&self, payment: &Payment) -> Result<Option<Verdict>, Error> {
        let known: Option<Known> =
            sqlx::query_scalar("select state from test_gateway_charges where store_id = $1 and payment_id = $2")
                .bind(payment.store)
                .bind(payment.id)
                .fetch_optional(&self.0)
                .await?;
        Ok(known.map(|known| verdict(payment, known)))
    }

    /// Voids `payment` unless it was decided before; a charge that comes later finds it voided.
    pub async fn void(&self, payment: &Payment) -> Result<Verdict, Error> {
        self.record(payment, Known::Voided).await?;
        Ok(verdict(payment, self.close(payment, Known::Voided).await?))
    }

    /// Gives `refund` back, the way the method of its payment says: once, however often it is asked.
    pub async fn refund(&self, refund: &Refund) -> Result<Answer, Error> {
        let wanted = if refund.method == "pm_test_refund_refused" { "refused" } else { "returned" };
        let (known, is_new): (String, bool) = sqlx::query_as(
            "insert into test_gateway_refunds as known (store_id, refund_id, payment_id, state, amount, currency)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (store_id, refund_id) do update set state = known.state returning state, xmax = 0",
        )
        .bind(refund.store)
        .bind(refund.id)
        .bind(refund.payment)
        .bind(wanted)
        .bind(refund.amount.amount)
        .bind(refund.amount.currency.code())
        .fetch_one(&self.0)
        .await?;
        if is_new && refund.method == "pm_test_refund_timeout" {
            tokio::time::sleep(SILENCE).await;
        }
        Ok(match known.as_str() {
            "returned" => Answer::Returned(format!("test_{}", refund.id)),
            _ => Answer::Refused(Refusal::new("refused", "The gateway refused to give the money back.")),
        })
    }

    /// The shopper's decision; the first one stands.
    pub async fn decide(&self, payment: &Payment, approved: bool) -> Result<Verdict, Error> {
        let decision = if approved { Known::Charged } else { Known::Declined };
        Ok(verdict(payment, self.close(payment, decision).await?))
    }

    /// Notes `wanted` for a payment never heard of; answers what stands in the books.
    async fn record(&self, payment: &Payment, wanted: Known) -> Result<Known, Error> {
        let known = sqlx::query_scalar(
            "insert into test_gateway_charges as known (store_id, payment_id, state, amount, currency)
             values ($1, $2, $3, $4, $5)
             on conflict (store_id, payment_id) do update set state = known.state returning state",
        );
        let known = known.bind(payment.store).bind(payment.id).bind(wanted);
        Ok(known.bind(payment.amount.amount).bind(payment.amount.currency.code()).fetch_one(&self.0).await?)
    }

    /// Ends a wait with `decision`; answers what stands in the books.
    async fn close(&self, payment: &Payment, decision: Known) -> Result<Known, Error> {
        let known = sqlx::query_scalar(
            "update test_gateway_charges set state = case when state = 'waiting' then $3 else state end
             where store_id = $1 and payment_id = $2 returning state",
        );
        Ok(known.bind(payment.store).bind(payment.id).bind(decision).fetch_one(&self.0).await?)
    }
}

fn verdict(payment: &Payment, known: Known) -> Verdict {
    match known {
        Known::Waiting => Verdict::Redirected,
        Known::Charged => Verdict::Captured(format!("test_{}", payment.id)),
        Known::Declined => {
            Verdict::Failed(Refusal::new("declined", "The payment was declined. Please try another way to pay."))
        }
        Known::Voided => Verdict::Failed(Refusal::new(
            payment::NOT_COMPLETED,
            "The payment was not completed in time and nothing was charged. Please try again.",
        )),
    }
}
