//! Invoices that are paid by a link, or by their owner: once, whatever else happens to them meanwhile (OR-2).
use chrono::TimeDelta;
use kit::ids::CustomerId;
use proto::orders::v1::{
    Bill, CreatePaymentLinkRequest, CreateRefundRequest, ListPaymentLinksRequest, ListSubscriptionsRequest,
    OpenPaymentLinkRequest, Order, PayByLinkRequest, PayOrderRequest, PaymentLink, RevokePaymentLinkRequest,
    payment_link_service_client::PaymentLinkServiceClient,
};
use tonic::Status;

use crate::{
    counter::{ALL, eur},
    peers::Gate,
    shop::{CHARGES, Shop, payment, reason, wish},
    subscribers::{STAFF, monthly, renewal},
    till::Till,
};

impl Shop {
    fn payment_links(&self) -> PaymentLinkServiceClient<kit::transport::Transport> {
        PaymentLinkServiceClient::new(self.transport.clone())
    }

    async fn make_payment_link(&self, order: &Order, send: bool, expires_in: u32) -> Result<PaymentLink, Status> {
        let wanted = CreatePaymentLinkRequest { order: order.id.clone(), send, expires_in };
        let request = self.rig.actors.staff(&ALL, wanted);
        Ok(self.payment_links().create_payment_link(request).await?.into_inner())
    }

    /// What stands at the end of the address of a fresh link to `order`.
    async fn secret(&self, order: &Order) -> Result<String, Status> {
        let url = self.make_payment_link(order, false, 0).await?.url;
        Ok(url.rsplit('/').next().unwrap_or_default().to_owned())
    }

    async fn open_bill(&self, secret: &str) -> Result<Bill, Status> {
        let request = self.rig.actors.system("console", OpenPaymentLinkRequest { secret: secret.to_owned() });
        Ok(self.payment_links().open_payment_link(request).await?.into_inner())
    }

    async fn pay_bill(&self, secret: &str, (gateway, method): (&str, &str)) -> Result<Bill, Status> {
        let request = PayByLinkRequest {
            secret: secret.to_owned(),
            gateway: gateway.to_owned(),
            payment_method: method.to_owned(),
            return_url: "https://shop.example/back".to_owned(),
        };
        let mut request = self.rig.actors.system("console", request);
        request.set_timeout(std::time::Duration::from_secs(12));
        Ok(self.payment_links().pay_by_link(request).await?.into_inner())
    }

    async fn pay_own(&self, customer: CustomerId, order: &Order, method: &str) -> Result<Bill, Status> {
        let request = PayOrderRequest {
            id: order.id.clone(),
            gateway: "test".to_owned(),
            payment_method: method.to_owned(),
            return_url: String::new(),
        };
        let request = self.rig.actors.customer(customer, request);
        Ok(self.payment_links().pay_order(request).await?.into_inner())
    }
}

/// What came in for all orders.
const CAPTURED: &str =
    "select coalesce(sum(amount), 0)::bigint from transactions where type = 'payment' and status = 'succeeded'";

/// OR-2: a link is told once, shows what is due and nothing of whose it is, and pays it once; the invoice is closed by that.
#[tokio::test]
async fn a_link_pays_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let link = shop.make_payment_link(&order, false, 0).await?;
    assert!(link.url.contains("/pay/link/paylink_") && link.state == "open" && !link.sent, "{link:?}");
    let secret = link.url.rsplit('/').next().unwrap_or_default();
    let bill = shop.open_bill(secret).await?;
    let shown = bill.order.clone().expect("an order");
    assert_eq!((&*bill.status, bill.due, shown.lines.len()), ("open", eur(4498), 2));
    assert!(!format!("{shown:?}").contains("example.com") && !format!("{shown:?}").contains("Gus"));
    let ways: Vec<_> = bill.gateways.iter().map(|way| &*way.gateway).collect();
    assert_eq!(ways, ["test"]);
    for _ in 0..2 {
        let paid = shop.pay_bill(secret, ("test", "pm_test_ok")).await?;
        assert_eq!((&*paid.status, paid.due), ("paid", eur(0)));
    }
    assert_eq!((shop.count(CHARGES).await?, shop.count(CAPTURED).await?), (1, 4498));
    let seen = shop.seen(&order).await?;
    assert_eq!((&*seen.payment_status, seen.transactions.len(), &*seen.transactions[0].gateway), ("paid", 1, "test"));
    assert_eq!(reason(shop.mark_paid(&order, None).await), "already_paid");
    assert_eq!(reason(shop.make_payment_link(&order, false, 0).await), "already_paid");
    let request = shop.rig.actors.staff(&ALL, ListPaymentLinksRequest { order: order.id.clone() });
    let listed = shop.payment_links().list_payment_links(request).await?.into_inner().links;
    assert_eq!((listed.len(), &*listed[0].state, &*listed[0].url), (1, "paid", ""));
    let states: Vec<String> = sqlx::query_scalar("select gateway || ' ' || state from payments order by attempt")
        .fetch_all(shop.db.pool())
        .await?;
    assert_eq!(states, ["manual failed", "test captured"]);
    assert_eq!(shop.refund(crate::counter::back(&order), "all").await?.status, "succeeded");
    Ok(())
}

/// OR-2: a link ends, is revoked, is kept as a hash, and is made by who may change orders.
#[tokio::test]
async fn links_end() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let link = shop.make_payment_link(&order, false, 300).await?;
    let secret = link.url.rsplit('/').next().unwrap_or_default().to_owned();
    let kept: String =
        sqlx::query_scalar("select payment_links::text from payment_links").fetch_one(shop.db.pool()).await?;
    assert!(!kept.contains(&secret["paylink_".len()..]));
    shop.rig.clock.advance(TimeDelta::seconds(300) - TimeDelta::microseconds(1));
    assert_eq!(shop.open_bill(&secret).await?.status, "open");
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(reason(shop.open_bill(&secret).await), "link_expired");
    assert_eq!(reason(shop.pay_bill(&secret, ("test", "pm_test_ok")).await), "link_expired");
    let secret = shop.secret(&order).await?;
    let request = shop.rig.actors.staff(&ALL, ListPaymentLinksRequest { order: order.id.clone() });
    let newest = shop.payment_links().list_payment_links(request).await?.into_inner().links.remove(0);
    for _ in 0..2 {
        let revoke = RevokePaymentLinkRequest { order: order.id.clone(), id: newest.id.clone() };
        let revoked = shop.payment_links().revoke_payment_link(shop.rig.actors.staff(&ALL, revoke)).await?.into_inner();
        assert_eq!(revoked.state, "revoked");
    }
    assert_eq!(reason(shop.pay_bill(&secret, ("test", "pm_test_ok")).await), "link_not_found");
    assert_eq!(reason(shop.open_bill("paylink_guessed").await), "link_not_found");
    let wanted = CreatePaymentLinkRequest { order: order.id.clone(), ..CreatePaymentLinkRequest::default() };
    let clerk = shop.rig.actors.staff(&ALL[..1], wanted);
    assert_eq!(reason(shop.payment_links().create_payment_link(clerk).await), "permission_required");
    let open = shop.rig.actors.anonymous(OpenPaymentLinkRequest { secret });
    assert_eq!(reason(shop.payment_links().open_payment_link(open).await), "wrong_caller");
    Ok(())
}

/// OR-2: two clicks, and staff who mark it as paid, all at once: the money comes in once, by one of them.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_first_pays() -> anyhow::Result<()> {
    for _ in 0..4 {
        let shop = Shop::open().await?;
        let order = shop.invoiced().await?;
        let secret = shop.secret(&order).await?;
        let pay = || shop.pay_bill(&secret, ("test", "pm_test_ok"));
        let (one, two, marked) = tokio::join!(pay(), pay(), shop.mark_paid(&order, None));
        assert_eq!(shop.count(CAPTURED).await?, 4498);
        let marked = match marked {
            Ok(_) => true,
            Err(refused) => {
                let reason = kit::failure::Told::read(&refused).reason;
                assert!(["already_paid", "payment_underway"].contains(&&*reason), "{reason}");
                false
            }
        };
        assert_eq!(shop.count(CHARGES).await?, i64::from(!marked));
        let last = shop.open_bill(&secret).await?.status;
        assert_eq!(last, "paid", "{one:?} {two:?}");
    }
    Ok(())
}

/// OR-2, OR-7: the invoice of a renewal is paid by a link like any other: nothing is called off or goes back, and the
/// subscription goes on as it was agreed.
#[tokio::test]
async fn the_invoice_of_a_renewal_is_paid() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.planned(&monthly(&shop, 0));
    let token = shop.begin_by(shop.rig.actors.anonymous(wish(&cart.id, "manual"))).await?.token;
    let order = shop.capture_by(shop.rig.actors.anonymous(payment(&token, ""))).await?.order.expect("an order");
    shop.mark_paid(&order, None).await?;
    let staff = shop.rig.actors.staff(&STAFF, ListSubscriptionsRequest::default());
    let one = shop.subscriptions().list_subscriptions(staff).await?.into_inner().subscriptions.remove(0);
    shop.pass(renewal(&one)).await?;
    let renewed = shop.now(&one).await?;
    let invoice = Order { id: renewed.renewals[0].order.clone(), ..order };
    let secret = shop.secret(&invoice).await?;
    assert_eq!(shop.pay_bill(&secret, ("test", "pm_test_ok")).await?.status, "paid");
    let after = shop.now(&one).await?;
    assert_eq!((&*after.status, &*after.renewals[0].status), ("active", "placed"));
    assert_eq!((&*after.renewals[0].payment_status, after.period_end), ("paid", renewed.period_end));
    assert_eq!(shop.count("select count(*) from refunds").await?, 0);
    Ok(())
}

/// OR-2, OR-5: nothing goes back while somebody pays; when it comes in after all went back, the ledger has it.
#[tokio::test]
async fn nothing_goes_back_while_somebody_pays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    shop.mark_paid(&order, eur(4_000)).await?;
    let secret = shop.secret(&order).await?;
    assert_eq!(shop.pay_bill(&secret, ("test", "pm_test_redirect")).await?.status, "redirect");
    let back = || CreateRefundRequest {
        order: order.id.clone(),
        amount: eur(1_000),
        reason: "Too many.".to_owned(),
        ..CreateRefundRequest::default()
    };
    assert_eq!(reason(shop.refund(back(), "one").await), "payment_underway");
    assert_eq!(shop.pay_bill(&secret, ("test", "pm_test_ok")).await?.status, "paid");
    assert_eq!(shop.count(CAPTURED).await?, 4_498);
    Ok(())
}

/// OR-2: a declined attempt leaves the invoice as it was; another method pays it.
#[tokio::test]
async fn a_declined_attempt_leaves_the_invoice() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let secret = shop.secret(&order).await?;
    let declined = shop.pay_bill(&secret, ("test", "pm_test_declined")).await?;
    assert_eq!((&*declined.status, declined.message.contains("declined")), ("declined", true));
    let seen = shop.seen(&order).await?;
    assert_eq!((&*seen.status, &*seen.payment_status), ("placed", "pending"));
    assert_eq!(shop.mark_paid(&order, eur(1000)).await?.payment_status, "pending");
    let paid = shop.pay_bill(&secret, ("test", "pm_test_ok")).await?;
    assert_eq!(paid.status, "paid");
    let amounts: Vec<_> = shop.seen(&order).await?.transactions.into_iter().map(|entry| entry.amount).collect();
    assert_eq!(amounts, [eur(4498), eur(1000), eur(3498)]);
    for (gateway, method, expected) in [
        ("manual", "", "invalid"),
        ("test", "4242424242424242", "payment_method_unknown"),
        ("stripe", "hosted", "gateway_closed"),
    ] {
        assert_eq!(reason(shop.pay_bill(&secret, (gateway, method)).await), expected);
    }
    Ok(())
}

/// OR-2, OR-3: paid by transfer while the shopper is at Stripe's page: the page is closed and takes nothing; paid on the page
/// first, it is not marked as paid.
#[tokio::test]
async fn marked_as_paid_while_somebody_pays() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let shop = &till.shop;
    let order = shop.invoiced().await?;
    let secret = shop.secret(&order).await?;
    let away = shop.pay_bill(&secret, ("stripe", "hosted")).await?;
    assert!(away.status == "redirect" && away.redirect_url.starts_with("https://checkout.stripe.example/"));
    assert_eq!(shop.mark_paid(&order, None).await?.payment_status, "paid");
    assert!(till.stripe.asked().last().is_some_and(|path| path.ends_with("/expire")));
    assert_eq!((shop.open_bill(&secret).await?.status, till.stripe.charges()), ("paid".to_owned(), 0));
    let order = shop.invoiced().await?;
    let secret = shop.secret(&order).await?;
    shop.pay_bill(&secret, ("stripe", "hosted")).await?;
    till.stripe.pay_on_page();
    assert_eq!(reason(shop.mark_paid(&order, None).await), "already_paid");
    assert_eq!((shop.open_bill(&secret).await?.status, till.stripe.charges()), ("paid".to_owned(), 1));
    assert_eq!(shop.count(CAPTURED).await?, 2 * 4498);
    Ok(())
}

/// OR-2, OR-3: whoever comes back from Stripe's page sees that it is paid, before Stripe has told anything; a network that is
/// lost after the charge leaves it pending, then paid, once.
#[tokio::test]
async fn back_from_the_page() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let shop = &till.shop;
    let secret = shop.secret(&shop.invoiced().await?).await?;
    shop.pay_bill(&secret, ("stripe", "hosted")).await?;
    till.stripe.pay_on_page();
    assert_eq!(shop.open_bill(&secret).await?.status, "paid");
    let secret = shop.secret(&shop.invoiced().await?).await?;
    till.stripe.lose("/confirm");
    assert_eq!(shop.pay_bill(&secret, ("stripe", "pm_card_visa")).await?.status, "pending");
    till.reap().await?;
    assert_eq!((shop.open_bill(&secret).await?.status, till.stripe.charges()), ("paid".to_owned(), 2));
    Ok(())
}

/// OR-2: an order that is called off is paid no more: what is underway is voided.
#[tokio::test]
async fn called_off_while_somebody_pays() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let shop = &till.shop;
    let order = shop.invoiced().await?;
    let secret = shop.secret(&order).await?;
    shop.pay_bill(&secret, ("stripe", "hosted")).await?;
    assert_eq!(shop.cancel(&order).await?.status, "cancelled");
    assert_eq!(shop.pay_bill(&secret, ("stripe", "hosted")).await?.status, "cancelled");
    assert_eq!((shop.count(CAPTURED).await?, till.stripe.asked().len()), (0, 2));
    Ok(())
}

/// OR-2: customers pay their own orders, nobody else's, and in person.
#[tokio::test]
async fn customers_pay_their_own() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ann, bob) = (shop.customer("ann@example.com"), shop.customer("bob@example.com"));
    let begun = shop.begin_by(shop.rig.actors.customer(ann, wish(&shop.cart().id, "manual"))).await?;
    let captured = shop.capture_by(shop.rig.actors.customer(ann, payment(&begun.token, ""))).await?;
    let order = captured.order.expect("an order");
    assert_eq!(reason(shop.pay_own(bob, &order, "pm_test_ok").await), "order_not_found");
    assert_eq!(shop.pay_own(ann, &order, "pm_test_redirect").await?.status, "redirect");
    let paid = shop.pay_own(ann, &order, "pm_test_ok").await?;
    assert_eq!((&*paid.status, shop.count(CHARGES).await?), ("paid", 1));
    Ok(())
}

/// OR-2, NO-1: a link is mailed to whoever the order is for, when staff ask for it.
#[tokio::test]
async fn links_are_mailed() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let link = shop.make_payment_link(&order, true, 0).await?;
    let mails = shop.letters.0.lock().unwrap().clone();
    assert_eq!((mails.len(), &*mails[0].template, &*mails[0].to), (1, "payment_link", "Gus@example.com"));
    assert_eq!((&mails[0].secrets["link"], link.sent), (&link.url, true));
    shop.make_payment_link(&order, false, 0).await?;
    assert_eq!(shop.letters.0.lock().unwrap().len(), 1);
    Ok(())
}

/// OR-2, NO-1: whoever pays an order does not wait for the mail with its link; and of a mail that cannot be sent no link stays
/// that leads anywhere.
#[tokio::test]
async fn a_mail_holds_up_nobody() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let (release, held) = tokio::sync::oneshot::channel();
    *shop.letters.1.lock().unwrap() = Some(Gate::Waits(held));
    let wanted = CreatePaymentLinkRequest { order: order.id.clone(), send: true, expires_in: 0 };
    let (request, mut client) = (shop.rig.actors.staff(&ALL, wanted), shop.payment_links());
    let making = tokio::spawn(async move { client.create_payment_link(request).await });
    while shop.letters.0.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let free = "select count(*) from (select from orders for update skip locked) as free";
    assert_eq!(shop.count(free).await?, 1);
    let _ = release.send(());
    making.await??;
    *shop.letters.1.lock().unwrap() = Some(Gate::Fails);
    assert!(shop.make_payment_link(&order, true, 0).await.is_err());
    assert_eq!(shop.count("select count(*) from payment_links where revoked_at is null").await?, 1);
    Ok(())
}
