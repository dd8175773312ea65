//! Amounts of money.
use kit::money::Money;
use proto::base::v1 as pb;

/// An amount as people read it, such as "19.99 EUR". One in a currency that is not known is shown as it came.
pub fn price(money: Option<&pb::Money>) -> String {
    match money {
        Some(money) => Money::parse(money)
            .map_or_else(|_| format!("{} {} (minor units)", money.amount, money.currency), |known| known.to_string()),
        None => "–".to_owned(),
    }
}

/// Amounts of several currencies, one each; without any, a dash.
pub fn prices(amounts: &[pb::Money]) -> Vec<String> {
    if amounts.is_empty() { vec!["–".to_owned()] } else { amounts.iter().map(|money| price(Some(money))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: i64, currency: &str) -> pb::Money {
        pb::Money { amount, currency: currency.to_owned() }
    }

    /// CA-11: minor units are those of the currency.
    #[test]
    fn amounts_in_their_currency() {
        assert_eq!(price(Some(&money(1999, "EUR"))), "19.99 EUR");
        assert_eq!(price(Some(&money(1999, "JPY"))), "1999 JPY");
        assert_eq!(price(Some(&money(5, "???"))), "5 ??? (minor units)");
        assert_eq!(price(None), "–");
        assert_eq!(prices(&[]), ["–"]);
        assert_eq!(prices(&[money(1, "EUR"), money(2, "USD")]), ["0.01 EUR", "0.02 USD"]);
    }
}
