use kit::ids::LineId;
use proptest::prelude::*;

use super::*;
use crate::{
    cart::tests::{cart, noon},
    priced::Priced,
    quantity::Quantity,
};

fn shop(currency: Currency, goods: &[(i64, u32, bool)]) -> (Cart, Offers) {
    let store = StoreId::new(noon());
    let (mut cart, mut found) = (cart(), HashMap::new());
    for (amount, pieces, active) in goods {
        let product = ProductId::new(noon());
        let (price, plans, label) = (Some(*amount), Vec::new(), Label::default());
        let (active, tax_class) = (*active, String::new());
        let offer = Offer { store, currency, price, plans, active, tax_class, tariff: 0, label };
        let quantity = Quantity::parse(*pieces).unwrap().unwrap();
        cart.add(LineId::new(noon()), (product, None), &offer, quantity).unwrap();
        found.insert(product, offer);
    }
    (cart, Offers::new(found, HashMap::new()))
}

/// CA-11
#[test]
fn minor_units_are_whatever_the_currency_has() {
    for currency in [Currency::JPY, Currency::EUR, Currency::KWD] {
        let (cart, offers) = shop(currency, &[(1_999, 3, true), (1, 1, true)]);
        assert_eq!(Priced::of(&cart, &offers, noon()).unwrap().subtotal, 5_998);
    }
}

/// CA-11
#[test]
fn a_total_that_cannot_be_counted_is_refused() {
    let (cart, offers) = shop(Currency::EUR, &[(i64::MAX, 1, true)]);
    assert_eq!(Priced::of(&cart, &offers, noon()).unwrap().subtotal, i64::MAX);
    for goods in [&[(i64::MAX, 2, true)][..], &[(i64::MAX, 1, true), (1, 1, true)][..]] {
        let (cart, offers) = shop(Currency::EUR, goods);
        assert!(matches!(Priced::of(&cart, &offers, noon()), Err(Error::TotalTooLarge)));
    }
}

#[test]
fn what_cannot_be_bought_counts_nothing() {
    let (cart, offers) = shop(Currency::EUR, &[(500, 2, true), (700, 1, false)]);
    let priced = Priced::of(&cart, &offers, noon()).unwrap();
    assert_eq!(priced.subtotal, 1_000);
    assert_eq!(priced.lines.iter().map(|line| line.available).collect::<Vec<_>>(), [true, false]);
    let gone = Priced::of(&cart, &Offers::default(), noon()).unwrap();
    assert_eq!((gone.subtotal, gone.lines.len()), (0, 2));
}

proptest! {
    /// CA-11: the parts always add up to the total.
    #[test]
    fn lines_add_up(goods in prop::collection::vec((0..1_000_000_i64, 1..=9_999_u32, any::<bool>()), 0..20)) {
        let (cart, offers) = shop(Currency::EUR, &goods);
        let priced = Priced::of(&cart, &offers, noon()).unwrap();
        let expected: i64 = goods.iter().filter(|good| good.2).map(|good| good.0 * i64::from(good.1)).sum();
        prop_assert_eq!(priced.subtotal, expected);
        prop_assert_eq!(priced.lines.iter().map(|line| line.subtotal).sum::<i64>(), expected);
    }
}
