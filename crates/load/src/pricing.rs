//! What a price costs: the function that prices carts, called for carts with an offer, vouchers, tax and shipping.
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use carts::pricing::{Basket, Cut, Delivery, Item, Limits, Reduction, Tax, price};
use chrono::{DateTime, Utc};
use kit::ids::{LineId, ProductId};
use uuid::Uuid;

/// Sizes of carts: a usual one, and as many lines as a cart may have.
pub const LINES: [u32; 2] = [10, 200];
/// Prices between two looks at the clock.
const ROUND: u32 = 100;
const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn item(number: u128) -> Item {
    Item {
        line: LineId::from_uuid(Uuid::from_u128(number + 1)),
        product: ProductId::from_uuid(Uuid::from_u128(number + 1_000)),
        price: 1_990 + i64::try_from(number * 37 % 1_000).unwrap_or_default(),
        pieces: 1 + u32::try_from(number % 4).unwrap_or_default(),
        tax: Tax { rate: if number.is_multiple_of(3) { 700 } else { 1_900 }, included: true },
    }
}

fn reduction(source: &str, code: &str, cut: Cut) -> Reduction {
    Reduction {
        source: source.to_owned(),
        name: "Spring".to_owned(),
        code: code.to_owned(),
        position: 0,
        cut,
        products: [].into(),
        min_pieces: 2,
        min_amount: 1_000,
        alone: false,
        starts_at: None,
        ends_at: None,
        limits: Limits::default(),
    }
}

/// Nanoseconds for one price of a cart with so many lines, over `duration`.
pub fn cost(lines: u32, duration: Duration) -> Result<f64, carts::Error> {
    let items: Vec<Item> = (0..lines.into()).map(item).collect();
    let some = (0..lines.into()).step_by(2).map(|number| item(number).product).collect();
    let offer = Reduction { products: some, ..reduction("off_1", "", Cut::Percent(1_000)) };
    let vouchers = [reduction("vou_1", "SPRING", Cut::Percent(500)), reduction("vou_2", "FIVE", Cut::Amount(500))];
    let delivery = Some(Delivery { price: 490, free_from: Some(500_000), tax: Tax { rate: 1_900, included: true } });
    let reductions = [&offer, &vouchers[0], &vouchers[1]];
    let basket = Basket { items: &items, reductions: &reductions, delivery };
    let (began, mut calls) = (Instant::now(), 0_u32);
    while began.elapsed() < duration {
        for _ in 0..ROUND {
            black_box(price(black_box(&basket), NOW)?);
        }
        calls += ROUND;
    }
    Ok(began.elapsed().as_secs_f64() * 1e9 / f64::from(calls))
}
