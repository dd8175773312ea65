//! Reading values that span several columns.
use kit::money::{self, Currency, Money};
use sqlx::{Row, postgres::PgRow};

/// The currency in the column `currency`.
pub(crate) fn currency(row: &PgRow) -> Result<Currency, sqlx::Error> {
    money::currency(row.try_get("currency")?).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The amount in `column`, of the row's currency.
pub(crate) fn amount(row: &PgRow, column: &str) -> Result<Money, sqlx::Error> {
    Ok(Money::new(row.try_get(column)?, currency(row)?))
}
