//! What staff say of a product that is to be, or to be another (CA-1).
use proto::catalog::v1 as pb;
use serde::Deserialize;
use utoipa::{
    ToSchema,
    openapi::{Array, ArrayBuilder, ObjectBuilder, Type, schema::SchemaType},
};

use crate::request::patch;

/// A price to ask for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 1999, "currency": "EUR"}))]
pub struct Price {
    /// Minor units: 1999 is 19.99 EUR, 1999 JPY is 1999 yen.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub amount: i64,
    /// ISO 4217 code, the store's.
    #[schema(format = "currency", pattern = "^[A-Z]{3}$")]
    pub currency: String,
}

impl From<Price> for proto::base::v1::Money {
    fn from(price: Price) -> Self {
        Self { amount: price.amount, currency: price.currency }
    }
}

/// A plan to add or to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Monthly", "interval": "month", "count": 1, "price": {"amount": 499, "currency": "EUR"},
}))]
pub struct WantedPlan {
    /// `plan_…` of one that is there; left out for a new one.
    #[schema(max_length = 40, pattern = "^(plan_[0-9a-f]{32})?$")]
    pub id: Option<String>,
    /// Display name, 1 to 100 characters.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// `day`, `week`, `month` or `year`.
    #[schema(pattern = "^(day|week|month|year)$")]
    pub interval: String,
    /// Intervals from payment to payment.
    #[schema(minimum = 1, maximum = 36)]
    pub count: u32,
    /// Price of each payment, in the store's currency.
    pub price: Price,
    /// Days before the first payment.
    #[schema(maximum = 365)]
    pub trial_days: Option<u32>,
    /// Whether it can be subscribed to; it can without this.
    pub active: Option<bool>,
}

impl From<WantedPlan> for pb::Plan {
    fn from(plan: WantedPlan) -> Self {
        Self {
            id: plan.id.unwrap_or_default(),
            name: plan.name,
            interval: plan.interval,
            count: plan.count,
            price: Some(plan.price.into()),
            trial_days: plan.trial_days.unwrap_or_default(),
            active: plan.active.unwrap_or(true),
        }
    }
}

/// A renewal target to add or to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Server A"}))]
pub struct WantedTarget {
    /// `rtgt_…` of one that is there; left out for a new one.
    #[schema(max_length = 40, pattern = "^(rtgt_[0-9a-f]{32})?$")]
    pub id: Option<String>,
    /// Display name, 1 to 100 characters.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
}

impl From<WantedTarget> for pb::RenewalTarget {
    fn from(target: WantedTarget) -> Self {
        Self { id: target.id.unwrap_or_default(), name: target.name }
    }
}

/// Ids of products.
fn contents() -> Array {
    let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^prd_[0-9a-f]{32}$"));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(id).max_items(Some(100)).build()
}

/// Addresses of images.
fn images() -> Array {
    let address = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^https?://[^\s\x00-\x1f\x7f-\x9f]*$"))
        .max_length(Some(2_000));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(address).max_items(Some(20)).build()
}

/// A product to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Mug", "sku": "MUG-1", "description": "Holds a pint.", "price": {"amount": 1999, "currency": "EUR"},
    "kind": "physical", "images": ["https://shop.example.com/mug.jpg"],
}))]
pub struct NewProduct {
    /// Display name, 1 to 200 characters.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// Stock keeping unit, 1 to 64 characters, unique in the store.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub sku: String,
    /// Plain text.
    #[serde(default)]
    #[schema(max_length = 10_000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub description: Option<String>,
    /// One-time price, in the store's currency; left out when it is sold by plan only.
    #[serde(default)]
    pub price: Option<Price>,
    /// `physical` or `digital`.
    #[schema(pattern = "^(physical|digital)$")]
    pub kind: String,
    /// `file`, `bundle` or `combo` for digital products.
    #[serde(default)]
    #[schema(pattern = "^(file|bundle|combo)?$")]
    pub package: Option<String>,
    /// Addresses of images, the main one first.
    #[serde(default)]
    #[schema(schema_with = images)]
    pub images: Option<Vec<String>>,
    /// Subscription plans.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub plans: Option<Vec<WantedPlan>>,
    /// Digital products of the store inside a bundle or combo, `prd_…`.
    #[serde(default)]
    #[schema(schema_with = contents)]
    pub contents: Option<Vec<String>>,
    /// What a subscription can renew.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub renewal_targets: Option<Vec<WantedTarget>>,
    /// Whether customers may change what theirs renews.
    #[serde(default)]
    pub renewal_target_changeable: Option<bool>,
    /// Which tax rates it takes: `standard`, `reduced` or `zero`.
    #[serde(default)]
    #[schema(pattern = "^(standard|reduced|zero)?$")]
    pub tax_class: Option<String>,
    /// How many downloads of each of its files a buyer has; 0 for any number.
    #[serde(default)]
    #[schema(maximum = 10_000)]
    pub download_limit: Option<u32>,
    /// Whether it can be bought; it can without this.
    #[serde(default)]
    pub active: Option<bool>,
}

impl From<NewProduct> for pb::CreateProductRequest {
    fn from(product: NewProduct) -> Self {
        Self {
            sku: product.sku,
            name: product.name,
            description: product.description.unwrap_or_default(),
            images: product.images.unwrap_or_default(),
            price: product.price.map(Into::into),
            kind: product.kind,
            package: product.package.unwrap_or_default(),
            plans: product.plans.into_iter().flatten().map(Into::into).collect(),
            renewal_targets: product.renewal_targets.into_iter().flatten().map(Into::into).collect(),
            renewal_target_changeable: product.renewal_target_changeable.unwrap_or_default(),
            contents: product.contents.unwrap_or_default(),
            active: product.active,
            tax_class: product.tax_class.unwrap_or_default(),
            download_limit: product.download_limit.unwrap_or_default(),
        }
    }
}

/// Changes to a product; what is left out stays.
#[expect(clippy::option_option, reason = "null takes the price away, which leaving it out does not")]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"price": {"amount": 2099, "currency": "EUR"}, "active": true}))]
pub struct ProductChanges {
    /// Display name.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    /// Plain text.
    #[serde(default)]
    #[schema(max_length = 10_000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub description: Option<String>,
    /// Stock keeping unit, unique in the store.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub sku: Option<String>,
    /// One-time price; `null` takes it away.
    #[serde(default, deserialize_with = "patch::as_given")]
    #[schema(value_type = Option<Price>)]
    pub price: Option<Option<Price>>,
    /// `file`, `bundle` or `combo` of a digital product.
    #[serde(default)]
    #[schema(pattern = "^(file|bundle|combo)$")]
    pub package: Option<String>,
    /// Addresses of images, the main one first.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(schema_with = images)]
    pub images: Option<Vec<String>>,
    /// Subscription plans: those that are there by their ids, new ones without. One that is left out cannot be subscribed to
    /// any more; whoever has it keeps it as it was.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(max_items = 100)]
    pub plans: Option<Vec<WantedPlan>>,
    /// Digital products of the store inside a bundle or combo, `prd_…`.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(schema_with = contents)]
    pub contents: Option<Vec<String>>,
    /// What a subscription can renew: those that are there by their ids, new ones without.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(max_items = 100)]
    pub renewal_targets: Option<Vec<WantedTarget>>,
    /// Whether customers may change what theirs renews.
    #[serde(default)]
    pub renewal_target_changeable: Option<bool>,
    /// Which tax rates it takes: `standard`, `reduced` or `zero`.
    #[serde(default)]
    #[schema(pattern = "^(standard|reduced|zero)?$")]
    pub tax_class: Option<String>,
    /// How many downloads of each of its files a buyer has; 0 for any number.
    #[serde(default)]
    #[schema(maximum = 10_000)]
    pub download_limit: Option<u32>,
    /// Whether it can be bought.
    #[serde(default)]
    pub active: Option<bool>,
}

impl ProductChanges {
    /// These, of the product `id`.
    pub fn of(self, id: String) -> pb::UpdateProductRequest {
        let no_price = matches!(self.price, Some(None));
        let targets = |targets: Vec<WantedTarget>| targets.into_iter().map(Into::into).collect();
        pb::UpdateProductRequest {
            id,
            name: self.name,
            description: self.description,
            price: self.price.flatten().map(Into::into),
            active: self.active,
            no_price,
            sku: self.sku,
            images: self.images.map(|texts| pb::Texts { texts }),
            package: self.package,
            plans: self.plans.map(|plans| pb::Plans { plans: plans.into_iter().map(Into::into).collect() }),
            renewal_targets: self.renewal_targets.map(|given| pb::RenewalTargets { targets: targets(given) }),
            renewal_target_changeable: self.renewal_target_changeable,
            contents: self.contents.map(|texts| pb::Texts { texts }),
            tax_class: self.tax_class,
            download_limit: self.download_limit,
        }
    }
}
