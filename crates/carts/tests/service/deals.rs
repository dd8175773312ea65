//! What the catalog takes off, as the test decides.
use std::sync::{Arc, Mutex};

use proto::{
    base::v1::Money,
    catalog::v1::{
        self as catalog, FindPromotionsRequest, FindPromotionsResponse, Promotion, PromotionTerms,
        promotion_service_server::PromotionService,
    },
};
use tonic::{Request, Response, Status};

/// Offers and vouchers of one store.
#[derive(Clone, Default)]
pub struct Deals(Arc<Mutex<Vec<Promotion>>>);

impl Deals {
    /// Adds an offer, or with a code a voucher; its id.
    pub fn add(&self, terms: PromotionTerms) -> String {
        let mut deals = self.0.lock().unwrap();
        let id = format!("off_{:032x}", deals.len() + 1);
        deals.push(Promotion { id: id.clone(), terms: Some(terms), ..Promotion::default() });
        id
    }

    /// Takes all away.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

/// Ten percent off everything.
pub fn ten_percent(code: &str) -> PromotionTerms {
    PromotionTerms { name: "Ten off".into(), code: code.into(), percent: 1_000, active: true, ..Default::default() }
}

/// An amount in euros.
pub fn euros(amount: i64) -> Money {
    Money { amount, currency: "EUR".to_owned() }
}

fn unasked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("carts does not ask for this"))
}

#[tonic::async_trait]
impl PromotionService for Deals {
    async fn find_promotions(
        &self,
        request: Request<FindPromotionsRequest>,
    ) -> Result<Response<FindPromotionsResponse>, Status> {
        let codes = request.into_inner().codes;
        let counts = |promotion: &&Promotion| {
            let code = promotion.terms.as_ref().map(|terms| terms.code.clone()).unwrap_or_default();
            code.is_empty() || codes.contains(&code)
        };
        let promotions = self.0.lock().unwrap().iter().filter(counts).cloned().collect();
        Ok(Response::new(FindPromotionsResponse { promotions }))
    }

    async fn create_promotion(&self, _: Request<PromotionTerms>) -> Result<Response<Promotion>, Status> {
        unasked()
    }

    async fn replace_promotion(
        &self,
        _: Request<catalog::ReplacePromotionRequest>,
    ) -> Result<Response<Promotion>, Status> {
        unasked()
    }

    async fn delete_promotion(&self, _: Request<catalog::GetPromotionRequest>) -> Result<Response<Promotion>, Status> {
        unasked()
    }

    async fn get_promotion(&self, _: Request<catalog::GetPromotionRequest>) -> Result<Response<Promotion>, Status> {
        unasked()
    }

    async fn list_promotions(
        &self,
        _: Request<catalog::ListPromotionsRequest>,
    ) -> Result<Response<catalog::ListPromotionsResponse>, Status> {
        unasked()
    }
}
