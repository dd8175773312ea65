//! Invoices, paid outside of any gateway.
use proto::{base::v1::Money, orders::v1::MarkOrderPaidRequest};

use crate::{
    counter::{ALL, eur},
    shop::{Shop, faults, reason},
};

/// OR-2, OR-4: an invoice is paid in parts; the ledger has each, and the last one makes it paid.
#[tokio::test]
async fn an_invoice_is_paid_in_parts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    assert_eq!(shop.mark_paid(&order, eur(4000)).await?.payment_status, "pending");
    assert_eq!(reason(shop.mark_paid(&order, eur(499)).await), "payment_too_large");
    let paid = shop.mark_paid(&order, None).await?;
    assert_eq!(paid.payment_status, "paid");
    let amounts: Vec<_> = paid.transactions.iter().map(|entry| entry.amount.clone()).collect();
    assert_eq!(amounts, [eur(4000), eur(498)]);
    assert_eq!((&*paid.transactions[0].method, &*paid.transactions[0].gateway), ("transfer", "manual"));
    assert_eq!(reason(shop.mark_paid(&order, None).await), "already_paid");
    assert_eq!(shop.count("select count(*) from payments where state = 'captured'").await?, 1);
    let events = shop.events().await?;
    assert_eq!(events.iter().filter(|event| *event == "PaymentCaptured").count(), 2);
    Ok(())
}

/// OR-2: two who mark it at once mark it once.
#[tokio::test(flavor = "multi_thread")]
async fn two_hands_mark_it_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let (one, other) = tokio::join!(shop.mark_paid(&order, None), shop.mark_paid(&order, None));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(shop.count("select count(*) from transactions").await?, 1);
    Ok(())
}

/// OR-2: sent before it is paid, it is completed by its payment.
#[tokio::test]
async fn payment_completes_what_was_sent() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    assert_eq!(shop.fulfil(&order, vec![]).await?.status, "placed");
    assert_eq!(shop.mark_paid(&order, None).await?.status, "completed");
    Ok(())
}

/// OR-4: what is odd about a payment is named, and so is another currency.
#[tokio::test]
async fn odd_payments_are_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let yen = Some(Money { amount: 4498, currency: "JPY".to_owned() });
    assert_eq!(reason(shop.mark_paid(&order, yen).await), "currency_mismatch");
    let odd = MarkOrderPaidRequest {
        id: order.id.clone(),
        amount: eur(0),
        method: "shells".to_owned(),
        reference: "Paid by Ms Guest".to_owned(),
        note: "x".repeat(501),
    };
    let odd = shop.desk().mark_order_paid(shop.rig.actors.staff(&ALL, odd)).await;
    let expected =
        ["/amount/amount out_of_range", "/method unknown", "/reference malformed", "/note too_long"].map(str::to_owned);
    assert_eq!(faults(odd), expected);
    Ok(())
}
