//! The laws of prices.
use chrono::{DateTime, TimeDelta, Utc};
use kit::ids::{LineId, ProductId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn item(number: u128, price: i64, pieces: u32) -> Item {
    let id = Uuid::from_u128(number + 1);
    Item { line: LineId::from_uuid(id), product: product(number), price, pieces, tax: Tax::default() }
}

fn product(number: u128) -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(1_000 + number))
}

fn offer(source: &str, cut: Cut) -> Reduction {
    Reduction {
        source: source.to_owned(),
        name: format!("Offer {source}"),
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
    }
}

fn voucher(source: &str, cut: Cut) -> Reduction {
    Reduction { code: source.to_uppercase(), ..offer(source, cut) }
}

fn bill(items: &[Item], reductions: &[Reduction]) -> Bill {
    priced(items, reductions, None).0
}

fn priced(items: &[Item], reductions: &[Reduction], delivery: Option<Delivery>) -> (Bill, Vec<(usize, Idle)>) {
    let reductions: Vec<&Reduction> = reductions.iter().collect();
    price(&Basket { items, reductions: &reductions, delivery }, NOW).expect("it fits")
}

fn idle(items: &[Item], reduction: &Reduction, now: DateTime<Utc>) -> Option<Idle> {
    let basket = Basket { items, reductions: &[reduction], delivery: None };
    price(&basket, now).expect("it fits").1.first().map(|(_, why)| *why)
}

/// CA-5: offers take off before vouchers, each from what is left, and each says how much.
#[test]
fn reductions_are_applied_in_their_order() {
    let items = [item(1, 1_000, 2)];
    let bill = bill(&items, &[voucher("v", Cut::Amount(500)), offer("o", Cut::Percent(1_000))]);
    let told: Vec<_> = bill.discounts.iter().map(|discount| (discount.source.as_str(), discount.amount)).collect();
    assert_eq!(told, [("o", 200), ("v", 500)]);
    assert_eq!((bill.subtotal, bill.discount, bill.total), (2_000, 700, 1_300));
}

/// CA-5: thresholds of quantity and price count what the offer is for, at their very edge.
#[test]
fn thresholds_hold_at_their_edge() {
    let threshold = |pieces, amount| Reduction {
        products: [product(1)].into(),
        min_pieces: pieces,
        min_amount: amount,
        ..offer("o", Cut::Percent(1_000))
    };
    let items = [item(1, 500, 3), item(2, 9_999, 50)];
    assert_eq!(idle(&items, &threshold(3, 1_500), NOW), None);
    assert_eq!(idle(&items, &threshold(4, 0), NOW), Some(Idle::TooFew));
    assert_eq!(idle(&items, &threshold(0, 1_501), NOW), Some(Idle::TooLittle));
    assert_eq!(idle(&items[1..], &threshold(0, 0), NOW), Some(Idle::NoProduct));
}

/// CA-5: a voucher counts from the moment it starts to the moment before it ends.
#[test]
fn dates_hold_at_their_edge() {
    let dated =
        Reduction { starts_at: Some(NOW), ends_at: Some(NOW + TimeDelta::hours(1)), ..voucher("v", Cut::Amount(1)) };
    let items = [item(1, 100, 1)];
    let micro = TimeDelta::microseconds(1);
    assert_eq!(idle(&items, &dated, NOW - micro), Some(Idle::TooEarly));
    assert_eq!(idle(&items, &dated, NOW), None);
    assert_eq!(idle(&items, &dated, NOW + TimeDelta::hours(1) - micro), None);
    assert_eq!(idle(&items, &dated, NOW + TimeDelta::hours(1)), Some(Idle::Over));
}

/// CA-5: what stands alone neither follows nor precedes anything.
#[test]
fn what_stands_alone_does_not_combine() {
    let alone = |reduction: Reduction| Reduction { alone: true, ..reduction };
    let items = [item(1, 1_000, 1)];
    let (offer, voucher) = (offer("o", Cut::Amount(100)), voucher("v", Cut::Amount(200)));
    assert_eq!(bill(&items, &[offer.clone(), alone(voucher.clone())]).discount, 100);
    assert_eq!(bill(&items, &[alone(offer), voucher]).discount, 100);
}

/// CA-5: a voucher larger than the cart makes it free, no more.
#[test]
fn nothing_is_ever_paid_back() {
    let items = [item(1, 300, 1)];
    let reductions = [voucher("a", Cut::Amount(1_000)), voucher("b", Cut::Amount(1))];
    let (bill, idle) = priced(&items, &reductions, None);
    assert_eq!((bill.total, bill.discount), (0, 300));
    assert_eq!(idle, [(1, Idle::NothingLeft)]);
}

/// CA-11: a unit that cannot be divided goes to the line with the largest remainder.
#[test]
fn discounts_are_shared_out_by_largest_remainder() {
    let items = [item(1, 100, 1), item(2, 200, 1), item(3, 400, 1)];
    let shares: Vec<_> =
        bill(&items, &[voucher("v", Cut::Amount(100))]).charges.iter().map(|charge| charge.discount).collect();
    assert_eq!(shares, [14, 29, 57]);
}

/// CA-11: delivery is free from its threshold on, counted after discounts.
#[test]
fn delivery_is_free_from_its_threshold() {
    let delivery = Some(Delivery { price: 490, free_from: Some(1_900), tax: Tax::default() });
    let shipping = |reductions: &[Reduction]| {
        let items = [item(1, 1_000, 2)];
        priced(&items, reductions, delivery).0.shipping
    };
    assert_eq!(shipping(&[offer("o", Cut::Amount(100))]), 0);
    assert_eq!(shipping(&[offer("o", Cut::Amount(101))]), 490);
}

/// CA-11: tax inside a price is no part of the sum, tax on top is; halves go up.
#[test]
fn tax_is_rounded_once_a_line() {
    let taxed = |rate, included| {
        let items = [Item { tax: Tax { rate, included }, ..item(1, 1_999, 1) }];
        let bill = bill(&items, &[]);
        (bill.tax, bill.included_tax, bill.total)
    };
    assert_eq!(taxed(1_900, true), (0, 319, 1_999));
    assert_eq!(taxed(1_900, false), (380, 0, 2_379));
    assert_eq!(taxed(0, false), (0, 0, 1_999));
}

/// CA-11: what does not fit is an error, never another number.
#[test]
fn what_does_not_fit_is_refused() {
    let refused = |items: &[Item]| price(&Basket { items, ..Basket::default() }, NOW).is_err();
    assert!(refused(&[item(1, i64::MAX, 2)]));
    assert!(refused(&[item(1, i64::MAX, 1), item(2, 1, 1)]));
    assert!(!refused(&[item(1, i64::MAX, 1)]));
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let line = (0_i64..1_000_000, 1_u32..200, 0_u32..3_000, any::<bool>());
    prop::collection::vec(line, 1..12).prop_map(|lines| {
        let taxed = |(number, (price, pieces, rate, included))| Item {
            tax: Tax { rate, included },
            ..item(number, price, pieces)
        };
        (0_u128..).zip(lines).map(taxed).collect()
    })
}

fn reductions() -> impl Strategy<Value = Vec<Reduction>> {
    let cut = prop_oneof![(1_u16..=10_000).prop_map(Cut::Percent), (0_i64..2_000_000).prop_map(Cut::Amount)];
    let products = prop::collection::btree_set((0_u128..12).prop_map(product), 0..4);
    let one = (cut, products, any::<bool>(), -2_i32..3, 0_u32..20, 0_i64..50_000, prop::bool::weighted(0.1));
    let build = |(number, (cut, products, coded, position, min_pieces, min_amount, alone)): (usize, _)| Reduction {
        products,
        position,
        min_pieces,
        min_amount,
        alone,
        code: if coded { format!("C{number}") } else { String::new() },
        ..offer(&number.to_string(), cut)
    };
    prop::collection::vec(one, 0..6).prop_map(move |all| all.into_iter().enumerate().map(build).collect())
}

fn delivery() -> impl Strategy<Value = Option<Delivery>> {
    let some = (0_i64..5_000, prop::option::of(0_i64..100_000), 0_u32..3_000, any::<bool>());
    prop::option::of(some.prop_map(|(price, free_from, rate, included)| Delivery {
        price,
        free_from,
        tax: Tax { rate, included },
    }))
}

proptest! {
    /// CA-11: the parts add up to the totals, nothing is negative, and no line is reduced by more than it costs.
    #[test]
    fn parts_add_up(items in items(), reductions in reductions(), delivery in delivery()) {
        let (bill, idle) = priced(&items, &reductions, delivery);
        let sum = |of: fn(&Charge) -> i64| bill.charges.iter().map(of).sum::<i64>();
        prop_assert_eq!(sum(|charge| charge.subtotal), bill.subtotal);
        prop_assert_eq!(sum(|charge| charge.discount), bill.discount);
        prop_assert_eq!(bill.discounts.iter().map(|discount| discount.amount).sum::<i64>(), bill.discount);
        prop_assert_eq!(bill.subtotal - bill.discount + bill.shipping + bill.tax, bill.total);
        prop_assert!(bill.charges.iter().all(|charge| (0..=charge.subtotal).contains(&charge.discount)));
        prop_assert!(bill.charges.iter().all(|charge| charge.tax >= 0 && charge.included_tax <= charge.remainder()));
        prop_assert!(bill.discounts.iter().all(|discount| discount.amount > 0));
        prop_assert_eq!(bill.discounts.len() + idle.len(), reductions.len());
    }

    /// CA-11: neither the order of lines nor that of reductions changes what each line comes to.
    #[test]
    fn order_makes_no_difference(
        (items, shuffled) in items().prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())),
        (reductions, mixed) in reductions().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        delivery in delivery(),
    ) {
        let bill = |items: &[Item], reductions: &[Reduction]| {
            let mut bill = priced(items, reductions, delivery).0;
            bill.charges.sort_by_key(|charge| charge.line.uuid());
            bill
        };
        prop_assert_eq!(bill(&items, &reductions), bill(&shuffled, &mixed));
    }

    /// CA-5: a code never makes anything dearer, whatever else is taken off.
    #[test]
    fn a_code_never_costs(items in items(), reductions in reductions(), cut in 1_u16..=10_000) {
        let without = bill(&items, &reductions).total;
        let with = [reductions, vec![Reduction { position: 9, ..voucher("last", Cut::Percent(cut)) }]].concat();
        prop_assert!(bill(&items, &with).total <= without);
    }
}
