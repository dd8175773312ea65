use kit::ids::{PlanId, ProductId, StoreId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    cart::tests::{cart, noon},
    offer::Label,
};

/// What a store offers of this kind for 500, once or by a plan.
fn offer(store: StoreId, kind: &str) -> Offer {
    let label = Label { kind: kind.to_owned(), ..Label::default() };
    let plans = vec![crate::offer::Plan {
        id: monthly().to_string(),
        name: "Monthly".to_owned(),
        interval: "month".to_owned(),
        count: 1,
        price: 70,
        trial_days: 0,
    }];
    let (currency, tax_class) = (kit::money::Currency::EUR, String::new());
    Offer { store, currency, price: Some(500), plans, active: true, tax_class, tariff: 0, label }
}

fn monthly() -> PlanId {
    PlanId::from_uuid(Uuid::from_u128(7))
}

fn gift(email: &str) -> Gift {
    Gift::parse(&pb::Gift { email: email.to_owned(), ..pb::Gift::default() }).unwrap()
}

fn line(product: ProductId, plan: Option<PlanId>, (pieces, email): (u32, &str)) -> Line {
    let pieces = Quantity::parse(pieces).unwrap().unwrap();
    Line::given(LineId::new(noon()), (product, plan), (pieces, gift(email)))
}

/// OR-1: a single digital product, once, is given to somebody else.
#[test]
fn only_what_a_library_holds_is_given() {
    let (mut cart, store, album) = (cart(), StoreId::new(noon()), ProductId::new(noon()));
    let mut give = |line, kind: &str| cart.give(line, &offer(store, kind)).map_err(|error| error.to_string());
    let refused = |error: Error| Err::<(), _>(error.to_string());
    assert_eq!(give(line(album, None, (1, "b@x.de")), "physical"), refused(Error::GiftNotDigital));
    assert_eq!(give(line(album, Some(monthly()), (1, "b@x.de")), "digital"), refused(Error::GiftRenews));
    assert_eq!(give(line(album, None, (2, "b@x.de")), "digital"), refused(Error::GiftSingle));
    assert_eq!(give(line(album, None, (1, "b@x.de")), "digital"), Ok(()));
}

/// OR-1: what is typed is held to its limits, each fault named.
#[test]
fn a_gift_is_read() {
    let given = |email: &str, name: &str, message: &str| {
        let text = str::to_owned;
        Gift::parse(&pb::Gift { email: text(email), name: text(name), message: text(message) })
    };
    let read = given(" Bob@Example.com ", " Bob ", " Have fun.\r\nAnn ").unwrap();
    assert_eq!(
        (read.email.as_str(), read.name.as_str(), read.message.as_str()),
        ("Bob@Example.com", "Bob", "Have fun.\nAnn")
    );
    assert!(given("bob@example.com", "", &"ü".repeat(500)).is_ok());
    let kit::Error::Invalid(faults) = given("bob", "B\nob", &"ü".repeat(501)).unwrap_err() else { panic!("faults") };
    let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_ref(), fault.code.as_ref())).collect();
    assert_eq!(told, [("/gift/email", "malformed"), ("/gift/name", "malformed"), ("/gift/message", "too_long")]);
    let kit::Error::Invalid(faults) = given(" ", "", "a\u{7}").unwrap_err() else { panic!("faults") };
    let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_ref(), fault.code.as_ref())).collect();
    assert_eq!(told, [("/gift/email", "required"), ("/gift/message", "malformed")]);
}

/// A step of a shopper with one product and two friends.
#[derive(Clone, Debug)]
enum Step {
    Buy(u32),
    Give(usize),
    Set(usize, u32),
    Regift(usize, Option<usize>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..4_u32).prop_map(Step::Buy),
        (0..4_usize).prop_map(Step::Give),
        (0..4_usize, 0..3_u32).prop_map(|(place, pieces)| Step::Set(place, pieces)),
        (0..4_usize, prop::option::of(0..4_usize)).prop_map(|(place, friend)| Step::Regift(place, friend)),
    ]
}

proptest! {
    /// OR-1, CA-4: there is one line for oneself and one for each friend, however their address is spelt, a piece for each of
    /// these; a step that is refused does nothing.
    #[test]
    fn each_friend_has_one_line(steps in prop::collection::vec(step(), 0..30)) {
        const FRIENDS: [&str; 4] = ["bob@example.com", "Bob@Example.com", "carl@example.com", "CARL@example.com"];
        let (mut cart, store, album) = (cart(), StoreId::new(noon()), ProductId::new(noon()));
        let offer = offer(store, "digital");
        let offers = Offers::new([(album, offer.clone())].into(), std::collections::HashMap::new());
        for step in steps {
            let before = cart.clone();
            let name = |place: usize| before.lines.get(place).map_or(LineName::Product(album), |line| LineName::Line(line.id));
            let done = match step {
                Step::Buy(pieces) => {
                    cart.add(LineId::new(noon()), (album, None), &offer, Quantity::parse(pieces).unwrap().unwrap())
                }
                Step::Give(friend) => cart.give(line(album, None, (1, FRIENDS[friend])), &offer),
                Step::Set(place, pieces) => cart.set(name(place), Quantity::parse(pieces).unwrap()),
                Step::Regift(place, friend) => {
                    cart.regift(name(place), (friend.map(|friend| gift(FRIENDS[friend])), None), &offers).map(drop)
                }
            };
            if done.is_err() {
                prop_assert_eq!(&cart.lines, &before.lines);
            }
            prop_assert!(cart.lines.windows(2).all(|pair| pair[0].position < pair[1].position));
            prop_assert!(cart.lines.iter().all(|line| line.gift.is_none() || line.quantity == Quantity::ONE));
            for (place, line) in cart.lines.iter().enumerate() {
                prop_assert!(!cart.lines[..place].iter().any(|other| other.is_same(line)));
            }
        }
    }
}
