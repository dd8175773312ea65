//! Adds a product (CA-1).
use chrono::{DateTime, Utc};
use kit::{
    Call, Error as KitError, Tx,
    audit::{self, Entry, json},
    failure::Violation,
    ids::{ProductId, StoreId},
    money::{Currency, Money},
};
use proto::catalog::v1 as pb;

use super::{
    product::{Details, Kind, Product, text},
    store,
};
use crate::Error;

/// A product to add.
#[derive(Debug)]
pub struct CreateProduct(Product);

impl CreateProduct {
    /// Reads a request; all its faults are told at once.
    pub fn parse(
        request: pb::CreateProductRequest,
        seller: StoreId,
        currency: Currency,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let (price, mut violations) = match price(request.price.as_ref(), currency)? {
            Ok(price) => (price, Vec::new()),
            Err(violation) => (Money::new(0, currency), vec![violation]),
        };
        let kind = Kind::parse(&request.kind, &request.package).map_err(|v| violations.push(v)).ok();
        violations.extend(text("/sku", request.sku.trim(), 1, 64));
        let details = Details {
            name: request.name.trim().to_owned(),
            description: request.description,
            images: request.images,
            price,
            active: true,
        };
        violations.extend(details.violations());
        let (Some(kind), true) = (kind, violations.is_empty()) else {
            return Err(KitError::Invalid(violations).into());
        };
        Ok(Self(Product {
            id: ProductId::new(now),
            store: seller,
            sku: request.sku.trim().to_owned(),
            details,
            kind,
            version: 1,
            created_at: now,
            updated_at: now,
        }))
    }
}

/// The price of a request, which must be in the currency the store sells in.
pub(super) fn price(
    price: Option<&proto::base::v1::Money>,
    currency: Currency,
) -> Result<Result<Money, Violation>, Error> {
    let Some(price) = price else {
        return Ok(Err(Violation::new("/price", "required", "a product has a price")));
    };
    match Money::parse(price) {
        Ok(price) if price.currency == currency => Ok(Ok(price)),
        Ok(_) => Err(Error::WrongCurrency(currency.code().to_owned())),
        Err(error) => Ok(Err(Violation::new("/price/currency", "unknown", error.to_string()))),
    }
}

/// Adds the product for whoever sent `call`.
pub async fn create_product(tx: &mut Tx, call: &Call, input: CreateProduct) -> Result<Product, Error> {
    let product = input.0;
    store::insert(&mut **tx, &product).await?;
    let mut after = product.details.told();
    after["sku"] = json!(product.sku);
    after["kind"] = json!(product.kind.slug());
    let entry = Entry::new("product.created", ("product", product.id), product.created_at);
    audit::record(tx, call, entry.created(after))?;
    Ok(product)
}
