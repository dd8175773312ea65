use kit::{
    ids::{CartId, CustomerId, LineId, ProductId, RealmId, StoreId},
    money::Currency,
};
use proptest::prelude::*;

use super::*;
use crate::{
    order::{Client, Contact, Line, Order, Plan, Standing, TaxRate, Totals},
    payment::Gateway,
    subscription::Terms,
};

pub(in crate::subscription) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Two of what costs 300 each for every `count` `interval`s, begun at `now` with a trial of so many days.
pub(in crate::subscription) fn begun(
    (interval, count): (&str, u32),
    trial_days: u32,
    gateway: Gateway,
    now: DateTime<Utc>,
) -> Subscription {
    let totals = Totals {
        currency: Currency::EUR,
        subtotal: 600,
        discount: 0,
        shipping: 0,
        tax: 0,
        shipping_tax: 0,
        included_tax: 0,
        total: 600,
    };
    let order = Order {
        id: OrderId::new(now),
        realm: RealmId::new(now),
        store: StoreId::new(now),
        cart: CartId::new(now),
        customer: CustomerId::new(now),
        number: "1001".to_owned(),
        standing: Standing::DRAFT,
        totals,
        discounts: Vec::new(),
        delivery: None,
        contact: Contact::default(),
        client: Client::default(),
        attribution: kit::attribution::Attribution::default(),
        gateway,
        note: String::new(),
        tags: Vec::new(),
        subscription: None,
        version: 1,
        placed_at: Some(now),
        created_at: now,
        updated_at: now,
    };
    let plan = Plan {
        id: "plan_1".to_owned(),
        interval: interval.to_owned(),
        count,
        price: Some(300),
        trial_days,
        zone: "Europe/Berlin".to_owned(),
    };
    let line = Line {
        id: LineId::new(now),
        product: ProductId::new(now),
        sku: "BOX".to_owned(),
        name: "Box".to_owned(),
        quantity: 2,
        price: if trial_days > 0 { 0 } else { 300 },
        subtotal: 0,
        kind: "digital".to_owned(),
        discount: 0,
        tax: 0,
        included_tax: 0,
        tax_rate: TaxRate::default(),
        plan: Some(plan),
        package: String::new(),
        contents: None,
        gift: None,
        fulfilled: 0,
        refunded: 0,
    };
    Subscription::begin(&order, &line, "pm_test_ok", now).expect("a sound plan")
}

fn monthly(now: &str) -> Subscription {
    begun(("month", 1), 0, Gateway::Test, at(now))
}

/// Charges the renewal that is due; answers its order.
fn charge(of: &mut Subscription, now: DateTime<Utc>) -> OrderId {
    assert_eq!(of.step(now), Step::Charge, "{now}");
    let order = of.course.draft.unwrap_or_else(|| OrderId::new(now));
    of.charge(order, now);
    assert_eq!((of.step(now), of.step(now + UNHEARD)), (Step::Wait, Step::Check), "a charge tells by itself");
    order
}

/// OR-7: the first period is paid with the order; the next is due when it ends, never before, and the customer hears of it
/// three days ahead, once.
#[test]
fn periods_are_paid_when_they_begin() {
    let mut box_ = monthly("2026-01-31T12:00:00Z");
    assert_eq!((box_.course.renews_at, box_.due().amount), (at("2026-02-28T12:00:00Z"), 600));
    let notice = at("2026-02-25T12:00:00Z");
    assert_eq!(box_.look_at(), Some(notice));
    assert_eq!((box_.step(notice - TimeDelta::microseconds(1)), box_.step(notice)), (Step::Wait, Step::Notice));
    box_.noticed(notice);
    let due = box_.course.renews_at;
    assert_eq!((box_.step(due - TimeDelta::microseconds(1)), box_.look_at()), (Step::Wait, Some(due)));
    let order = charge(&mut box_, due);
    assert!(box_.renewed(order, due + TimeDelta::hours(2)));
    assert_eq!(box_.course.renews_at, at("2026-03-31T11:00:00Z"), "summer time, and the 31st again");
    assert!(!box_.renewed(order, due), "one charge renews once");
    assert_eq!((box_.course.cycle, box_.state, box_.course.draft), (1, State::Active, None));
}

/// OR-7: short periods are not announced; long ones a week ahead.
#[test]
fn notices_depend_on_the_length() {
    for (interval, count, days) in [("day", 1, None), ("week", 1, None), ("week", 2, Some(3)), ("year", 1, Some(7))] {
        let of = begun((interval, count), 0, Gateway::Test, at("2026-03-02T12:00:00Z"));
        let lead = of.look_at().map(|at| (of.course.renews_at - at).num_days());
        assert_eq!(lead, Some(days.unwrap_or(0)), "{interval} {count}");
    }
}

/// OR-7: a trial is a period for nothing; what it costs is due when it ends.
#[test]
fn a_trial_comes_first() {
    let mut of = begun(("month", 1), 14, Gateway::Test, at("2026-03-20T12:00:00Z"));
    let end = at("2026-04-03T11:00:00Z");
    assert_eq!(
        (of.course.trial_ends_at, of.course.renews_at),
        (Some(end), end),
        "days as the store's clock shows them"
    );
    let order = charge(&mut of, end);
    assert!(of.renewed(order, end));
    assert_eq!((of.course.starts_at, of.course.renews_at), (end, at("2026-05-03T11:00:00Z")));
}

/// ID-9, OR-7: one whose customer is locked out while it is charged rests by then, however that ends; what was paid is paid,
/// and it goes on when somebody says so.
#[test]
fn one_may_come_to_rest_while_it_is_charged() {
    let now = at("2026-04-02T11:00:00Z");
    for is_paid in [true, false] {
        let mut one = monthly("2026-03-02T12:00:00Z");
        let due = one.course.renews_at;
        let order = charge(&mut one, now);
        assert!(one.rest(now));
        assert_eq!((one.state, one.course.charging), (State::Paused, Some(order)));
        if is_paid {
            assert!(one.renewed(order, now));
            assert!(one.course.renews_at > due);
        } else {
            assert_eq!(one.failed(order, false, now), Some(Setback::Unreached));
            assert_eq!(one.course.renews_at, due);
        }
        assert_eq!((one.state, one.course.charging, one.look_at()), (State::Paused, None, None));
        one.resume(now).expect("it goes on");
        assert_eq!((one.state, one.step(now) == Step::Charge), (State::Active, !is_paid));
    }
}

/// OR-7: a failed renewal is tried again after one, two, two and two days; then it expires. A period that is paid late ends
/// when it would have ended.
#[test]
fn failures_are_repeated_and_then_it_ends() {
    let mut of = monthly("2026-03-02T12:00:00Z");
    let due = of.course.renews_at;
    let mut now = due;
    for days in [1, 2, 2, 2] {
        let order = charge(&mut of, now);
        let again = now + TimeDelta::days(days);
        assert_eq!(of.failed(order, false, now), Some(Setback::PastDue(again)));
        assert_eq!((of.state, of.step(again - TimeDelta::microseconds(1))), (State::PastDue, Step::Wait));
        assert_eq!((of.look_at(), of.failed(order, false, now)), (Some(again), None));
        now = again;
    }
    let mut late = of.clone();
    let order = charge(&mut late, now);
    assert!(late.renewed(order, now));
    assert_eq!((late.state, late.course.failures, late.course.starts_at), (State::Active, 0, due));
    assert_eq!(late.course.renews_at, at("2026-05-02T11:00:00Z"));
    let order = charge(&mut of, now);
    assert_eq!(of.failed(order, false, now), Some(Setback::Expired));
    assert_eq!((of.state, of.ended_at, of.look_at(), of.step(now)), (State::Expired, Some(now), None, Step::Wait));
}

/// OR-7: a gateway that does not answer is nobody's failure for a day; it is asked each hour.
#[test]
fn a_silent_gateway_is_asked_again() {
    let mut of = monthly("2026-03-02T12:00:00Z");
    let mut now = of.course.renews_at;
    for _ in 0..24 {
        let order = charge(&mut of, now);
        assert_eq!(of.failed(order, true, now), Some(Setback::Unreached));
        assert_eq!((of.state, of.course.failures), (State::Active, 0));
        now += UNREACHED;
    }
    let order = charge(&mut of, now);
    assert_eq!(of.failed(order, true, now), Some(Setback::PastDue(now + RETRIES[0])));
}

/// OR-7: attempts that somebody asks for use up none of those that are made by themselves, however many they are.
#[test]
fn cards_may_be_tried() {
    let mut of = monthly("2026-03-02T12:00:00Z");
    let due = of.course.renews_at;
    let order = charge(&mut of, due);
    let planned = due + RETRIES[0];
    assert_eq!(of.failed(order, false, due), Some(Setback::PastDue(planned)));
    for minutes in 1..9 {
        let now = due + TimeDelta::minutes(minutes);
        of.pay_by(format!("pm_{minutes}"), now).expect("it is open");
        let order = charge(&mut of, now);
        assert_eq!(of.failed(order, false, now), Some(Setback::PastDue(planned)));
        assert_eq!((of.state, of.course.failures, of.look_at()), (State::PastDue, 1, Some(planned)));
    }
    let order = charge(&mut of, planned);
    assert_eq!(of.failed(order, false, planned), Some(Setback::PastDue(planned + RETRIES[1])));
    assert_eq!(of.course.failures, 2);
}

/// OR-7: an invoice that nobody pays is looked at as often as a card is charged, and while it is not due by nobody's wish.
#[test]
fn an_unpaid_invoice_is_looked_at() {
    let mut of = monthly("2026-03-02T12:00:00Z");
    let mut now = of.course.renews_at;
    for (failures, pause) in (1..).zip(RETRIES) {
        assert_eq!(of.overdue(now), Some(Setback::PastDue(now + pause)));
        let asked = of.overdue(now + TimeDelta::hours(1));
        assert_eq!((asked, of.course.failures), (Some(Setback::PastDue(now + pause)), failures));
        now += pause;
    }
    assert_eq!((of.overdue(now), of.state, of.ended_at), (Some(Setback::Expired), State::Expired, Some(now)));
    assert_eq!(of.overdue(now), None);
    let mut of = monthly("2026-03-02T12:00:00Z");
    let due = of.course.renews_at;
    charge(&mut of, due);
    assert_eq!(of.overdue(due), None, "it is being charged");
}

/// OR-7: the last attempt, too, is repeated when its gateway does not answer.
#[test]
fn a_silent_gateway_ends_nothing() {
    let mut of = monthly("2026-03-02T12:00:00Z");
    let mut now = of.course.renews_at;
    for pause in RETRIES {
        let order = charge(&mut of, now);
        now += pause;
        assert_eq!(of.failed(order, false, now - pause), Some(Setback::PastDue(now)));
    }
    let order = charge(&mut of, now);
    assert_eq!(of.failed(order, true, now), Some(Setback::Unreached));
    now += UNREACHED;
    assert_eq!((of.state, of.look_at()), (State::PastDue, Some(now)));
    let order = charge(&mut of, now);
    assert_eq!(of.failed(order, false, now), Some(Setback::Expired));
}

/// OR-7: another plan begins with the renewal that comes, and its periods are counted from there.
#[test]
fn a_new_plan_begins_with_the_next_renewal() {
    let mut of = monthly("2026-01-31T12:00:00Z");
    let yearly =
        Terms { plan: "plan_2".to_owned(), interval: super::super::calendar::Interval::Year, count: 1, price: 3_000 };
    of.agree(yearly.clone(), at("2026-02-02T12:00:00Z")).expect("agreed");
    assert_eq!((of.terms.price, of.due().amount), (300, 6_000));
    let due = of.course.renews_at;
    let order = charge(&mut of, due);
    assert!(of.renewed(order, due));
    assert_eq!((of.terms, of.next, of.course.renews_at), (yearly, None, at("2027-02-28T12:00:00Z")));
}

proptest! {
    /// OR-7: whatever fails and however late anybody looks, every period is charged once and they follow each other without a
    /// gap, until it ends.
    #[test]
    fn no_period_is_lost_or_paid_twice(
        outcomes in prop::collection::vec((0_u8..4, 0_i64..2_000), 1..60),
        trial in 0_u32..40,
        interval in prop::sample::select(vec!["day", "week", "month", "year"]),
    ) {
        let start = at("2026-01-31T09:00:00Z");
        let mut of = begun((interval, 1), trial, Gateway::Test, start);
        let (mut now, mut paid) = (start, Vec::new());
        for (outcome, late) in outcomes {
            let Some(look) = of.look_at() else { break };
            now = now.max(look) + TimeDelta::minutes(late);
            match of.step(now) {
                Step::Notice => of.noticed(now),
                Step::Charge => {
                    prop_assert!(of.course.renews_at <= now);
                    let order = charge(&mut of, now);
                    if outcome < 2 {
                        paid.push(of.course.renews_at);
                        prop_assert!(of.renewed(order, now));
                    } else {
                        prop_assert!(of.failed(order, outcome == 2, now).is_some());
                    }
                }
                step @ (Step::Wait | Step::End | Step::Check) => prop_assert!(false, "{step:?} at {now}"),
            }
            prop_assert_eq!(of.course.cycle as usize, paid.len());
        }
        let every = of.terms.every();
        let first = u32::from(trial == 0);
        for (place, begin) in (first..).zip(&paid) {
            prop_assert_eq!(of.course.calendar.begin(every, place), Some(*begin));
        }
    }
}
