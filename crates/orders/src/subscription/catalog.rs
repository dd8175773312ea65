//! What the catalog offers for a subscription: plans to change to and what can be renewed (CA-1).
use kit::{Call, transport::Transport};
use proto::catalog::v1::{GetProductRequest, Product, product_service_client::ProductServiceClient};
use tonic::Code;

use super::{Subscription, Target, Terms, calendar::Interval};
use crate::error::Error;

/// Asks the catalog.
#[derive(Clone)]
pub struct Catalog(ProductServiceClient<Transport>);

impl Catalog {
    /// By this way.
    #[must_use]
    pub fn new(catalog: Transport) -> Self {
        Self(ProductServiceClient::new(catalog))
    }

    /// The product of `of` as the house sees it; none when it was deleted.
    pub async fn product(&self, call: &Call, of: &Subscription) -> Result<Option<Product>, Error> {
        let request = call.trace(GetProductRequest { id: of.item.product.into() });
        match self.0.clone().get_product(request).await {
            Ok(product) => Ok(Some(product.into_inner())),
            Err(gone) if gone.code() == Code::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The terms of the plan `id` of `product` for `of`: that can be subscribed to, or is the present one.
pub fn terms(of: &Subscription, product: Option<&Product>, id: &str) -> Result<Terms, Error> {
    if id == of.terms.plan {
        return Ok(of.terms.clone());
    }
    let sold = product.filter(|product| product.active && product.currency == of.currency.code());
    let plan = sold.and_then(|product| product.plans.iter().find(|plan| plan.active && plan.id == id));
    let plan = plan.ok_or(Error::PlanNotFound)?;
    let interval = Interval::parse(&plan.interval).ok_or(Error::PlanNotFound)?;
    let price = plan.price.as_ref().map_or(0, |price| price.amount);
    Ok(Terms { plan: plan.id.clone(), interval, count: plan.count.max(1), price })
}

/// The target `id` of `product`.
pub fn target(product: Option<&Product>, id: &str) -> Result<Target, Error> {
    let target = product.and_then(|product| product.renewal_targets.iter().find(|target| target.id == id));
    let target = target.ok_or(Error::RenewalTargetNotFound)?;
    Ok(Target { id: target.id.clone(), name: target.name.clone() })
}
