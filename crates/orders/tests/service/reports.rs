//! What orders come to, by who and what brought them about (CA-8).
use chrono::TimeDelta;
use kit::{clock::timestamp, permission::Permission};
use proto::{
    base::v1::Attribution,
    orders::v1::{AttributionReport, GetAttributionReportRequest, Order, report_service_client::ReportServiceClient},
};
use sqlx::Row as _;
use tonic::{Request, Status};

use crate::{
    counter::{back, units},
    shop::{Shop, faults, reason},
};

const AGENT: &str = "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d50";

/// An order of 44.98 by `affiliate`, with 3.00 of tax in its mugs; paid by `method`, or on invoice without one.
async fn buy(shop: &Shop, affiliate: &str, method: Option<&str>) -> anyhow::Result<Order> {
    let cart = shop.cart();
    shop.carts.change(&cart.id, |cart| {
        let (agent, affiliate) = (AGENT.to_owned(), affiliate.to_owned());
        cart.attribution = Some(Attribution { agent, affiliate, ..Attribution::default() });
        (cart.lines[0].included_tax, cart.included_tax) = (300, 300);
    });
    let gateway = if method.is_some() { "test" } else { "manual" };
    let token = shop.begin_by(shop.rig.actors.anonymous(crate::shop::wish(&cart.id, gateway))).await?.token;
    Ok(shop.capture(&token, method.unwrap_or_default()).await?.order.expect("an order"))
}

fn by(by: &str) -> GetAttributionReportRequest {
    GetAttributionReportRequest { by: by.to_owned(), ..GetAttributionReportRequest::default() }
}

async fn ask(shop: &Shop, request: Request<GetAttributionReportRequest>) -> Result<AttributionReport, Status> {
    Ok(ReportServiceClient::new(shop.transport.clone()).get_attribution_report(request).await?.into_inner())
}

/// What a report says of each key: orders, revenue, refunded, commission base.
async fn figures(shop: &Shop, asked: GetAttributionReportRequest) -> anyhow::Result<Vec<(String, [i64; 4])>> {
    let report = ask(shop, shop.rig.actors.staff(&[Permission::OrdersRead], asked)).await?;
    let figures = report.rows.into_iter();
    Ok(figures.map(|row| (row.key, [row.orders, row.revenue, row.refunded, row.commission_base])).collect())
}

/// CA-8: orders, revenue and what commissions are counted on: paid goods without tax, less what was given back; what was
/// called off bought nothing, and what nobody brought about is nobody's.
#[tokio::test]
async fn orders_are_counted_by_what_brought_them_about() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = buy(&shop, "ann", Some("pm_test_ok")).await?;
    let mut mug = back(&order);
    mug.lines = vec![units(&order, 0, 1)];
    shop.refund(mug, "mug").await?;
    buy(&shop, "ann", Some("pm_test_ok")).await?;
    buy(&shop, "ann", None).await?;
    let gone = buy(&shop, "bob", None).await?;
    shop.cancel(&gone).await?;
    buy(&shop, "cleo", Some("pm_test_ok")).await?;
    shop.paid_by("pm_test_ok").await?;
    shop.rig.clock.advance(TimeDelta::seconds(1));
    // Of 44.98 with 3.00 of tax 19.99 went back: 41.98 less the same share of it, 18.66.
    let ann = ("ann".to_owned(), [3, 3 * 4498, 1999, 4198 - 1866 + 4198]);
    let cleo = ("cleo".to_owned(), [1, 4498, 0, 4198]);
    assert_eq!(figures(&shop, by("affiliate")).await?, [ann, cleo]);
    let all = (AGENT.to_owned(), [4, 4 * 4498, 1999, 4198 - 1866 + 2 * 4198]);
    assert_eq!(figures(&shop, by("agent")).await?, [all]);
    assert_eq!(figures(&shop, by("campaign")).await?, []);
    let dollars = GetAttributionReportRequest { currency: "USD".to_owned(), ..by("agent") };
    assert_eq!(figures(&shop, dollars).await?, []);
    Ok(())
}

/// CA-8: a report is about its own time, to the moment.
#[tokio::test]
async fn a_report_is_about_its_time() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let placed = shop.seen(&buy(&shop, "ann", Some("pm_test_ok")).await?).await?.placed_at;
    let at = placed.as_ref().and_then(kit::clock::datetime).expect("a time");
    let between = |from, to| {
        let span = [from, to].map(|micros| Some(timestamp(at + TimeDelta::microseconds(micros))));
        let [from, to] = span;
        figures(&shop, GetAttributionReportRequest { from, to, ..by("affiliate") })
    };
    assert_eq!(between(0, 1).await?.len(), 1);
    assert_eq!(between(-1, 0).await?.len(), 0);
    assert_eq!(between(1, 2).await?.len(), 0);
    Ok(())
}

/// CA-8, ID-30, PL-4: whoever sees orders sees reports, those of their own store.
#[tokio::test]
async fn who_sees_reports() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    buy(&shop, "ann", Some("pm_test_ok")).await?;
    shop.rig.clock.advance(TimeDelta::seconds(1));
    assert_eq!(figures(&shop, by("agent")).await?.len(), 1);
    let actors = &shop.rig.actors;
    for refused in [actors.anonymous(by("agent")), actors.staff(&[Permission::CustomersRead], by("agent"))] {
        assert_eq!(reason(ask(&shop, refused).await), "permission_required");
    }
    let elsewhere = ask(&shop, actors.elsewhere().staff(&[Permission::OrdersRead], by("agent"))).await?;
    assert!(elsewhere.rows.is_empty());
    let odd = ask(&shop, actors.staff(&[Permission::OrdersRead], by("moon"))).await;
    assert_eq!(faults(odd), ["/by unknown_value"]);
    Ok(())
}

/// CA-8: a report reads the orders of its time by an index, and of these only such as something is known of.
#[tokio::test]
async fn a_report_has_its_index() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut tx = shop.db.begin_own().await?;
    let orders = "insert into orders (realm_id, id, store_id, cart_id, customer_id, number, status, payment_status,
           fulfilment_status, currency, subtotal, discount, shipping, tax, total, contact, ip, user_agent, gateway, version,
           placed_at, created_at, updated_at, attribution)
         select $1, gen_random_uuid(), $2, gen_random_uuid(), gen_random_uuid(), n::text, 'placed', 'paid', 'unfulfilled',
           'EUR', n, 0, 0, 0, n, '{}', '', '', 'test', 1, now() - n * interval '1 minute', now(), now(),
           case when n % 100 = 0 then jsonb_build_object('affiliate', 'ann') else '{}' end
         from generate_series(1, 5000) as n";
    let (realm, store) = (shop.rig.actors.realm, shop.rig.actors.store);
    sqlx::query(orders).bind(realm).bind(store).execute(&mut *tx).await?;
    sqlx::query("analyze orders").execute(&mut *tx).await?;
    let sql = format!(
        "explain select count(*) from orders o where o.realm_id = '{}' and o.attribution <> '{{}}'
           and o.placed_at is not null and o.placed_at >= now() - interval '30 days' and o.placed_at < now()",
        realm.uuid(),
    );
    let plan = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *tx).await?;
    let plan = plan.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?.join("\n");
    assert!(plan.contains("orders_attributed"), "{plan}");
    Ok(())
}
