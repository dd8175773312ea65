//! The RPCs behind the page of a redirect payment.
use kit::{Call, Db, clock::Clock, secret::Secrets};
use proto::orders::v1::{
    DecideTestPaymentRequest, GetTestPaymentRequest, TestPayment, test_payment_service_server::TestPaymentService,
};
use tonic::{Request, Response, Status};

use super::{Gateways, Payment, State, secret, settle::settle, store};
use crate::error::Error;

/// Answers [`TestPaymentService`].
#[derive(Clone)]
pub struct TestPayments {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Keys.
    pub secrets: Secrets,
    /// The gateways.
    pub gateways: Gateways,
}

#[tonic::async_trait]
impl TestPaymentService for TestPayments {
    async fn get_test_payment(&self, request: Request<GetTestPaymentRequest>) -> Result<Response<TestPayment>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        Ok(Response::new(self.find(&request.into_inner().secret).await?.into()))
    }

    async fn decide_test_payment(
        &self,
        request: Request<DecideTestPaymentRequest>,
    ) -> Result<Response<TestPayment>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        let payment = self.find(&request.secret).await?;
        let verdict = self.gateways.decide(&payment, request.approved).await?;
        let mut tx = self.db.begin_own().await?;
        settle(&mut tx, &payment, &verdict, (&payment.actor, &self.clock)).await?;
        tx.commit().await?;
        Ok(Response::new(self.find(&request.secret).await?.into()))
    }
}

impl TestPayments {
    async fn find(&self, secret: &str) -> Result<Payment, Error> {
        let id = secret::open(&self.secrets, secret).ok_or(Error::PaymentNotFound)?;
        store::find_anywhere(self.db.pool(), id).await?.ok_or(Error::PaymentNotFound)
    }
}

impl From<Payment> for TestPayment {
    fn from(payment: Payment) -> Self {
        let status = match payment.state {
            State::Started | State::Redirected => "waiting",
            State::Accepted | State::Captured => "succeeded",
            State::Failed => "failed",
        };
        Self { status: status.to_owned(), amount: Some(payment.amount.into()), store: payment.store.into() }
    }
}
