//! A line of an order, frozen when the order was made.
use kit::{
    ids::{LineId, ProductId},
    money::{Currency, Money},
};
use proto::orders::v1 as pb;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};

use super::TaxRate;
use crate::{gift::Gift, library::goods::Inside};

/// A line: its price and name are those of the moment of buying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Id.
    pub id: LineId,
    /// What.
    pub product: ProductId,
    /// Its SKU then.
    pub sku: String,
    /// Its name then.
    pub name: String,
    /// How many, at least one.
    pub quantity: u32,
    /// Price of one, in minor units of the order's currency.
    pub price: i64,
    /// Price times quantity.
    pub subtotal: i64,
    /// "physical" or "digital".
    pub kind: String,
    /// Taken off the subtotal.
    pub discount: i64,
    /// Tax on top of what is left.
    pub tax: i64,
    /// Tax inside what is left.
    pub included_tax: i64,
    /// By which rate it is taxed.
    pub tax_rate: TaxRate,
    /// How it renews, if it does.
    pub plan: Option<Plan>,
    /// "file", "bundle" or "combo"; empty for what is no package.
    pub package: String,
    /// What was inside when it was bought, at any depth; none of what nobody wrote down.
    pub contents: Option<Vec<Inside>>,
    /// Who has it instead of whoever buys (OR-1); none of lines that are read to be changed.
    pub gift: Option<Gift>,
    /// How many have left the house.
    pub fulfilled: u32,
    /// How many were taken back, or are being so.
    pub refunded: u32,
}

/// How a line renews.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Id of the product's plan.
    pub id: String,
    /// Unit of its period.
    pub interval: String,
    /// How many of them make a period.
    pub count: u32,
    /// Price of one in each period to come, in minor units; none of lines that were bought before it was written down, for
    /// which it is the line's own.
    #[serde(default)]
    pub price: Option<i64>,
    /// How many days it is for nothing before the first of them.
    #[serde(default)]
    pub trial_days: u32,
    /// Time zone of the store, by which periods are counted; empty where there is no such plan to count by.
    #[serde(default)]
    pub zone: String,
}

impl From<Plan> for pb::LinePlan {
    fn from(plan: Plan) -> Self {
        Self {
            id: plan.id,
            interval: plan.interval,
            count: plan.count,
            price: plan.price.unwrap_or_default(),
            trial_days: plan.trial_days,
        }
    }
}

impl Line {
    /// As the API shows it.
    #[must_use]
    pub fn encode(self, currency: Currency) -> pb::OrderLine {
        pb::OrderLine {
            id: self.id.into(),
            product: self.product.into(),
            sku: self.sku,
            name: self.name,
            quantity: self.quantity,
            price: Some(Money::new(self.price, currency).into()),
            subtotal: Some(Money::new(self.subtotal, currency).into()),
            kind: self.kind,
            discount: Some(Money::new(self.discount, currency).into()),
            tax: Some(Money::new(self.tax, currency).into()),
            plan: self.plan.map(Into::into),
            package: self.package,
            fulfilled: self.fulfilled,
            refunded: self.refunded,
            included_tax: Some(Money::new(self.included_tax, currency).into()),
            tax_rate: self.tax_rate.rate,
            tax_included: self.tax_rate.included,
            recipient: self.gift.as_ref().and_then(|gift| gift.recipient).map(String::from).unwrap_or_default(),
            gift: self.gift.map(Into::into),
        }
    }

    /// How many may still leave the house: neither sent nor taken back.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.quantity.saturating_sub(self.fulfilled + self.refunded)
    }

    /// As `OrderPlaced` tells it.
    #[must_use]
    pub fn placed(self) -> pb::PlacedLine {
        pb::PlacedLine {
            product: self.product.into(),
            quantity: self.quantity,
            subtotal: self.subtotal,
            kind: self.kind,
            line: self.id.into(),
            discount: self.discount,
            tax: self.tax,
            plan: self.plan.map(Into::into),
            package: self.package,
            included_tax: self.included_tax,
            tax_rate: self.tax_rate.rate,
            tax_included: self.tax_rate.included,
        }
    }
}

impl FromRow<'_, PgRow> for Line {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let count = |column: &str| {
            let count: i32 = row.try_get(column)?;
            u32::try_from(count).map_err(|error| sqlx::Error::Decode(error.into()))
        };
        Ok(Self {
            id: row.try_get("id")?,
            product: row.try_get("product_id")?,
            sku: row.try_get("sku")?,
            name: row.try_get("name")?,
            quantity: count("quantity")?,
            price: row.try_get("price")?,
            subtotal: row.try_get("subtotal")?,
            kind: row.try_get("kind")?,
            discount: row.try_get("discount")?,
            tax: row.try_get("tax")?,
            included_tax: row.try_get("included_tax")?,
            tax_rate: TaxRate { rate: count("tax_rate")?, included: row.try_get("tax_included")? },
            plan: row.try_get::<Option<Json<_>>, _>("plan")?.map(|plan| plan.0),
            package: row.try_get("package")?,
            contents: row.try_get::<Option<Json<_>>, _>("contents")?.map(|contents| contents.0),
            gift: None,
            fulfilled: count("fulfilled")?,
            refunded: count("refunded")?,
        })
    }
}
