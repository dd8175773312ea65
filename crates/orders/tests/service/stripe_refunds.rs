//! Refunds at Stripe, told in every order there is: of ours and of those that were made by hand, of which some fail.
use proto::orders::v1::{CreateRefundRequest, LineQuantity, Order};
use serde_json::{Value, json};

use crate::{
    counter::{back, eur},
    shop::wish,
    till::Till,
};

/// What went back, as the ledger has it.
const BACK: &str = "select coalesce(sum(amount), 0)::bigint from transactions
                    where type = 'refund' and status = 'succeeded'";
/// How often it went back, or came back again.
const MOVES: &str = "select count(*) from transactions where type = 'refund' and status = 'succeeded'";

const MADE: &str = "charge.refunded";
const FAILED: &str = "refund.failed";

fn part(order: &Order, amount: i64) -> CreateRefundRequest {
    CreateRefundRequest { amount: eur(amount), ..back(order) }
}

impl Till {
    fn paid(&self) -> String {
        self.stripe.intent()["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Has Stripe tell of `refund` what `kinds` are, in that order: each twice, and all of it once more under other ids. What
    /// is told of the charge is what was true when it was made.
    async fn deliver(&self, refund: &Value, kinds: &[&str]) -> anyhow::Result<()> {
        let charge = json!({"id": "ch_1", "object": "charge", "payment_intent": refund["payment_intent"],
                            "amount_refunded": refund["amount"]});
        let name = refund["id"].as_str().unwrap_or_default();
        for time in 1..=2 {
            for (place, kind) in kinds.iter().enumerate() {
                let object = if *kind == MADE { &charge } else { refund };
                for _ in 0..2 {
                    self.tell(&format!("evt_{name}_{time}_{place}"), kind, object).await?;
                }
            }
        }
        Ok(())
    }

    async fn told(&self, event: &str) -> anyhow::Result<usize> {
        Ok(self.shop.events().await?.iter().filter(|one| *one == event).count())
    }
}

/// OR-5, OR-8: what was taken away by a refund that failed afterwards is not taken away once more by the next one.
#[tokio::test]
async fn a_unit_is_taken_away_once() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    let back = |order: &Order, quantity| {
        let line = order.lines.iter().find(|line| line.kind == "digital").expect("something digital").id.clone();
        CreateRefundRequest {
            order: order.id.clone(),
            lines: vec![LineQuantity { line, quantity }],
            reason: "It does not play.".to_owned(),
            ..CreateRefundRequest::default()
        }
    };
    let taken = "select coalesce(sum(units), 0)::bigint from library_entries where what = 'refund'";
    assert_eq!(till.shop.refund(back(&order, 1), "one").await?.status, "succeeded");
    till.deliver(&till.stripe.fail_refund(), &[FAILED]).await?;
    assert_eq!(
        (till.shop.seen(&order).await?.refunds[0].status.as_str(), till.shop.count(taken).await?),
        ("failed", 1)
    );
    assert_eq!(till.shop.refund(back(&order, 1), "two").await?.status, "succeeded");
    let entries = "select count(*) from library_entries where what = 'refund'";
    assert_eq!((till.shop.count(taken).await?, till.shop.count(entries).await?), (1, 1));

    // Of several units the next refund takes what the failed one did not.
    let songs = till.shop.cart_of(&till.shop.product("song", &[]), 3);
    let begun = till.shop.begin_by(till.shop.rig.actors.anonymous(wish(&songs.id, "stripe"))).await?;
    let order = till.pay(&begun.token, "pm_card_visa", "").await?.order.expect("an order");
    assert_eq!(till.shop.refund(back(&order, 1), "three").await?.status, "succeeded");
    till.deliver(&till.stripe.fail_refund(), &[FAILED]).await?;
    assert_eq!(till.shop.refund(back(&order, 2), "four").await?.status, "succeeded");
    assert_eq!(till.shop.count(taken).await?, 1 + 2);
    Ok(())
}

/// OR-3, OR-4, OR-5: a refund is made while the house hears nothing of it, and fails: in whatever order that is told, and
/// however often, it never counted, and the money can be given back anew.
#[tokio::test]
async fn ours_fails_unheard_of() -> anyhow::Result<()> {
    for kinds in [&[FAILED, MADE][..], &[MADE, FAILED], &[FAILED], &[MADE], &["charge.refund.updated", MADE, FAILED]] {
        let till = Till::open().await?;
        let order = till.sold().await?;
        till.stripe.lose("refunds");
        assert_eq!(till.shop.refund(part(&order, 500), "one").await?.status, "started");
        till.deliver(&till.stripe.fail_refund(), kinds).await?;
        let seen = till.shop.seen(&order).await?;
        assert_eq!((&*seen.payment_status, &*seen.refunds[0].status), ("paid", "failed"), "{kinds:?}");
        assert_eq!((till.shop.count(BACK).await?, till.shop.count(MOVES).await?), (0, 0), "{kinds:?}");
        assert_eq!((till.told("PaymentRefunded").await?, till.told("RefundFailed").await?), (0, 0), "{kinds:?}");
        let all = CreateRefundRequest { amount: None, ..back(&order) };
        assert_eq!(till.shop.refund(all, "two").await?.status, "succeeded");
        assert_eq!(till.shop.count(BACK).await?, 4498);
    }
    Ok(())
}

/// OR-3, OR-4, OR-5: the same of one that was known to be made: its failure counts once.
#[tokio::test]
async fn ours_fails_after_all() -> anyhow::Result<()> {
    for kinds in [&[FAILED, MADE][..], &[MADE, FAILED], &[FAILED], &[MADE]] {
        let till = Till::open().await?;
        let order = till.sold().await?;
        assert_eq!(till.shop.refund(part(&order, 500), "one").await?.status, "succeeded");
        till.deliver(&till.stripe.fail_refund(), kinds).await?;
        let seen = till.shop.seen(&order).await?;
        assert_eq!((&*seen.payment_status, &*seen.refunds[0].status), ("paid", "failed"), "{kinds:?}");
        assert_eq!((till.shop.count(BACK).await?, till.shop.count(MOVES).await?), (0, 2), "{kinds:?}");
        assert_eq!((till.told("PaymentRefunded").await?, till.told("RefundFailed").await?), (1, 1), "{kinds:?}");
    }
    Ok(())
}

/// OR-3, OR-4: what was given back at Stripe by hand and failed before anybody here knew of it never counted, in whatever
/// order it is told; staff see that it was tried.
#[tokio::test]
async fn by_hand_fails_unheard_of() -> anyhow::Result<()> {
    for kinds in [&[FAILED, MADE][..], &[MADE, FAILED], &[FAILED], &[MADE], &["charge.refund.updated", MADE, FAILED]] {
        let till = Till::open().await?;
        let order = till.sold().await?;
        assert_eq!(till.stripe.refund_by_hand(&till.paid(), 600)["amount"], 600);
        till.deliver(&till.stripe.fail_refund(), kinds).await?;
        let seen = till.shop.seen(&order).await?;
        let last = seen.transactions.last().expect("an entry");
        assert_eq!((&*last.status, last.amount.clone()), ("failed", eur(600)), "{kinds:?}");
        assert_eq!((&*seen.payment_status, seen.transactions.len()), ("paid", 2), "{kinds:?}");
        assert_eq!((till.shop.count(BACK).await?, till.told("PaymentRefunded").await?), (0, 0), "{kinds:?}");
        assert_eq!(till.told("RefundFailed").await?, 0, "it never counted");
    }
    Ok(())
}

/// OR-3, OR-4: the same of what was known to be given back, beside another that goes well, on several pages of Stripe's list;
/// and of what was booked in former times, when only the sum was known.
#[tokio::test]
async fn by_hand_fails_after_all() -> anyhow::Result<()> {
    const FORMERLY: &str = "insert into transactions (realm_id, id, store_id, order_id, payment_id, type, status, amount,
         currency, gateway, reference, description, created_at)
       select realm_id, gen_random_uuid(), store_id, order_id, payment_id, 'refund', 'succeeded', 1000, currency, gateway, '',
         'Given back at Stripe', created_at from transactions";
    for (is_former, kinds) in
        [(false, &[FAILED, MADE][..]), (false, &[MADE, FAILED]), (true, &[FAILED, MADE]), (true, &[MADE, FAILED])]
    {
        let till = Till::open().await?;
        let order = till.sold().await?;
        till.stripe.page(1);
        let [one, other] = [600, 400].map(|amount| till.stripe.refund_by_hand(&till.paid(), amount));
        if is_former {
            sqlx::query(FORMERLY).execute(till.shop.db.pool()).await?;
        } else {
            till.deliver(&other, &[MADE]).await?;
            assert_eq!(till.told("PaymentRefunded").await?, 2);
        }
        assert_eq!(till.shop.count(BACK).await?, 1000, "{kinds:?}");
        let failed = till.stripe.fail_refund_of(one["id"].as_str().unwrap_or_default());
        till.deliver(&failed, kinds).await?;
        till.deliver(&other, &["refund.updated"]).await?;
        assert_eq!((till.shop.count(BACK).await?, till.told("RefundFailed").await?), (400, 1), "{kinds:?}");
        assert_eq!(till.shop.seen(&order).await?.payment_status, "partially_refunded");
        let rest = CreateRefundRequest { amount: None, ..back(&order) };
        assert_eq!(till.shop.refund(rest, "rest").await?.amount, eur(4098));
        assert_eq!(till.shop.count(BACK).await?, 4498);
    }
    Ok(())
}

/// OR-3, OR-5: what is given back by hand while one of ours is underway is booked beside it, whichever of them Stripe takes.
#[tokio::test]
async fn by_hand_beside_ours() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold().await?;
    till.stripe.lose("refunds");
    assert_eq!(till.shop.refund(part(&order, 500), "one").await?.status, "started");
    let by_hand = till.stripe.refund_by_hand(&till.paid(), 500);
    till.deliver(&by_hand, &[MADE]).await?;
    assert_eq!(till.shop.count(BACK).await?, 500, "ours is underway");
    let ours = till.stripe.fail_refund_of(till.stripe.refunds()[0]["id"].as_str().unwrap_or_default());
    till.deliver(&ours, &[FAILED, MADE]).await?;
    assert_eq!((till.shop.count(BACK).await?, till.shop.count(MOVES).await?), (500, 1));
    Ok(())
}
