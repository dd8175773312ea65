//! The laws of prices with tax and delivery (CA-11).
use chrono::{DateTime, Utc};
use kit::{
    ids::{LineId, ProductId},
    money::{Currency, Money},
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn tax() -> impl Strategy<Value = Tax> {
    let rate = prop_oneof![Just(0), Just(10_000), 0_u32..=10_000];
    (rate, any::<bool>()).prop_map(|(rate, included)| Tax { rate, included })
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = (0_i64..1_000_000, 1_u32..=9_999, tax());
    prop::collection::vec(item, 0..20).prop_map(|items| {
        let item = |(number, (price, pieces, tax)): (usize, (i64, u32, Tax))| {
            let id = Uuid::from_u128(number as u128 + 1);
            Item { line: LineId::from_uuid(id), product: ProductId::from_uuid(id), price, pieces, tax }
        };
        items.into_iter().enumerate().map(item).collect()
    })
}

fn delivery() -> impl Strategy<Value = Option<Delivery>> {
    let fare = (0_i64..100_000, prop::option::of(0_i64..10_000_000), tax());
    prop::option::of(fare.prop_map(|(price, free_from, tax)| Delivery { price, free_from, tax }))
}

fn reductions() -> impl Strategy<Value = Vec<Reduction>> {
    let cut = prop_oneof![(1_u16..=10_000).prop_map(Cut::Percent), (1_i64..5_000_000).prop_map(Cut::Amount)];
    prop::collection::vec(cut, 0..4).prop_map(|cuts| {
        let reduction = |(number, cut): (usize, Cut)| Reduction {
            source: format!("off_{number}"),
            name: "Offer".to_owned(),
            code: String::new(),
            position: 0,
            cut,
            products: [].into(),
            min_pieces: 0,
            min_amount: 0,
            alone: false,
            starts_at: None,
            ends_at: None,
            limits: Limits::default(),
        };
        cuts.into_iter().enumerate().map(reduction).collect()
    })
}

fn bill(items: &[Item], reductions: &[Reduction], delivery: Option<Delivery>) -> Bill {
    let reductions: Vec<&Reduction> = reductions.iter().collect();
    price(&Basket { items, reductions: &reductions, delivery }, NOW).expect("it fits").0
}

proptest! {
    /// CA-11: whatever is bought, taken off, shipped and taxed, each sum is that of its parts, and nothing is negative.
    #[test]
    fn parts_add_up(items in items(), reductions in reductions(), delivery in delivery()) {
        let bill = bill(&items, &reductions, delivery);
        let sum = |part: fn(&Charge) -> i64| bill.charges.iter().map(part).sum::<i64>();
        prop_assert_eq!(sum(|charge| charge.subtotal), bill.subtotal);
        prop_assert_eq!(sum(|charge| charge.discount), bill.discount);
        prop_assert_eq!(bill.discounts.iter().map(|discount| discount.amount).sum::<i64>(), bill.discount);
        prop_assert_eq!(sum(|charge| charge.tax) + bill.shipping_tax.0, bill.tax);
        prop_assert_eq!(sum(|charge| charge.included_tax) + bill.shipping_tax.1, bill.included_tax);
        prop_assert_eq!(bill.subtotal - bill.discount + bill.shipping + bill.tax, bill.total);
        prop_assert_eq!(sum(Charge::total) + bill.shipping + bill.shipping_tax.0, bill.total);
        for charge in &bill.charges {
            prop_assert!((0..=charge.subtotal).contains(&charge.discount), "{:?}", charge);
            prop_assert!(charge.tax >= 0 && (0..=charge.remainder()).contains(&charge.included_tax), "{:?}", charge);
        }
        prop_assert!(bill.shipping >= 0 && bill.included_tax <= bill.total);
    }

    /// CA-11: tax is rounded once for each line, never further than half a minor unit from what is exact.
    #[test]
    fn tax_is_rounded_once(items in items(), reductions in reductions()) {
        let bill = bill(&items, &reductions, None);
        for (item, charge) in items.iter().zip(&bill.charges) {
            let (rate, rest) = (i128::from(item.tax.rate), i128::from(charge.remainder()));
            let (given, whole) = if item.tax.included {
                (charge.included_tax, 10_000 + rate)
            } else {
                (charge.tax, 10_000)
            };
            prop_assert!((2 * (i128::from(given) * whole - rest * rate)).abs() <= whole, "{:?}", charge);
        }
    }

    /// CA-11: shipping is free from its threshold on, its tax with it, and costs all of its price below.
    #[test]
    fn shipping_is_free_from_its_threshold(items in items(), price in 1_i64..100_000, tax in tax()) {
        let value: i64 = items.iter().map(|item| item.price * i64::from(item.pieces)).sum();
        let at = |free_from| bill(&items, &[], Some(Delivery { price, free_from: Some(free_from), tax }));
        let (free, paid) = (at(value), at(value + 1));
        prop_assert_eq!((free.shipping, free.shipping_tax), (0, (0, 0)));
        prop_assert_eq!((paid.shipping, paid.shipping_tax), (price, tax.on(price)));
    }
}

/// CA-11: minor units are whatever the currency has, so that the same numbers come to the same numbers.
#[test]
fn decimals_make_no_difference() {
    let id = Uuid::from_u128(1);
    let tax = Tax { rate: 1_900, included: false };
    let item = Item { line: LineId::from_uuid(id), product: ProductId::from_uuid(id), price: 333, pieces: 3, tax };
    let bill = bill(&[item], &[], Some(Delivery { price: 101, free_from: None, tax }));
    for (currency, expected) in [(Currency::JPY, "1309"), (Currency::EUR, "13.09"), (Currency::KWD, "1.309")] {
        assert_eq!(Money::new(bill.total, currency).decimal(), expected);
    }
}
