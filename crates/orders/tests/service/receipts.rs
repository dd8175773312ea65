//! Receipts and credit notes (OR-6).
use chrono::{DateTime, TimeDelta, Utc};
use holdings::{Person, erase};
use kit::{
    clock::{datetime, timestamp},
    ids::{CustomerId, OrderId},
    permission::Permission,
    stores::Stores,
};
use orders::receipt::Issuer;
use proto::{
    base::v1::InspectRequest,
    catalog::v1::ProductDescription,
    orders::v1::{
        EditOrderRequest, GetReceiptRequest, ListReceiptsRequest, Order, Receipt, ReceiptFile,
        receipt_service_client::ReceiptServiceClient, reconciliation_service_client::ReconciliationServiceClient,
    },
};
use testing::actors::Actors;
use tokio::task::JoinSet;
use tonic::{Request, Status};

use crate::{
    counter::{ALL, back, entry, eur, units},
    shop::{Shop, faults, reason},
};

impl Shop {
    fn issuer(&self) -> anyhow::Result<Issuer> {
        let stores = Stores::new(self.rig.env.peer(orders::NAME, "identity")?);
        Ok(Issuer { db: self.db.clone(), clock: self.rig.clock.clone(), stores })
    }

    /// What is wrong with the books, and whether it was put right.
    pub async fn inspect(&self, repair: bool) -> anyhow::Result<Vec<String>> {
        let until = Some(timestamp(self.rig.clock.now()));
        let request = self.rig.actors.system("patron", InspectRequest { until, repair, ..Default::default() });
        let mut books = ReconciliationServiceClient::new(self.transport.clone());
        let found = books.inspect(request).await?.into_inner().discrepancies;
        Ok(found.into_iter().map(|one| format!("{} {} {}", one.kind, one.id, one.repaired)).collect())
    }

    /// All that was issued for `order`, as staff see it.
    pub async fn receipts(&self, order: &Order) -> Result<Vec<Receipt>, Status> {
        let request = self.rig.actors.staff(&ALL, ListReceiptsRequest { order: order.id.clone() });
        let mut receipts = ReceiptServiceClient::new(self.transport.clone());
        Ok(receipts.list_receipts(request).await?.into_inner().receipts)
    }

    pub async fn receipt_by(&self, request: Request<GetReceiptRequest>) -> Result<ReceiptFile, Status> {
        Ok(ReceiptServiceClient::new(self.transport.clone()).get_receipt(request).await?.into_inner())
    }

    async fn file(&self, order: &Order, format: &str) -> Result<ReceiptFile, Status> {
        self.receipt_by(self.rig.actors.staff(&ALL, wanted(order, format))).await
    }
}

pub fn wanted(order: &Order, format: &str) -> GetReceiptRequest {
    GetReceiptRequest { order: order.id.clone(), id: String::new(), format: format.to_owned() }
}

/// What a PDF says, as a reader finds it.
pub fn text(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).expect("its text")
}

fn numbers(receipts: &[Receipt]) -> Vec<&str> {
    receipts.iter().map(|receipt| &*receipt.number).collect()
}

/// OR-6: a paid order has a receipt with a number, its lines and who bought, as a page and as a PDF; an order that is not
/// paid has none yet.
#[tokio::test]
async fn a_paid_order_has_a_receipt() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    assert_eq!(reason(shop.file(&order, "pdf").await), "receipt_not_issued");
    shop.mark_paid(&order, eur(1_000)).await?;
    assert_eq!(shop.receipts(&order).await?, []);
    shop.mark_paid(&order, None).await?;
    let receipts = shop.receipts(&order).await?;
    let [receipt] = receipts.as_slice() else { panic!("{receipts:?}") };
    let year = shop.rig.clock.now().format("%Y").to_string();
    assert_eq!((&*receipt.number, &*receipt.kind), (&*format!("{year}-000001"), "receipt"));
    assert_eq!((receipt.total.clone(), receipt.lines.len(), &*receipt.order_number), (eur(4498), 2, &*order.number));
    let amounts: Vec<_> = receipt.payments.iter().map(|payment| payment.amount.clone()).collect();
    assert_eq!(amounts, [eur(1_000), eur(3_498)]);
    let page = shop.file(&order, "html").await?;
    let shown = String::from_utf8(page.content.to_vec())?;
    for part in ["Gus Guest", "Guest street 2", "mug", "39.98 EUR", "44.98 EUR", &receipt.number, &order.number] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let pdf = shop.file(&order, "pdf").await?;
    assert_eq!((&*pdf.media_type, &*pdf.name), ("application/pdf", &*format!("receipt-{year}-000001.pdf")));
    let read = text(&pdf.content);
    for part in ["Gus Guest", "mug", "44.98 EUR", &receipt.number] {
        assert!(read.contains(part), "{part} is not in {read}");
    }
    assert_eq!(faults(shop.file(&order, "docx").await), ["/format unknown_value"]);
    let events = shop.events().await?;
    assert_eq!(events.iter().filter(|event| *event == "ReceiptIssued").count(), 1);
    Ok(())
}

/// OR-6: what went back has a credit note each, under numbers of their own, which name the receipt; their tax and parts add up.
#[tokio::test]
async fn what_went_back_has_a_credit_note() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let mut mug = back(&order);
    mug.lines = vec![units(&order, 0, 1)];
    shop.refund(mug, "mug").await?;
    shop.enter(entry(&order, "refund", 499)).await?;
    shop.refund(back(&order), "rest").await?;
    let receipts = shop.receipts(&order).await?;
    let year = shop.rig.clock.now().format("%Y").to_string();
    let expected = ["", "CN-", "CN-", "CN-"].iter().zip([1, 1, 2, 3]).map(|(kind, at)| format!("{kind}{year}-{at:06}"));
    assert_eq!(numbers(&receipts), expected.collect::<Vec<_>>());
    let totals: Vec<_> = receipts.iter().map(|receipt| receipt.total.clone()).collect();
    assert_eq!(totals, [eur(4498), eur(1999), eur(499), eur(2000)]);
    for note in &receipts[1..] {
        assert_eq!((&*note.kind, &*note.corrects), ("credit_note", &*receipts[0].number));
        let lines: i64 = note.lines.iter().filter_map(|line| line.subtotal.as_ref()).map(|money| money.amount).sum();
        assert_eq!(Some(lines), note.total.as_ref().map(|total| total.amount), "{note:?}");
    }
    assert_eq!((&*receipts[1].lines[0].name, receipts[1].lines[0].quantity), ("mug", 1));
    let request = GetReceiptRequest { id: receipts[2].id.clone(), ..wanted(&order, "pdf") };
    let pdf = shop.receipt_by(shop.rig.actors.staff(&ALL, request)).await?;
    let read = text(&pdf.content);
    assert!(read.contains("Credit note") && read.contains(&receipts[0].number) && read.contains("4.99 EUR"), "{read}");
    let other = shop.paid_by("pm_test_ok").await?;
    let request = GetReceiptRequest { id: receipts[2].id.clone(), ..wanted(&other, "pdf") };
    assert_eq!(reason(shop.receipt_by(shop.rig.actors.staff(&ALL, request)).await), "receipt_not_found");
    Ok(())
}

/// OR-6: fifty pay at once while four give out numbers, one of whom dies with a number in hand: every order has one, none
/// is missing, and none is given twice.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_no_gaps() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut payers = JoinSet::new();
    for _ in 0..50 {
        let token = shop.checkout().await?.token;
        payers.spawn(shop.capturing(&token, "pm_test_ok"));
    }
    let mut clerks = JoinSet::new();
    for _ in 0..4 {
        let issuer = shop.issuer()?;
        clerks.spawn(async move {
            for _ in 0..20 {
                issuer.round().await.expect("a round");
                tokio::task::yield_now().await;
            }
        });
    }
    // Dies: its transaction is rolled back, and the number is given to the next.
    let mut dying = shop.db.begin_own().await?;
    let taken = "insert into receipt_numbers as c (store_id, kind, year, last) values ($1, 'receipt', $2, 1)
                 on conflict (store_id, kind, year) do update set last = c.last + 1 returning last";
    let year: i32 = shop.rig.clock.now().format("%Y").to_string().parse()?;
    let store = shop.rig.actors.store;
    let _: i64 = sqlx::query_scalar(taken).bind(store).bind(year).fetch_one(&mut *dying).await?;
    dying.rollback().await?;
    for paid in payers.join_all().await {
        assert_eq!(paid??.status, "completed");
    }
    clerks.join_all().await;
    shop.issuer()?.round().await?;
    let seen = "select count(*) from receipts where position between 1 and 50";
    assert_eq!((shop.count(seen).await?, shop.count("select max(position) from receipts").await?), (50, 50));
    assert_eq!(shop.count("select count(*) from receipts_due").await?, 0);
    Ok(())
}

/// OR-6: what waits is issued in one transaction, receipts and credit notes of many orders in the order in which they stand,
/// and what an order lacks that stands there several times once; while somebody holds one of them, none is lost.
#[tokio::test]
async fn many_are_issued_at_a_time() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (one, two, three) =
        (shop.paid_by("pm_test_ok").await?, shop.paid_by("pm_test_ok").await?, shop.invoiced().await?);
    shop.refund(back(&two), "two").await?;
    shop.mark_paid(&three, None).await?;
    shop.enter(entry(&one, "refund", 499)).await?;
    assert_eq!(shop.count("select count(*) from receipts_due").await?, 5);
    shop.issuer()?.round().await?;
    let issued = async || {
        let issued =
            "select o.number || ' ' || r.kind || ' ' || r.position from receipts r join orders o on o.id = r.order_id
                      order by r.kind, r.position";
        sqlx::query_scalar::<_, String>(issued).fetch_all(shop.db.pool()).await
    };
    let said = |order: &Order, what: &str| format!("{} {what}", order.number);
    let mut expected = vec![
        said(&one, "credit_note 1"),
        said(&two, "credit_note 2"),
        said(&one, "receipt 1"),
        said(&two, "receipt 2"),
        said(&three, "receipt 3"),
    ];
    assert_eq!(issued().await?, expected);
    assert_eq!(shop.count("select count(distinct xmin::text) from receipts").await?, 1, "in one transaction");
    let (four, five) = (shop.paid_by("pm_test_ok").await?, shop.paid_by("pm_test_ok").await?);
    let mut holder = shop.db.begin_own().await?;
    let hold = sqlx::query("select from orders where id = $1 for update").bind(four.id.parse::<OrderId>()?);
    hold.execute(&mut *holder).await?;
    let issuer = shop.issuer()?;
    let waiting = tokio::spawn(async move { issuer.round().await });
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    holder.rollback().await?;
    waiting.await??;
    expected.extend([said(&four, "receipt 4"), said(&five, "receipt 5")]);
    assert_eq!(issued().await?, expected);
    Ok(())
}

/// OR-6: an order that cannot be read holds up nobody beside it, takes no number with it, and has its receipt once it can.
#[tokio::test]
async fn what_cannot_be_read_holds_up_nobody() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut orders = Vec::new();
    for _ in 0..4 {
        let order = shop.invoiced().await?;
        shop.mark_paid(&order, None).await?;
        orders.push(order);
    }
    let [first, spoilt, third, fourth] = &orders[..] else { panic!("four orders") };
    let id: OrderId = spoilt.id.parse()?;
    let contact = sqlx::query_scalar::<_, serde_json::Value>("select contact from orders where id = $1");
    let contact = contact.bind(id).fetch_one(shop.db.pool()).await?;
    let write = async |contact: serde_json::Value| {
        let write = sqlx::query("update orders set contact = $2 where id = $1").bind(id).bind(contact);
        write.execute(shop.db.pool()).await
    };
    let issued = async || {
        let issued = "select o.number from receipts r join orders o on o.id = r.order_id order by r.position";
        sqlx::query_scalar::<_, String>(issued).fetch_all(shop.db.pool()).await
    };
    write(serde_json::json!("nobody can read this")).await?;
    shop.issuer()?.round().await?;
    assert_eq!(issued().await?, [first, third, fourth].map(|order| order.number.clone()));
    write(contact).await?;
    shop.rig.clock.advance(TimeDelta::minutes(2));
    shop.issuer()?.round().await?;
    assert_eq!(issued().await?, [first, third, fourth, spoilt].map(|order| order.number.clone()));
    assert_eq!(shop.count("select max(position) from receipts").await?, 4);
    Ok(())
}

/// OR-6: nobody who pays waits for a number: while a series is held, purchases go through, and have theirs afterwards.
#[tokio::test]
async fn nobody_waits_for_a_number() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let first = shop.paid_by("pm_test_ok").await?;
    assert_eq!(shop.receipts(&first).await?.len(), 1);
    let mut held = shop.db.begin_own().await?;
    sqlx::query("select * from receipt_numbers for update").execute(&mut *held).await?;
    let second = shop.paid_by("pm_test_ok").await?;
    assert_eq!(second.payment_status, "paid");
    held.rollback().await?;
    assert!(shop.receipts(&second).await?[0].number.ends_with("-000002"));
    Ok(())
}

/// OR-6: numbers begin anew with the year of the store's own calendar (Berlin), for the moment in which the money moved,
/// however late they are given.
#[tokio::test]
async fn years_are_those_of_the_store() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let year: i32 = shop.rig.clock.now().format("%Y").to_string().parse()?;
    let midnight: DateTime<Utc> = format!("{year}-12-31T23:00:00Z").parse()?;
    shop.rig.clock.advance(midnight - TimeDelta::microseconds(1) - shop.rig.clock.now());
    let last = shop.paid_by("pm_test_ok").await?;
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    let next = shop.paid_by("pm_test_ok").await?;
    shop.rig.clock.advance(TimeDelta::days(3));
    assert_eq!(numbers(&shop.receipts(&last).await?), [format!("{year}-000001")]);
    let receipts = shop.receipts(&next).await?;
    assert_eq!(numbers(&receipts), [format!("{}-000001", year + 1)]);
    assert_eq!(receipts[0].issued_at.as_ref().and_then(datetime), Some(midnight));
    let page = String::from_utf8(shop.file(&next, "html").await?.content.to_vec())?;
    assert!(page.contains(&format!("1 January {}", year + 1)), "{page}");
    Ok(())
}

/// OR-6: what was issued stays as it was, to the byte, whatever is renamed, edited, sent or paid back afterwards.
#[tokio::test]
async fn what_was_issued_stays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let before = (shop.file(&order, "pdf").await?, shop.file(&order, "html").await?);
    shop.stock.put(ProductDescription {
        product: order.lines[0].product.clone(),
        name: "Renamed".into(),
        ..Default::default()
    });
    let (note, name) = (Some("A friend.".to_owned()), Some("Somebody Else".to_owned()));
    shop.edit(EditOrderRequest { id: order.id.clone(), note, name, ..Default::default() }, order.version).await?;
    shop.fulfil(&order, vec![units(&order, 0, 1)]).await?;
    shop.refund(proto::orders::v1::CreateRefundRequest { amount: eur(100), ..back(&order) }, "k").await?;
    shop.rig.clock.advance(TimeDelta::days(400));
    assert_eq!((shop.file(&order, "pdf").await?, shop.file(&order, "html").await?), before);
    Ok(())
}

/// OR-6, CU-15: after an erasure a receipt has its number, lines, total and country, and nobody's name.
#[tokio::test]
async fn an_erasure_leaves_nobody() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let before = shop.receipts(&order).await?.remove(0);
    let later = shop.paid_by("pm_test_ok").await?;
    for order in [&order, &later] {
        let mut tx = shop.db.begin_own().await?;
        let customer = shop.seen(order).await?.customer.parse()?;
        let person = Person::unknown(shop.rig.actors.realm, customer, shop.rig.clock.now());
        erase(&mut tx, orders::holdings::TABLES, &person).await?;
        tx.commit().await?;
    }
    for order in [&order, &later] {
        let after = shop.receipts(order).await?.remove(0);
        assert_eq!((&after.lines, &after.total, &after.issued_at), (&before.lines, &before.total, &after.issued_at));
        assert_eq!(after.billing.clone().unwrap_or_default().country, "DE");
        let pdf = shop.file(order, "pdf").await?;
        let page = shop.file(order, "html").await?;
        let all =
            format!("{after:?} {} {}", text(&pdf.content), String::from_utf8(page.content.to_vec())?).to_lowercase();
        for part in ["gus", "guest", "hamburg", "49401234567"] {
            assert!(!all.contains(part), "{part} is in {all}");
        }
        assert!(all.contains(&after.number.to_lowercase()) && all.contains("44.98 eur"));
    }
    Ok(())
}

/// OR-6, PL-4, ID-23: customers have receipts of their own orders only, staff with orders.read those of their store, masked
/// where they may not see who somebody is; nobody else has any.
#[tokio::test]
async fn receipts_are_of_who_bought() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let (owner, stranger): (CustomerId, _) =
        (shop.seen(&order).await?.customer.parse()?, shop.customer("else@example.com"));
    let actors = &shop.rig.actors;
    let own = shop.receipt_by(actors.customer(owner, wanted(&order, "html"))).await?;
    assert!(String::from_utf8(own.content.to_vec())?.contains("Gus Guest"));
    let request = actors.customer(stranger, wanted(&order, "html"));
    assert_eq!(reason(shop.receipt_by(request).await), "order_not_found");
    let elsewhere = Actors::elsewhere(actors);
    let request = elsewhere.staff(&ALL, wanted(&order, "pdf"));
    assert_eq!(reason(shop.receipt_by(request).await), "order_not_found");
    let request = actors.staff(&[Permission::CustomersPii], wanted(&order, "pdf"));
    assert_eq!(reason(shop.receipt_by(request).await), "permission_required");
    assert!(shop.receipt_by(actors.anonymous(wanted(&order, "pdf"))).await.is_err());
    let masked = shop.receipt_by(actors.staff(&[Permission::OrdersRead], wanted(&order, "pdf"))).await?;
    let read = text(&masked.content);
    assert!(!read.contains("Gus") && !read.contains("Guest street") && read.contains("44.98 EUR"), "{read}");
    assert_eq!(masked.receipt.unwrap_or_default().redacted.len(), 5);
    Ok(())
}

/// OR-6, PL-2: the doctor finds a paid order without a receipt, and has it issued where it is to put things right.
#[tokio::test]
async fn the_doctor_misses_receipts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (lost, waiting) = (shop.paid_by("pm_test_ok").await?, shop.paid_by("pm_test_ok").await?);
    shop.invoiced().await?;
    let lose = "delete from receipts_due where order_id = $1";
    sqlx::query(lose).bind(lost.id.parse::<OrderId>()?).execute(shop.db.pool()).await?;
    assert_eq!(shop.inspect(false).await?, [format!("missing_receipt {} false", lost.id)]);
    assert_eq!(reason(shop.file(&lost, "pdf").await), "receipt_not_issued");
    assert_eq!(shop.inspect(true).await?, [format!("missing_receipt {} true", lost.id)]);
    assert_eq!((shop.receipts(&lost).await?.len(), shop.receipts(&waiting).await?.len()), (1, 1));
    assert_eq!(shop.inspect(true).await?, Vec::<String>::new());
    Ok(())
}
