//! A checkout: what was shown to whom, and the token that pays for it.
use chrono::{DateTime, Utc};
use kit::{
    ids::{CartId, CustomerId, RealmId, StoreId},
    money::Money,
    secret,
};
use proto::orders::v1 as pb;
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};

use super::{Now, Purchase};
use crate::{
    columns,
    error::Error,
    order::{Contact, Order},
    payment::Gateway,
};

/// A checkout's token as it is stored: its SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// The token in `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(secret::sha256(text.as_bytes()))
    }

    /// What is stored.
    #[must_use]
    pub fn hash(&self) -> &[u8] {
        &self.0
    }
}

/// A checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Customer base of the store.
    pub realm: RealmId,
    /// Its token's hash.
    pub token: Token,
    /// Who sells.
    pub store: StoreId,
    /// What is bought.
    pub cart: CartId,
    /// How it is paid.
    pub gateway: Gateway,
    /// What was shown; nothing else is ever charged.
    pub shown: Money,
    /// The signed-in customer who began it.
    pub customer: Option<CustomerId>,
    /// Whether the contact's e-mail is that customer's own.
    pub own_contact: bool,
    /// Who buys and where it goes.
    pub contact: Contact,
    /// Whether the token's holder gave the contact or may know it.
    pub reveals: bool,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// Who of the staff does it in the customer's name; such a checkout is not kept, since it is paid at once.
    pub now: Option<Now>,
}

impl Checkout {
    /// Whether the cart still costs what was shown.
    pub fn check_price(&self, purchase: &Purchase) -> Result<(), Error> {
        let now = purchase.totals.due();
        if now == self.shown { Ok(()) } else { Err(Error::PriceChanged(now)) }
    }

    /// Whether `caller` may see the personal data of `order` by this checkout: its customer may, and whoever gave
    /// that very contact. A cart found by a guessed key shows nobody's contact.
    #[must_use]
    pub fn is_clear(&self, order: &Order, caller: Option<CustomerId>) -> bool {
        caller == Some(order.customer) || (self.reveals && self.contact == order.contact)
    }

    /// As the API shows it to whoever gets the token.
    #[must_use]
    pub fn encode(&self, token: String) -> pb::Checkout {
        pb::Checkout {
            token,
            amount: Some(self.shown.into()),
            gateway: self.gateway.slug().to_owned(),
            cart: self.cart.into(),
            abilities: self.gateway.abilities().iter().map(ToString::to_string).collect(),
            publishable_key: String::new(),
        }
    }
}

impl FromRow<'_, PgRow> for Checkout {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let hash: Vec<u8> = row.try_get("token_hash")?;
        let hash = hash.try_into().map_err(|_| sqlx::Error::Decode("a hash has 32 bytes".into()))?;
        Ok(Self {
            realm: row.try_get("realm_id")?,
            token: Token(hash),
            store: row.try_get("store_id")?,
            cart: row.try_get("cart_id")?,
            gateway: row.try_get("gateway")?,
            shown: columns::amount(row, "amount")?,
            customer: row.try_get("customer_id")?,
            own_contact: row.try_get("own_contact")?,
            contact: row.try_get::<Json<_>, _>("contact")?.0,
            reveals: row.try_get("reveals")?,
            created_at: row.try_get("created_at")?,
            now: None,
        })
    }
}
