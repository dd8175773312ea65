//! Stands in for the redirect payments of the `test` gateway: there is one, and its first decision stands.
use std::sync::{Arc, Mutex};

use kit::Call;
use proto::{
    base::v1::Money,
    orders::v1::{
        DecideTestPaymentRequest, GetTestPaymentRequest, TestPayment, test_payment_service_server::TestPaymentService,
    },
};
use tonic::{Request, Response, Status};

use super::{STORES, Unknown};

/// The page of the payment there is.
pub const PAGE: &str = "/pay/test/pay_01957000000070008000000000000051_5ec2e7";

/// The stand-in.
#[derive(Clone, Default)]
pub struct Payments(Arc<Mutex<Option<bool>>>);

impl Payments {
    fn find(&self, secret: &str) -> Result<Response<TestPayment>, Status> {
        if !PAGE.ends_with(&format!("/{secret}")) {
            return Err(kit::failure::status(&Unknown));
        }
        let status = match *self.0.lock().unwrap() {
            None => "waiting",
            Some(true) => "succeeded",
            Some(false) => "failed",
        };
        let amount = Some(Money { amount: 7_920, currency: "EUR".to_owned() });
        Ok(Response::new(TestPayment { status: status.to_owned(), amount, store: STORES[0].0.to_owned() }))
    }
}

#[tonic::async_trait]
impl TestPaymentService for Payments {
    async fn get_test_payment(&self, request: Request<GetTestPaymentRequest>) -> Result<Response<TestPayment>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        self.find(&request.into_inner().secret)
    }

    async fn decide_test_payment(
        &self,
        request: Request<DecideTestPaymentRequest>,
    ) -> Result<Response<TestPayment>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let DecideTestPaymentRequest { secret, approved } = request.into_inner();
        self.find(&secret)?;
        self.0.lock().unwrap().get_or_insert(approved);
        self.find(&secret)
    }
}
