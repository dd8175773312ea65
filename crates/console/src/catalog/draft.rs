//! A product in a form: as the catalog knows it, or as somebody typed it.
use kit::money::Currency;
use proto::catalog::v1::{self as pb, CreateProductRequest, Plans, RenewalTargets, Texts, UpdateProductRequest};

use super::amount;
use crate::team::Fields;

/// How many empty rows a form offers for more plans and targets.
const SPARE: usize = 2;

/// Everything that can be typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub sku: String,
    pub name: String,
    pub description: String,
    pub price: String,
    pub kind: String,
    pub package: String,
    pub tax_class: String,
    /// Downloads of each file that a buyer has; empty or 0 for any number.
    pub downloads: String,
    /// One address a line.
    pub images: String,
    /// One SKU a line.
    pub contents: String,
    pub plans: Vec<PlanDraft>,
    pub targets: Vec<TargetDraft>,
    pub changeable: bool,
}

/// A plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanDraft {
    pub id: String,
    pub name: String,
    pub interval: String,
    pub count: String,
    pub price: String,
    pub trial_days: String,
    pub active: bool,
}

/// A renewal target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetDraft {
    pub id: String,
    pub name: String,
}

impl Draft {
    /// A product that is nothing yet.
    pub fn blank() -> Self {
        Self { kind: "physical".to_owned(), tax_class: "standard".to_owned(), ..Self::default() }.with_spare_rows()
    }

    /// The product as it is, with the SKUs of what is `inside`.
    pub fn of(product: &pb::Product, inside: &[pb::Product], currency: Currency) -> Self {
        let sku = |id: &String| inside.iter().find(|product| product.id == *id).map(|product| product.sku.clone());
        let written = |price: &Option<proto::base::v1::Money>| {
            price.as_ref().map(|price| amount::written(price.amount, currency)).unwrap_or_default()
        };
        let plan = |plan: &pb::Plan| PlanDraft {
            id: plan.id.clone(),
            name: plan.name.clone(),
            interval: plan.interval.clone(),
            count: plan.count.to_string(),
            price: written(&plan.price),
            trial_days: plan.trial_days.to_string(),
            active: plan.active,
        };
        let target = |target: &pb::RenewalTarget| TargetDraft { id: target.id.clone(), name: target.name.clone() };
        let draft = Self {
            sku: product.sku.clone(),
            name: product.name.clone(),
            description: product.description.clone(),
            price: written(&product.price),
            kind: product.kind.clone(),
            package: product.package.clone(),
            tax_class: product.tax_class.clone(),
            downloads: Some(product.download_limit)
                .filter(|limit| *limit > 0)
                .map(|limit| limit.to_string())
                .unwrap_or_default(),
            images: product.images.join("\n"),
            contents: product.contents.iter().filter_map(sku).collect::<Vec<_>>().join("\n"),
            plans: product.plans.iter().map(plan).collect(),
            targets: product.renewal_targets.iter().map(target).collect(),
            changeable: product.renewal_target_changeable,
        };
        draft.with_spare_rows()
    }

    /// What a form says.
    pub fn read(fields: &Fields) -> Self {
        let column = |name: &str| fields.all(name);
        let (ids, names, intervals) = (column("plan_id"), column("plan_name"), column("plan_interval"));
        let (counts, prices) = (column("plan_count"), column("plan_price"));
        let (trials, actives) = (column("plan_trial"), column("plan_active"));
        let at = |column: &Vec<String>, row: usize| column.get(row).cloned().unwrap_or_default();
        let plans = (0..names.len()).map(|row| PlanDraft {
            id: at(&ids, row),
            name: at(&names, row),
            interval: at(&intervals, row),
            count: at(&counts, row),
            price: at(&prices, row),
            trial_days: at(&trials, row),
            active: at(&actives, row) != "no",
        });
        let (target_ids, targets) = (column("target_id"), column("target_name"));
        let targets = targets.into_iter().enumerate().map(|(row, name)| TargetDraft { id: at(&target_ids, row), name });
        Self {
            sku: fields.text("sku"),
            name: fields.text("name"),
            description: fields.text("description").replace("\r\n", "\n"),
            price: fields.text("price"),
            kind: fields.text("kind"),
            package: fields.text("package"),
            tax_class: fields.text("tax_class"),
            downloads: fields.text("downloads"),
            images: fields.text("images"),
            contents: fields.text("contents"),
            plans: plans.collect(),
            targets: targets.collect(),
            changeable: fields.text("changeable") == "yes",
        }
    }

    fn with_spare_rows(mut self) -> Self {
        let spare =
            PlanDraft { interval: "month".to_owned(), count: "1".to_owned(), active: true, ..Default::default() };
        self.plans.extend(std::iter::repeat_n(spare, SPARE));
        self.targets.extend(std::iter::repeat_n(TargetDraft::default(), SPARE));
        self
    }

    /// SKUs of what is to be inside.
    pub fn inside(&self) -> Vec<String> {
        lines(&self.contents)
    }

    /// A product of this, with `contents` inside.
    pub fn create(self, contents: Vec<String>, currency: Currency) -> CreateProductRequest {
        CreateProductRequest {
            download_limit: self.downloads(),
            plans: self.plans(currency),
            renewal_targets: self.targets(),
            price: amount::read(&self.price, currency),
            images: lines(&self.images),
            sku: self.sku,
            name: self.name,
            description: self.description,
            package: if self.kind == "digital" { self.package } else { String::new() },
            kind: self.kind,
            renewal_target_changeable: self.changeable,
            contents,
            active: None,
            tax_class: self.tax_class,
        }
    }

    /// The product `id` as this, with `contents` inside.
    pub fn update(self, id: String, contents: Vec<String>, currency: Currency) -> UpdateProductRequest {
        let price = amount::read(&self.price, currency);
        UpdateProductRequest {
            download_limit: Some(self.downloads()),
            id,
            plans: Some(Plans { plans: self.plans(currency) }),
            renewal_targets: Some(RenewalTargets { targets: self.targets() }),
            no_price: price.is_none(),
            price,
            images: Some(Texts { texts: lines(&self.images) }),
            sku: Some(self.sku),
            name: Some(self.name),
            description: Some(self.description),
            package: Some(self.package).filter(|package| !package.is_empty()),
            renewal_target_changeable: Some(self.changeable),
            contents: Some(Texts { texts: contents }),
            tax_class: Some(self.tax_class),
            active: None,
        }
    }

    fn downloads(&self) -> u32 {
        if self.downloads.trim().is_empty() { 0 } else { self.downloads.trim().parse().unwrap_or(u32::MAX) }
    }

    /// The rows that say anything.
    fn plans(&self, currency: Currency) -> Vec<pb::Plan> {
        let said = |plan: &&PlanDraft| !(plan.id.is_empty() && plan.name.is_empty() && plan.price.is_empty());
        let number = |text: &str| if text.trim().is_empty() { 0 } else { text.trim().parse().unwrap_or(u32::MAX) };
        let plan = |plan: &PlanDraft| pb::Plan {
            id: plan.id.clone(),
            name: plan.name.clone(),
            interval: plan.interval.clone(),
            count: number(&plan.count),
            price: amount::read(&plan.price, currency),
            trial_days: number(&plan.trial_days),
            active: plan.active,
        };
        self.plans.iter().filter(said).map(plan).collect()
    }

    fn targets(&self) -> Vec<pb::RenewalTarget> {
        let named = self.targets.iter().filter(|target| !target.name.trim().is_empty());
        named.map(|target| pb::RenewalTarget { id: target.id.clone(), name: target.name.clone() }).collect()
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-1: a product goes through its form and comes out as it was.
    #[test]
    fn a_form_keeps_everything() {
        let euros = |amount| Some(proto::base::v1::Money { amount, currency: "EUR".to_owned() });
        let plan = pb::Plan {
            id: "plan_1".to_owned(),
            name: "Monthly".to_owned(),
            interval: "month".to_owned(),
            count: 3,
            price: euros(499),
            trial_days: 14,
            active: false,
        };
        let product = pb::Product {
            sku: "ALBUM".to_owned(),
            name: "Album".to_owned(),
            price: euros(1_999),
            kind: "digital".to_owned(),
            package: "bundle".to_owned(),
            images: vec!["https://shop.example.com/1.jpg".to_owned(), "https://shop.example.com/2.jpg".to_owned()],
            plans: vec![plan],
            renewal_targets: vec![pb::RenewalTarget { id: "rtgt_1".to_owned(), name: "Server".to_owned() }],
            contents: vec!["prd_1".to_owned()],
            ..pb::Product::default()
        };
        let inside = pb::Product { id: "prd_1".to_owned(), sku: "SONG".to_owned(), ..pb::Product::default() };
        let draft = Draft::of(&product, &[inside], Currency::EUR);
        assert_eq!((draft.inside(), draft.plans.len()), (vec!["SONG".to_owned()], 3));
        let update = draft.update("prd_2".to_owned(), product.contents.clone(), Currency::EUR);
        assert_eq!(update.plans.map(|plans| plans.plans), Some(product.plans));
        assert_eq!(update.renewal_targets.map(|targets| targets.targets), Some(product.renewal_targets));
        assert_eq!((update.price, update.no_price), (product.price, false));
        assert_eq!(update.images.map(|images| images.texts), Some(product.images));
    }
}
