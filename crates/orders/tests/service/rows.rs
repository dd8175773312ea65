//! Orders, the ledger and subscriptions as rows of files (EX-1).
use chrono::TimeDelta;
use kit::{
    actor::Kind,
    clock::timestamp,
    ids::{RealmId, StoreId},
    permission::Permission,
    transport::Transport,
};
use proto::{
    base::v1::{
        Cell, CheckRowsRequest, Condition, Filter, ListRowsRequest, ListRowsResponse, RowsQuery, cell::Value,
        filter::Node,
    },
    orders::v1::rows_service_client::RowsServiceClient,
};
use tonic::Status;

use crate::{
    counter::entry,
    shop::{Shop, faults, reason},
    subscribers::monthly,
};

const READ: &[Permission] = &[Permission::OrdersRead];

fn rows(shop: &Shop) -> RowsServiceClient<Transport> {
    RowsServiceClient::new(shop.transport.clone())
}

fn query(list: &str, columns: &[&str]) -> RowsQuery {
    let columns = columns.iter().map(ToString::to_string).collect();
    RowsQuery { r#type: list.to_owned(), columns, ..RowsQuery::default() }
}

fn narrowed(query: RowsQuery, field: &str, op: &str, value: &str) -> RowsQuery {
    let condition = Condition { field: field.to_owned(), op: op.to_owned(), values: vec![value.to_owned()] };
    RowsQuery { filter: Some(Filter { node: Some(Node::Condition(condition)) }), ..query }
}

/// All rows of the actors' store, as whoever sees personal fields gets them.
fn all(shop: &Shop, query: RowsQuery) -> ListRowsRequest {
    ListRowsRequest {
        rows: Some(query),
        realm: shop.rig.actors.realm.into(),
        store: shop.rig.actors.store.into(),
        pii: true,
        at: Some(timestamp(shop.rig.clock.now())),
        after: String::new(),
        limit: 500,
    }
}

async fn list(shop: &Shop, request: ListRowsRequest) -> Result<ListRowsResponse, Status> {
    Ok(rows(shop).list_rows(shop.rig.actors.system("customers", request)).await?.into_inner())
}

async fn check(shop: &Shop, query: RowsQuery) -> Result<Vec<String>, Status> {
    let request = shop.rig.actors.staff(READ, CheckRowsRequest { rows: Some(query) });
    Ok(rows(shop).check_rows(request).await?.into_inner().columns)
}

/// What stands in the cells, as text.
fn plain(answer: &ListRowsResponse) -> Vec<String> {
    let cell = |cell: &Cell| match &cell.value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Amount(money)) => format!("{} {}", money.amount, money.currency),
        Some(Value::At(at)) => at.to_string(),
        None => "-".to_owned(),
    };
    answer.rows.iter().map(|row| row.cells.iter().map(cell).collect::<Vec<_>>().join("|")).collect()
}

async fn found(shop: &Shop, query: RowsQuery) -> Result<Vec<String>, Status> {
    Ok(plain(&list(shop, all(shop, query)).await?))
}

/// A shop with two orders, a minute apart.
async fn stocked() -> anyhow::Result<Shop> {
    let shop = Shop::open().await?;
    for _ in 0..2 {
        shop.capture(&shop.checkout().await?.token, "pm_test_ok").await?;
        shop.rig.clock.advance(TimeDelta::minutes(1));
    }
    Ok(shop)
}

/// EX-1: orders come with whatever columns are asked for, narrowed down as their list is.
#[tokio::test]
async fn orders_come_as_rows() -> anyhow::Result<()> {
    let shop = stocked().await?;
    let columns = ["number", "status", "items", "total", "currency", "placed_at"];
    let expected = [
        "1002|placed|2 × mug, 1 × book|4498 EUR|EUR|2026-03-02T12:01:00Z",
        "1001|placed|2 × mug, 1 × book|4498 EUR|EUR|2026-03-02T12:00:00Z",
    ];
    assert_eq!(found(&shop, query("orders", &columns)).await?, expected);
    let number = || query("orders", &["number"]);
    let late = narrowed(number(), "placed_at", "gte", "2026-03-02T12:01:00Z");
    assert_eq!(found(&shop, late).await?, ["1002"]);
    assert_eq!(found(&shop, narrowed(number(), "number", "eq", "1001")).await?, ["1001"]);
    assert_eq!(found(&shop, RowsQuery { query: "#1001".to_owned(), ..number() }).await?, ["1001"]);
    assert!(found(&shop, narrowed(number(), "total", "lt", "4498")).await?.is_empty());
    let usual = check(&shop, query("orders", &[])).await?;
    assert_eq!((usual.len(), &*usual[0]), (15, "number"));
    assert_eq!(list(&shop, all(&shop, query("orders", &[]))).await?.rows[0].cells.len(), 15);
    Ok(())
}

/// EX-1, OR-4: the ledger comes with its amounts in minor units and their currency, and says whose order it is about.
#[tokio::test]
async fn the_ledger_comes_as_rows() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    shop.enter(entry(&order, "payment", 4498)).await?;
    let customer = shop.seen(&order).await?.customer;
    shop.rig.clock.advance(TimeDelta::minutes(1));
    shop.enter(entry(&order, "refund", 498)).await?;
    let columns = ["type", "amount", "currency", "number", "method", "customer"];
    let expected = ["refund|498 EUR|EUR|1001|cash", "payment|4498 EUR|EUR|1001|cash"];
    let expected = expected.map(|row| format!("{row}|{customer}"));
    assert_eq!(found(&shop, query("transactions", &columns)).await?, expected);
    let refunds = narrowed(query("transactions", &["type"]), "type", "eq", "refund");
    assert_eq!(found(&shop, refunds).await?, ["refund"]);
    let early = narrowed(query("transactions", &["type"]), "created_at", "lt", "2026-03-02T12:01:00Z");
    assert_eq!(found(&shop, early).await?, ["payment"]);
    Ok(())
}

/// EX-1, OR-7: so do subscriptions.
#[tokio::test]
async fn subscriptions_come_as_rows() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let columns = ["id", "customer", "status", "quantity", "interval", "count", "amount", "currency", "renews_at"];
    let expected = format!("{}|{ann}|active|1|month|1|1200 EUR|EUR|2026-04-02T11:00:00Z", one.id);
    assert_eq!(found(&shop, query("subscriptions", &columns)).await?, [expected]);
    let paused = narrowed(query("subscriptions", &["id"]), "status", "eq", "paused");
    assert!(found(&shop, paused).await?.is_empty());
    Ok(())
}

/// EX-1, EX-3: pages go on where the one before ended, whatever is added meanwhile: no row comes twice, none is left out.
#[tokio::test]
async fn rows_come_page_by_page() -> anyhow::Result<()> {
    let shop = stocked().await?;
    for (name, expected) in [("orders", vec!["1002", "1001"]), ("transactions", vec!["1003", "1002", "1001"])] {
        let ask =
            |after: &str| ListRowsRequest { limit: 1, after: after.to_owned(), ..all(&shop, query(name, &["number"])) };
        let mut page = list(&shop, ask("")).await?;
        shop.capture(&shop.checkout().await?.token, "pm_test_ok").await?;
        let (mut told, total) = (plain(&page), page.total);
        while !page.next.is_empty() {
            page = list(&shop, ask(&page.next)).await?;
            assert_eq!((page.rows.len(), page.total), (1, 0), "{name}");
            told.extend(plain(&page));
        }
        assert_eq!(
            (&told, total),
            (&expected.iter().map(ToString::to_string).collect(), i64::try_from(expected.len())?)
        );
    }
    assert_eq!(
        faults(list(&shop, ListRowsRequest { after: "x".to_owned(), ..all(&shop, query("orders", &[])) }).await),
        ["/after bad_cursor"]
    );
    Ok(())
}

/// EX-3, ID-23: whoever may not see personal data gets it masked, in the ledger as well.
#[tokio::test]
async fn rows_are_masked() -> anyhow::Result<()> {
    let shop = stocked().await?;
    let masked = async |name: &str, columns: &[&str]| {
        let request = ListRowsRequest { pii: false, ..all(&shop, query(name, columns)) };
        list(&shop, request).await.map(|answer| plain(&answer)[0].clone())
    };
    let person = ["name", "email", "phone", "street", "ip"];
    let clear = found(&shop, query("orders", &person)).await?[0].clone();
    let hidden = masked("orders", &person).await?;
    assert!(clear.contains('@') && clear.contains("203.0.113.9"), "{clear}");
    for (clear, hidden) in clear.split('|').zip(hidden.split('|')).filter(|(clear, _)| *clear != "-") {
        assert!(clear != hidden && hidden.contains("***"), "{clear} {hidden}");
    }
    let (clear, hidden) = (found(&shop, query("transactions", &["ip"])).await?, masked("transactions", &["ip"]).await?);
    assert_eq!((&*clear[0], &*hidden), ("203.0.113.9", "***"));
    Ok(())
}

/// ID-30, EX-1: rows are of one store or network, and leave for the service that writes the files only.
#[tokio::test]
async fn rows_are_of_their_store() -> anyhow::Result<()> {
    let shop = stocked().await?;
    let (now, actors) = (shop.rig.clock.now(), &shop.rig.actors);
    for name in ["orders", "transactions", "subscriptions"] {
        let ask = || all(&shop, query(name, &[]));
        let count = async |request| list(&shop, request).await.map(|answer| (answer.rows.len(), answer.total));
        let expected = if name == "subscriptions" { (0, 0) } else { (2, 2) };
        assert_eq!(count(ask()).await?, expected);
        assert_eq!(count(ListRowsRequest { store: String::new(), ..ask() }).await?, expected);
        assert_eq!(count(ListRowsRequest { store: StoreId::new(now).into(), ..ask() }).await?, (0, 0));
        assert_eq!(count(ListRowsRequest { realm: RealmId::new(now).into(), ..ask() }).await?, (0, 0));
        for refused in [actors.system("gateway", ask()), actors.staff(Permission::ALL, ask()), actors.anonymous(ask())]
        {
            assert_eq!(reason(rows(&shop).list_rows(refused).await), "wrong_caller", "{name}");
        }
        assert_eq!(reason(list(&shop, ListRowsRequest { realm: String::new(), ..ask() }).await), "wrong_caller");
    }
    Ok(())
}

/// EX-1, ID-22: who may not read orders does not ask for them; and what makes no sense is refused where it is at fault.
#[tokio::test]
async fn what_is_asked_for_is_checked() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let orders = || query("orders", &[]);
    let others = Permission::ALL.iter().copied().filter(|permission| *permission != Permission::OrdersRead);
    let refused = shop.rig.actors.staff(&others.collect::<Vec<_>>(), CheckRowsRequest { rows: Some(orders()) });
    assert_eq!(reason(rows(&shop).check_rows(refused).await), "permission_required");
    let customer = shop.rig.actors.claims(Kind::Customer, shop.customer("own@example.com"));
    let refused = shop.rig.actors.request(&customer, CheckRowsRequest { rows: Some(orders()) });
    assert_eq!(reason(rows(&shop).check_rows(refused).await), "permission_required");
    for (wrong, fault) in [
        (query("carts", &[]), "/type unknown_value"),
        (query("orders", &["colour"]), "/columns unknown_value"),
        (query("orders", &["id", "id"]), "/columns duplicate"),
        (query("transactions", &["items"]), "/columns unknown_value"),
        (RowsQuery { query: "10".to_owned(), ..query("transactions", &[]) }, "/q not_applicable"),
        (RowsQuery { query: "10".to_owned(), ..query("subscriptions", &[]) }, "/q not_applicable"),
        (narrowed(orders(), "amount", "eq", "1"), "/filter unknown_field"),
        (narrowed(query("transactions", &[]), "total", "eq", "1"), "/filter unknown_field"),
        (narrowed(query("subscriptions", &[]), "status", "eq", "placed"), "/filter unknown_value"),
    ] {
        assert_eq!(faults(check(&shop, wrong.clone()).await), [fault], "{wrong:?}");
    }
    Ok(())
}
