//! Messages to devices: a title and a sentence, since they are read on locked screens.
use kit::money::Money;
use proto::orders::v1::Order;

use super::{
    render::Rendered,
    shop::Shop,
    wording::{clean, isolate},
};
use crate::message::Trouble;

/// That `order` was placed.
pub fn order_placed(shop: &Shop, order: &Order) -> Result<Rendered, Trouble> {
    let total = order.total.as_ref().and_then(|total| Money::parse(total).ok());
    let total = total.ok_or(Trouble::Lasting("order_unreadable"))?;
    let text = format!("Thank you! Your order {} over {total} has been placed.", clean(&order.number));
    Ok(Rendered { subject: shop.name.clone(), text, html: None })
}

/// That somebody signed in to the account (ID-12).
pub fn new_sign_in(shop: &Shop) -> Rendered {
    let text = format!(
        "Somebody just signed in to your account at {}. If it was not you, change your password and sign out everywhere.",
        isolate(&shop.name)
    );
    Rendered { subject: shop.name.clone(), text, html: None }
}

#[cfg(test)]
mod tests {
    use proto::base::v1::Money as PbMoney;

    use super::*;

    /// NO-3: a message to a device names the shop and, of an order, its number and total; nobody's name.
    #[test]
    fn devices_are_told_little() -> Result<(), Trouble> {
        let shop = Shop { name: "Corner Shop".to_owned(), url: String::new() };
        let total = Some(PbMoney { amount: 4490, currency: "EUR".to_owned() });
        let order = Order { number: "1042\n".to_owned(), name: "Ada".to_owned(), total, ..Order::default() };
        let told = order_placed(&shop, &order)?;
        assert_eq!(
            (&*told.subject, &*told.text),
            ("Corner Shop", "Thank you! Your order 1042 over 44.90 EUR has been placed.")
        );
        assert!(order_placed(&shop, &Order::default()).is_err());
        let told = new_sign_in(&shop);
        assert!(told.text.starts_with("Somebody just signed in to your account at Corner Shop."));
        Ok(())
    }
}
