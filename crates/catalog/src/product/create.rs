//! Adds a product (CA-1).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::{ProductId, RealmId, StoreId},
    money::Currency,
    outbox,
};
use proto::catalog::v1 as pb;

use super::{
    contents::check_contents,
    plan::Plans,
    product::{Details, Kind, Package, Product, TaxClass},
    renewal::Renewal,
    store,
};
use crate::Error;

/// Whose products are written.
#[derive(Clone, Copy, Debug)]
pub struct Seller {
    /// The store.
    pub store: StoreId,
    /// Its customer base.
    pub realm: RealmId,
    /// What it sells in.
    pub currency: Currency,
}

/// A product to add.
#[derive(Debug)]
pub struct CreateProduct(pub(super) Product);

impl CreateProduct {
    /// Reads a request; all its faults are told at once.
    pub fn parse(request: pb::CreateProductRequest, seller: Seller, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let kind = Kind::parse(&request.kind, &request.package).unwrap_or_else(|fault| {
            faults.push(fault);
            Kind::Digital(Package::Combo) // takes any contents, so that nothing else is said about a kind that is none
        });
        let mut product = blank(seller, kind, now);
        faults.extend(product.apply(changes(request), now)?);
        if faults.is_empty() { Ok(Self(product)) } else { Err(Error::faults(faults)) }
    }
}

fn blank(seller: Seller, kind: Kind, now: DateTime<Utc>) -> Product {
    let details = Details {
        sku: String::new(),
        name: String::new(),
        description: String::new(),
        images: Vec::new(),
        price: None,
        plans: Plans::default(),
        renewal: Renewal::default(),
        kind,
        contents: Vec::new(),
        tax_class: TaxClass::default(),
        download_limit: 0,
        active: true,
    };
    Product {
        id: ProductId::new(now),
        store: seller.store,
        currency: seller.currency,
        details,
        sold: false,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// A new product as changes to one without anything.
fn changes(request: pb::CreateProductRequest) -> pb::UpdateProductRequest {
    pb::UpdateProductRequest {
        id: String::new(),
        name: Some(request.name),
        description: Some(request.description),
        price: request.price,
        active: request.active,
        no_price: false,
        sku: Some(request.sku),
        images: Some(pb::Texts { texts: request.images }),
        package: None,
        plans: Some(pb::Plans { plans: request.plans }),
        renewal_targets: Some(pb::RenewalTargets { targets: request.renewal_targets }),
        renewal_target_changeable: Some(request.renewal_target_changeable),
        contents: Some(pb::Texts { texts: request.contents }),
        tax_class: Some(request.tax_class),
        download_limit: Some(request.download_limit),
    }
}

/// Adds the product for whoever sent `call`.
pub async fn create_product(
    tx: &mut Tx,
    call: &Call,
    realm: RealmId,
    CreateProduct(product): CreateProduct,
) -> Result<Product, Error> {
    check_contents(tx, &product).await?;
    store::insert(&mut **tx, &product).await?;
    outbox::publish(tx, &product.created(realm));
    let mut after = product.details.told(product.currency);
    after["kind"] = product.details.kind.slug().into();
    let entry = Entry::new("product.created", ("product", product.id), product.created_at);
    audit::record(tx, call, entry.created(after))?;
    Ok(product)
}
