//! What changes make of a product; the same for one that is new, which is one without anything before. Pure.
use chrono::{DateTime, Utc};
use kit::failure::Violation;
use proto::catalog::v1 as pb;

use super::{
    contents, fields,
    product::{Kind, Product, TaxClass},
};
use crate::Error;

impl Product {
    /// Applies `changes` and answers everything that is wrong with them. A price in another currency than the store's is
    /// refused as a whole.
    pub fn apply(
        &mut self,
        mut changes: pb::UpdateProductRequest,
        now: DateTime<Utc>,
    ) -> Result<Vec<Violation>, Error> {
        let mut faults = Vec::new();
        self.apply_texts(&mut changes);
        self.apply_terms(changes, now, &mut faults)?;
        // A price that cannot be read is told of once.
        let known = |fault: &Violation| fault.pointer.starts_with("/price") || fault.pointer.starts_with("/plans");
        let unread = faults.iter().any(known);
        let more = self.details.violations().into_iter().filter(|fault| !(unread && fault.pointer == "/price"));
        faults.extend(more);
        Ok(faults)
    }

    fn apply_texts(&mut self, changes: &mut pb::UpdateProductRequest) {
        let details = &mut self.details;
        let trimmed = |text: String| text.trim().to_owned();
        set(&mut details.sku, changes.sku.take().map(trimmed));
        set(&mut details.name, changes.name.take().map(trimmed));
        set(&mut details.description, changes.description.take());
        set(&mut details.images, changes.images.take().map(|images| images.texts));
        set(&mut details.active, changes.active);
        set(&mut details.download_limit, changes.download_limit);
        set(&mut details.renewal.changeable, changes.renewal_target_changeable);
    }

    fn apply_terms(
        &mut self,
        changes: pb::UpdateProductRequest,
        now: DateTime<Utc>,
        faults: &mut Vec<Violation>,
    ) -> Result<(), Error> {
        let (details, currency) = (&mut self.details, self.currency);
        if let Some(price) = &changes.price {
            details.price = Some(fields::price("/price", price, currency, faults)?.amount);
        } else if changes.no_price {
            details.price = None;
        }
        if let Some(pb::Plans { plans }) = changes.plans {
            details.plans = details.plans.changed(plans, (currency, now), faults)?;
        }
        if let Some(pb::RenewalTargets { targets }) = changes.renewal_targets {
            details.renewal.set_targets(targets, now, faults);
        }
        if let Some(package) = changes.package {
            let kind = Kind::parse(details.kind.slug(), &package);
            set(&mut details.kind, kind.map_err(|fault| faults.push(fault)).ok());
        }
        if let Some(class) = changes.tax_class {
            let class = TaxClass::parse(&class, "/tax_class");
            set(&mut details.tax_class, class.map_err(|fault| faults.push(fault)).ok());
        }
        if let Some(pb::Texts { texts }) = changes.contents {
            details.contents = contents::read(&texts, faults);
        }
        Ok(())
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
