use proptest::prelude::*;

use super::*;
use crate::offer::Label;

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn offer(store: StoreId) -> Offer {
    let plan = |id: &str| crate::offer::Plan {
        id: id.to_owned(),
        name: "Monthly".to_owned(),
        interval: "month".to_owned(),
        count: 1,
        price: 70,
        trial_days: 0,
    };
    let (currency, label) = (Currency::EUR, Label::default());
    let (plans, tax_class) = (vec![plan(&monthly().to_string())], String::new());
    Offer { store, currency, price: Some(100), plans, active: true, tax_class, tariff: 0, label }
}

fn monthly() -> PlanId {
    PlanId::from_uuid(Uuid::from_u128(7))
}

fn pieces(pieces: u32) -> Quantity {
    Quantity::parse(pieces).unwrap().unwrap()
}

/// An open cart of a network's key, which has no store yet.
pub(crate) fn cart() -> Cart {
    let now = noon();
    let realm = RealmId::new(now);
    Cart {
        id: CartId::new(now),
        realm,
        front: realm.uuid(),
        client_key: None,
        shop: None,
        customer: None,
        claimed: false,
        status: Status::Open,
        order: None,
        merged_into: None,
        contact: None,
        lines: Vec::new(),
        codes: Vec::new(),
        discounts: Vec::new(),
        method: None,
        delivered: None,
        attribution: Attribution::default(),
        version: 1,
        expires_at: expiry(now, false),
        created_at: now,
        updated_at: now,
    }
}

fn add(cart: &mut Cart, product: ProductId, store: StoreId, quantity: u32) -> Result<(), Error> {
    cart.add(LineId::new(noon()), (product, None), &offer(store), pieces(quantity))
}

/// CA-2
#[test]
fn a_cart_expires_at_its_moment_and_not_before() {
    let mut cart = cart();
    assert_eq!(cart.expires_at, noon() + TimeDelta::days(7));
    assert_eq!(cart.status(cart.expires_at - TimeDelta::microseconds(1)), Status::Open);
    assert_eq!(cart.status(cart.expires_at), Status::Expired);
    assert!(matches!(cart.check_open(cart.expires_at), Err(Error::CartExpired)));
    cart.customer = Some(CustomerId::new(noon()));
    cart.touch(noon());
    assert_eq!(cart.expires_at, noon() + TimeDelta::days(90));
}

/// CA-2
#[test]
fn a_closed_cart_never_expires() {
    let cart = Cart { status: Status::Closed, ..cart() };
    assert_eq!(cart.status(cart.expires_at), Status::Closed);
    assert!(matches!(cart.check_open(noon()), Err(Error::CartClosed)));
}

#[test]
fn the_first_product_decides_the_store() {
    let (mut cart, one, other) = (cart(), StoreId::new(noon()), StoreId::new(noon()));
    let (mug, cup) = (ProductId::new(noon()), ProductId::new(noon()));
    add(&mut cart, mug, one, 1).unwrap();
    assert_eq!(cart.store(), Some(one));
    assert!(matches!(add(&mut cart, cup, other, 1), Err(Error::OtherStore)));
    cart.empty();
    add(&mut cart, cup, other, 1).unwrap();
    assert_eq!(cart.store(), Some(other), "an empty cart of a network's key is free again");
}

#[test]
fn a_cart_holds_a_hundred_products() {
    let (mut cart, store) = (cart(), StoreId::new(noon()));
    for _ in 0..MOST_LINES {
        add(&mut cart, ProductId::new(noon()), store, 1).unwrap();
    }
    assert!(matches!(add(&mut cart, ProductId::new(noon()), store, 1), Err(Error::TooManyLines)));
    let first = cart.lines[0].product;
    add(&mut cart, first, store, 1).unwrap();
    assert_eq!(cart.lines[0].quantity, pieces(2), "more of what is there is no new line");
}

#[test]
fn whoever_asks_for_a_closed_cart_finds_its_successor_by_one_key() {
    let first = cart();
    assert_eq!(first.succession().as_str(), first.id.to_string());
    let second = Cart { client_key: Some(ClientKey::parse("device 7").unwrap()), ..cart() };
    assert_eq!(second.succession().as_str(), "device 7");
    let third = Cart { client_key: Some(first.succession()), ..cart() };
    assert_eq!(third.succession(), first.succession());
}

/// A step of a shopper on one of three products.
#[derive(Clone, Debug)]
enum Step {
    Add(usize, u32),
    Set(usize, u32),
    Empty,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_usize, 1..6_000_u32).prop_map(|(product, n)| Step::Add(product, n)),
        (0..3_usize, 0..6_000_u32).prop_map(|(product, n)| Step::Set(product, n)),
        Just(Step::Empty),
    ]
}

proptest! {
    /// Whatever a shopper does: one line per product, in order, each within its limit, and a refused step does nothing.
    #[test]
    fn lines_keep_their_laws(steps in prop::collection::vec(step(), 0..40)) {
        let (mut cart, store) = (cart(), StoreId::new(noon()));
        let products: Vec<ProductId> = (0..3).map(|_| ProductId::new(noon())).collect();
        for step in steps {
            let before = cart.clone();
            let done = match step {
                Step::Add(product, n) => add(&mut cart, products[product], store, n),
                Step::Set(product, n) => cart.set(LineName::Product(products[product]), Quantity::parse(n).unwrap()),
                Step::Empty => { cart.empty(); Ok(()) }
            };
            if done.is_err() {
                prop_assert_eq!(&cart.lines, &before.lines);
            }
            prop_assert!(cart.lines.windows(2).all(|pair| pair[0].position < pair[1].position));
            let mut distinct: Vec<_> = cart.products().collect();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), cart.lines.len());
        }
    }
}
