//! A line of an order, frozen when the order was made.
use kit::{
    ids::{LineId, ProductId},
    money::{Currency, Money},
};
use proto::orders::v1 as pb;
use sqlx::{FromRow, Row, postgres::PgRow};

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
        }
    }

    /// As `OrderPlaced` tells it.
    #[must_use]
    pub fn placed(self) -> pb::PlacedLine {
        pb::PlacedLine {
            product: self.product.into(),
            quantity: self.quantity,
            subtotal: self.subtotal,
            kind: self.kind,
        }
    }
}

impl FromRow<'_, PgRow> for Line {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let quantity: i32 = row.try_get("quantity")?;
        Ok(Self {
            id: row.try_get("id")?,
            product: row.try_get("product_id")?,
            sku: row.try_get("sku")?,
            name: row.try_get("name")?,
            quantity: u32::try_from(quantity).map_err(|error| sqlx::Error::Decode(error.into()))?,
            price: row.try_get("price")?,
            subtotal: row.try_get("subtotal")?,
            kind: row.try_get("kind")?,
        })
    }
}
