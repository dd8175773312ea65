//! Credit notes of refunds that failed afterwards (OR-6).
use proto::orders::v1::{CreateRefundRequest, GetReceiptRequest, Order, Receipt};

use crate::{
    counter::{ALL, back, eur, units},
    receipts::{text, wanted},
    shop::wish,
    tariffs::taxed,
    till::Till,
};

/// What went back, as the ledger has it.
const BACK: &str = "select coalesce(sum(amount), 0)::bigint from transactions
                    where type = 'refund' and status = 'succeeded'";

impl Till {
    /// An order of 58.41 EUR with 8.86 of tax, paid by a card: two mugs, a book, and shipping.
    async fn sold_with_tax(&self) -> anyhow::Result<Order> {
        let begun = self.shop.begin_by(self.shop.rig.actors.anonymous(wish(&taxed(&self.shop).id, "stripe"))).await?;
        let outcome = self.pay(&begun.token, "pm_card_visa", "").await?;
        Ok(outcome.order.expect("an order"))
    }

    /// One mug goes back, as `key`.
    async fn mug(&self, order: &Order, key: &str) -> anyhow::Result<()> {
        let mug = CreateRefundRequest { lines: vec![units(order, 0, 1)], ..back(order) };
        assert_eq!(self.shop.refund(mug, key).await?.amount, eur(2_379));
        Ok(())
    }

    /// The newest refund fails.
    async fn fails(&self) -> anyhow::Result<()> {
        let failed = self.stripe.fail_refund();
        let id = format!("evt_{}", failed["id"].as_str().unwrap_or_default());
        self.tell(&id, "refund.failed", &failed).await?;
        Ok(())
    }

    /// What was issued, after the sums of it were compared with the ledger.
    async fn papers(&self, order: &Order) -> anyhow::Result<Vec<Receipt>> {
        let papers = self.shop.receipts(order).await?;
        let total: i64 = papers[1..].iter().map(|paper| paper.total.as_ref().map_or(0, |total| total.amount)).sum();
        assert_eq!(total, self.shop.count(BACK).await?, "{papers:?}");
        for paper in &papers[1..] {
            let lines = paper.lines.iter().filter_map(|line| line.subtotal.as_ref()).map(|money| money.amount);
            let shipping = paper.shipping.as_ref().map_or(0, |money| money.amount);
            let sum = lines.sum::<i64>() + shipping;
            assert_eq!(Some(sum), paper.total.as_ref().map(|total| total.amount), "{paper:?}");
        }
        Ok(papers)
    }
}

fn tax(papers: &[Receipt]) -> Vec<i64> {
    papers[1..].iter().map(|paper| paper.tax.as_ref().map_or(0, |tax| tax.amount)).collect()
}

/// OR-6, CA-11: a refund by its lines fails and is made again: its credit note stays as it was, a further one under the next
/// number takes all of it back, and whatever goes back later has its own part of the tax. At any time the papers come to what
/// the ledger says, and all of the tax to all of it.
#[tokio::test]
async fn a_credit_note_is_cancelled() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold_with_tax().await?;
    till.mug(&order, "one").await?;
    let before = till.papers(&order).await?;
    till.fails().await?;
    let papers = till.papers(&order).await?;
    assert_eq!((&papers[..2], papers.len()), (&before[..], 3));
    let (note, cancelled) = (&papers[1], &papers[2]);
    assert_eq!((&*cancelled.kind, &*cancelled.cancels), ("credit_note_cancellation", &*note.number));
    assert!(cancelled.number.starts_with("CN-") && cancelled.number.ends_with("-000002"), "{}", cancelled.number);
    assert_eq!((&cancelled.corrects, &note.cancels), (&papers[0].number, &String::new()));
    assert_eq!((cancelled.total.clone(), cancelled.tax.clone()), (eur(-2_379), eur(-380)));
    assert_eq!((&*cancelled.lines[0].name, cancelled.lines[0].subtotal.clone()), ("mug", eur(-2_379)));
    till.shop.refund(CreateRefundRequest { amount: eur(100), ..back(&order) }, "two").await?;
    till.mug(&order, "three").await?;
    // Seen only when it has failed already.
    till.fails().await?;
    till.mug(&order, "four").await?;
    let papers = till.papers(&order).await?;
    assert_eq!(tax(&papers), [380, -380, 15, 380, -380, 380]);
    assert_eq!(papers[5].cancels, papers[4].number);
    till.shop.refund(back(&order), "rest").await?;
    let papers = till.papers(&order).await?;
    assert_eq!((till.shop.count(BACK).await?, tax(&papers).iter().sum::<i64>()), (5_841, 886));
    Ok(())
}

/// OR-6, PL-2: the doctor finds a credit note that nobody cancelled, and has that done.
#[tokio::test]
async fn the_doctor_misses_cancellations() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold_with_tax().await?;
    till.mug(&order, "one").await?;
    till.papers(&order).await?;
    till.fails().await?;
    sqlx::query("delete from receipts_due").execute(till.shop.db.pool()).await?;
    assert_eq!(till.shop.inspect(true).await?, [format!("missing_receipt {} true", order.id)]);
    assert_eq!(till.papers(&order).await?.len(), 3);
    Ok(())
}

/// OR-6: the cancellation is there as a page and as a PDF, and says which credit note it is about.
#[tokio::test]
async fn a_cancellation_is_read() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold_with_tax().await?;
    till.mug(&order, "one").await?;
    till.fails().await?;
    let papers = till.papers(&order).await?;
    for format in ["html", "pdf"] {
        let request = GetReceiptRequest { id: papers[2].id.clone(), ..wanted(&order, format) };
        let file = till.shop.receipt_by(till.shop.rig.actors.staff(&ALL, request)).await?;
        let name = format!("cancellation-of-credit-note-{}.{format}", papers[2].number.to_lowercase());
        assert_eq!(file.name, name);
        let read =
            if format == "pdf" { text(&file.content) } else { String::from_utf8(file.content.to_vec()).expect("text") };
        for part in ["Cancellation of credit note", &papers[0].number, &papers[1].number, "-23.79 EUR", "-3.80 EUR"] {
            assert!(read.contains(part), "{part} is not in {read}");
        }
    }
    Ok(())
}

/// OR-6: a refund that fails before anybody heard that it was made has no paper at all; one made by hand that fails has its
/// two.
#[tokio::test]
async fn what_never_counted_has_no_paper() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let order = till.sold_with_tax().await?;
    till.stripe.lose("refunds");
    let request = CreateRefundRequest { amount: eur(100), ..back(&order) };
    assert_eq!(till.shop.refund(request, "one").await?.status, "started");
    till.fails().await?;
    assert_eq!(till.papers(&order).await?.len(), 1);
    let intent = till.stripe.intent();
    let by_hand = till.stripe.refund_by_hand(intent["id"].as_str().unwrap_or_default(), 700);
    till.tell("evt_hand", "charge.refunded", &by_hand).await?;
    till.fails().await?;
    let papers = till.papers(&order).await?;
    assert_eq!((papers.len(), &papers[2].cancels), (3, &papers[1].number));
    Ok(())
}
