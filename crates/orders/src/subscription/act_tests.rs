use kit::{failure::Failure, ids::OrderId};

use super::*;
use crate::{
    payment::Gateway,
    subscription::{
        Step,
        course::tests::{at, begun},
    },
};

const BEGUN: &str = "2026-03-02T12:00:00Z";

fn by(gateway: Gateway) -> Subscription {
    begun(("month", 1), 0, gateway, at(BEGUN))
}

fn reason(failed: Result<(), Error>) -> &'static str {
    failed.expect_err("this cannot be done").reason()
}

/// OR-7: cancelled as of the end of what is paid for; until then it can go on, where its gateway can, and is charged as if
/// nothing had been.
#[test]
fn a_cancellation_waits_for_the_end_of_the_period() {
    let (now, mut of) = (at("2026-03-10T12:00:00Z"), by(Gateway::Test));
    let end = of.course.renews_at;
    of.cancel(When::PeriodEnd, "Too dear.".to_owned(), now).expect("cancelled");
    assert_eq!((of.state, of.ended_at, of.look_at()), (State::Leaving, None, Some(end)));
    assert_eq!(
        (&*of.reason, of.step(end - chrono::TimeDelta::microseconds(1)), of.step(end)),
        ("Too dear.", Step::Wait, Step::End)
    );
    let mut back = of.clone();
    back.resume(end - chrono::TimeDelta::microseconds(1)).expect("it can");
    assert_eq!((back.state, back.cancelled_at, back.course.renews_at), (State::Active, None, end));
    assert_eq!(reason(of.clone().resume(end)), "subscription_closed");
    assert!(of.run_out(end) && !of.run_out(end));
    assert_eq!((of.state, of.ended_at, of.look_at()), (State::Ended, Some(end), None));
    assert_eq!(reason(of.resume(end)), "subscription_closed");
    assert_eq!(reason(of.cancel(When::Now, String::new(), end)), "subscription_closed");
}

/// OR-7: a gateway that cannot resume makes the cancellation final, and says so beforehand.
#[test]
fn some_cancellations_are_final() {
    let (now, mut of) = (at("2026-03-10T12:00:00Z"), by(Gateway::Manual));
    assert!(!of.is_resumable() && by(Gateway::Test).is_resumable());
    of.cancel(When::PeriodEnd, String::new(), now).expect("cancelled");
    assert_eq!(reason(of.resume(now)), "cancellation_final");
    let mut rests = by(Gateway::Manual);
    rests.pause(String::new(), now).expect("paused");
    rests.resume(now).expect("a pause is no cancellation");
}

/// OR-7: cancelled at once, or with nothing paid for: it is over.
#[test]
fn what_is_not_paid_for_ends_at_once() {
    let now = at("2026-03-10T12:00:00Z");
    let mut of = by(Gateway::Test);
    of.cancel(When::Now, String::new(), now).expect("cancelled");
    assert_eq!((of.state, of.ended_at), (State::Ended, Some(now)));
    let mut owing = by(Gateway::Test);
    let (order, due) = (OrderId::new(now), owing.course.renews_at);
    owing.charge(order, due);
    owing.failed(order, false, due).expect("underway");
    owing.cancel(When::PeriodEnd, String::new(), due).expect("cancelled");
    assert_eq!((owing.state, owing.look_at()), (State::Ended, None));
}

/// OR-7: nothing is charged during a pause. What is paid for is used up first; after that a new period begins with the
/// resumption.
#[test]
fn a_pause_is_not_charged() {
    let now = at("2026-03-10T12:00:00Z");
    let mut of = by(Gateway::Test);
    let due = of.course.renews_at;
    of.pause("Holidays.".to_owned(), now).expect("paused");
    assert_eq!((of.look_at(), of.step(due)), (None, Step::Wait));
    assert_eq!(reason(of.clone().pause(String::new(), now)), "subscription_closed");
    let mut soon = of.clone();
    soon.resume(due - chrono::TimeDelta::hours(1)).expect("resumed");
    assert_eq!((soon.course.renews_at, soon.step(due)), (due, Step::Charge));
    let late = at("2026-07-31T08:00:00Z");
    of.resume(late).expect("resumed");
    assert_eq!((of.course.renews_at, of.step(late)), (late, Step::Charge));
    let order = OrderId::new(late);
    of.charge(order, late);
    assert!(of.renewed(order, late));
    assert_eq!((of.course.starts_at, of.course.renews_at), (late, at("2026-08-31T08:00:00Z")));
}

/// OR-7: nobody changes what is being charged.
#[test]
fn a_charge_is_not_disturbed() {
    let mut of = by(Gateway::Test);
    let due = of.course.renews_at;
    of.charge(OrderId::new(due), due);
    let target = Target { id: "rtgt_1".to_owned(), name: "One".to_owned() };
    let terms = of.terms.clone();
    for act in [
        of.clone().pause(String::new(), due),
        of.clone().cancel(When::Now, String::new(), due),
        of.clone().retry(due),
        of.clone().aim(target, due),
        of.clone().agree(terms, due),
        of.clone().pay_by(String::new(), due),
    ] {
        assert_eq!(reason(act), "renewal_underway");
    }
    assert!(of.cut_off(due) && !of.cut_off(due), "but an order that is called off and an erasure do not ask");
}

/// OR-7: another method, or staff, has what failed charged again at once.
#[test]
fn a_failed_renewal_is_charged_again() {
    let mut of = by(Gateway::Test);
    assert_eq!(reason(of.retry(at(BEGUN))), "nothing_to_retry");
    of.pay_by("pm_test_slow".to_owned(), at(BEGUN)).expect("changed");
    assert_eq!((of.step(at(BEGUN)), &*of.method), (Step::Wait, "pm_test_slow"));
    let (order, due) = (OrderId::new(at(BEGUN)), of.course.renews_at);
    of.charge(order, due);
    of.failed(order, false, due).expect("underway");
    for act in [|of: &mut Subscription, now| of.retry(now), |of: &mut Subscription, now| of.pay_by(String::new(), now)]
    {
        let mut again = of.clone();
        act(&mut again, due).expect("it failed");
        assert_eq!(again.step(due), Step::Charge);
    }
    assert_eq!(reason(of.pause(String::new(), due)), "subscription_closed");
}

/// OR-7: nobody agrees to what cannot be counted; the present terms take back what was agreed.
#[test]
fn terms_are_agreed_and_taken_back() {
    let mut of = by(Gateway::Test);
    let dear = Terms { price: i64::MAX, ..of.terms.clone() };
    assert_eq!(reason(of.agree(dear, at(BEGUN))), "plan_not_found");
    let other = Terms { price: 500, ..of.terms.clone() };
    of.agree(other.clone(), at(BEGUN)).expect("agreed");
    assert_eq!(of.next, Some(other));
    let present = of.terms.clone();
    of.agree(present, at(BEGUN)).expect("agreed");
    assert_eq!((of.next.is_none(), of.due().amount), (true, 600));
}
