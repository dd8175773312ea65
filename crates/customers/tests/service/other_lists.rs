//! Lists of other services as files.
use std::{
    io::Read,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use kit::{
    actor::Kind,
    clock::timestamp,
    failure::{self, Violation},
    ids::{NetworkId, RealmId, StoreId},
    permission::Permission,
    service::Service,
};
use proto::{
    base::v1::{
        Cell, CheckRowsRequest, CheckRowsResponse, ListRowsRequest, ListRowsResponse, Money, Row, cell::Value,
        filter::Node,
    },
    carts::v1::rows_service_server::{RowsService as Carts, RowsServiceServer as CartsServer},
    customers::v1::{Export, GetExportRequest, ListExportsRequest, RequestExportRequest},
    orders::v1::rows_service_server::{RowsService as Orders, RowsServiceServer as OrdersServer},
};
use testing::Rig;
use tonic::{Code, Request, Response, Status};

use crate::{
    exports::{CLEAR, Office},
    shop::{faults, filter, reason},
};

/// Who may take every list away.
const ALL: &[Permission] =
    &[Permission::ExportsCreate, Permission::OrdersRead, Permission::CartsRead, Permission::CustomersPii];

/// A service with a list of five rows, two to a page, as customers meets it.
#[derive(Clone, Default)]
struct Owner(Arc<Mutex<Desk>>);

#[derive(Default)]
struct Desk {
    checked: Vec<CheckRowsRequest>,
    asked: Vec<ListRowsRequest>,
    /// The page that it dies at.
    dies_at: Option<usize>,
}

impl Owner {
    fn check(&self, request: CheckRowsRequest) -> Result<Response<CheckRowsResponse>, Status> {
        let columns = request.rows.clone().unwrap_or_default().columns;
        self.0.lock().unwrap().checked.push(request);
        match columns.first().map(String::as_str) {
            None => Ok(Response::new(CheckRowsResponse { columns: vec!["number".to_owned(), "total".to_owned()] })),
            Some("colour") => {
                Err(kit::Error::from(Violation::new("/columns", "unknown_value", "no such column")).into())
            }
            Some("secret") => Err(failure::status(&kit::denied::Denied::Forbidden("orders.read"))),
            Some(_) => Ok(Response::new(CheckRowsResponse { columns })),
        }
    }

    fn list(&self, request: ListRowsRequest) -> Result<Response<ListRowsResponse>, Status> {
        let mut desk = self.0.lock().unwrap();
        let (page, columns) = (desk.asked.len(), request.rows.clone().unwrap_or_default().columns);
        let from: usize = request.after.parse().unwrap_or_default();
        let total = if request.after.is_empty() { 5 } else { 0 };
        desk.asked.push(request);
        if desk.dies_at == Some(page) {
            desk.dies_at = None;
            return Err(Status::unavailable("gone"));
        }
        let rows =
            (from..(from + 2).min(5)).map(|row| Row { cells: columns.iter().map(|name| cell(name, row)).collect() });
        let next = if from + 2 < 5 { (from + 2).to_string() } else { String::new() };
        Ok(Response::new(ListRowsResponse { rows: rows.collect(), next, total }))
    }
}

/// Of amounts, each row has another currency.
fn cell(column: &str, row: usize) -> Cell {
    let currency = ["EUR", "JPY", "KWD", "EUR", "EUR"][row];
    let value = match column {
        "total" => Value::Amount(Money { amount: 1999, currency: currency.to_owned() }),
        "currency" => Value::Text(currency.to_owned()),
        "placed_at" => Value::At(prost_types::Timestamp { seconds: 60, nanos: 0 }),
        "quantity" => Value::Number(-3),
        "name" => Value::Text("=cmd()".to_owned()),
        _ => Value::Text(format!("100{row}")),
    };
    Cell { value: Some(value) }
}

#[tonic::async_trait]
impl Orders for Owner {
    async fn check_rows(&self, request: Request<CheckRowsRequest>) -> Result<Response<CheckRowsResponse>, Status> {
        self.check(request.into_inner())
    }

    async fn list_rows(&self, request: Request<ListRowsRequest>) -> Result<Response<ListRowsResponse>, Status> {
        self.list(request.into_inner())
    }
}

#[tonic::async_trait]
impl Carts for Owner {
    async fn check_rows(&self, request: Request<CheckRowsRequest>) -> Result<Response<CheckRowsResponse>, Status> {
        self.check(request.into_inner())
    }

    async fn list_rows(&self, request: Request<ListRowsRequest>) -> Result<Response<ListRowsResponse>, Status> {
        self.list(request.into_inner())
    }
}

async fn open() -> anyhow::Result<(Office, Owner, Owner)> {
    open_on(Rig::new(customers::NAME, &customers::MIGRATOR).await?)
}

fn open_on(rig: Rig) -> anyhow::Result<(Office, Owner, Owner)> {
    let (orders, carts) = (Owner::default(), Owner::default());
    let peers = vec![
        Service::new("orders").rpc(OrdersServer::new(orders.clone())),
        Service::new("carts").rpc(CartsServer::new(carts.clone())),
    ];
    Ok((Office::of(rig, peers)?, orders, carts))
}

fn wanted(list: &str, format: &str, columns: &[&str]) -> RequestExportRequest {
    RequestExportRequest {
        r#type: list.to_owned(),
        format: format.to_owned(),
        columns: columns.iter().map(ToString::to_string).collect(),
        ..RequestExportRequest::default()
    }
}

/// The export as it is told now.
async fn told(office: &Office, export: &Export) -> Result<Export, Status> {
    let request = GetExportRequest { id: export.id.clone() };
    Ok(office.client().get_export(office.staff(ALL, request)).await?.into_inner())
}

/// The bytes of a file that is asked for and written.
async fn written(office: &Office, request: RequestExportRequest) -> anyhow::Result<Vec<u8>> {
    let export = office.ask(ALL, request).await?;
    assert!(office.clerk().write_one().await?);
    let done = told(office, &export).await?;
    assert_eq!((done.state.as_str(), done.done, done.total), ("succeeded", 5, 5));
    Ok(office.read(&done.link, 0).await?.data.to_vec())
}

/// EX-1, EX-3, CA-11: each list becomes a file in each form, page by page; amounts have as many digits as their currency;
/// what a spreadsheet would run is a text.
#[tokio::test]
async fn each_list_becomes_a_file_in_each_form() -> anyhow::Result<()> {
    let (office, orders, carts) = open().await?;
    let columns = ["number", "total", "currency", "placed_at", "quantity", "name"];
    for list in ["orders", "transactions", "subscriptions", "open_carts"] {
        let text = String::from_utf8(written(&office, wanted(list, "csv", &columns)).await?)?;
        let expected = [
            "\u{feff}number,total,currency,placed_at,quantity,name",
            "1000,19.99,EUR,1970-01-01T00:01:00Z,-3,'=cmd()",
            "1001,1999,JPY,1970-01-01T00:01:00Z,-3,'=cmd()",
            "1002,1.999,KWD,1970-01-01T00:01:00Z,-3,'=cmd()",
            "1003,19.99,EUR,1970-01-01T00:01:00Z,-3,'=cmd()",
            "1004,19.99,EUR,1970-01-01T00:01:00Z,-3,'=cmd()",
        ];
        assert_eq!(text.trim_end().split("\r\n").collect::<Vec<_>>(), expected, "{list}");
        let page = String::from_utf8(written(&office, wanted(list, "html", &["number", "total"])).await?)?;
        assert!(page.contains("<td>1002</td><td>1.999</td>"), "{list}: {page}");
        let mut book =
            zip::ZipArchive::new(std::io::Cursor::new(written(&office, wanted(list, "xlsx", &columns)).await?))?;
        let mut sheet = String::new();
        book.by_name("xl/worksheets/sheet1.xml")?.read_to_string(&mut sheet)?;
        for value in ["<v>19.99</v>", "<v>1999</v>", "<v>1.999</v>", "<v>-3</v>", "=cmd()</t>"] {
            assert!(sheet.contains(value) && !sheet.contains("<f>"), "{list} {value}: {sheet}");
        }
        let mut styles = String::new();
        book.by_name("xl/styles.xml")?.read_to_string(&mut styles)?;
        assert!(styles.contains("\"0.000\""), "{styles}");
    }
    assert_eq!((orders.0.lock().unwrap().asked.len(), carts.0.lock().unwrap().asked.len()), (27, 9));
    Ok(())
}

/// EX-1, ID-30: the owner of a list is told whose rows are meant, and by whom they are seen; dates narrow them down.
#[tokio::test]
async fn its_owner_hears_what_is_meant() -> anyhow::Result<()> {
    let (office, orders, carts) = open().await?;
    let (from, to) = ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
    let both = Some(filter("status", "eq", &["placed"]));
    let dated = |list: &str| RequestExportRequest {
        filter: both.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
        ..wanted(list, "csv", &[])
    };
    let asked_at = office.shop.now();
    written(&office, RequestExportRequest { query: "10".to_owned(), ..dated("orders") }).await?;
    written(&office, dated("open_carts")).await?;
    let masked = &[Permission::ExportsCreate, Permission::OrdersRead];
    let export = office.ask(masked, wanted("transactions", "csv", &[])).await?;
    office.shop.rig.clock.advance(TimeDelta::minutes(5));
    assert!(export.masked && office.clerk().write_one().await?);
    let (orders, carts) = (orders.0.lock().unwrap(), carts.0.lock().unwrap());
    for (asked, field) in [(orders.asked[0].clone(), "placed_at"), (carts.asked[0].clone(), "created_at")] {
        let realm = String::from(office.shop.actors().realm);
        assert_eq!((asked.realm, &*asked.store), (realm, ""), "the base of a store alone is all its own");
        let rows = asked.rows.unwrap_or_default();
        assert_eq!((asked.pii, &rows.columns[..]), (true, &["number".to_owned(), "total".to_owned()][..]));
        let Some(Node::And(all)) = rows.filter.and_then(|filter| filter.node) else { anyhow::bail!("no filter") };
        let expected = [both.clone(), Some(filter(field, "gte", &[from])), Some(filter(field, "lt", &[to]))];
        assert_eq!(all.filters.into_iter().map(Some).collect::<Vec<_>>(), expected);
    }
    let last = orders.asked.last().cloned().unwrap_or_default();
    assert_eq!((last.pii, last.at), (false, Some(timestamp(asked_at))));
    assert_eq!(orders.checked[0].rows.as_ref().map(|rows| rows.query.as_str()), Some("10"));
    Ok(())
}

/// EX-1, ID-21: staff of a store in a network get that store's rows, and nobody finds an export of another store's.
#[tokio::test]
async fn a_store_of_a_network_gets_its_own_rows() -> anyhow::Result<()> {
    let mut rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
    let network = NetworkId::new(rig.clock.now());
    (rig.actors.realm, rig.actors.network) = (RealmId::from_uuid(network.uuid()), Some(network));
    let (office, orders, _) = open_on(rig)?;
    let export = office.ask(ALL, wanted("orders", "csv", &["number"])).await?;
    assert!(office.clerk().write_one().await?);
    let asked = orders.0.lock().unwrap().asked[0].clone();
    let actors = office.shop.actors();
    assert_eq!((asked.realm, asked.store), (String::from(actors.realm), String::from(actors.store)));
    let mut elsewhere = actors.claims(Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    elsewhere.perms = ALL.iter().copied().collect();
    elsewhere.store = Some(StoreId::new(office.shop.now()).into());
    let request = actors.request(&elsewhere, GetExportRequest { id: export.id });
    assert_eq!(reason(&office.client().get_export(request).await.expect_err("not there")), "export_not_found");
    Ok(())
}

/// EX-2: whoever tells the rows may die half-way: the file is begun anew, and has no row twice.
#[tokio::test]
async fn a_file_survives_the_owner_of_its_list() -> anyhow::Result<()> {
    let (office, orders, _) = open().await?;
    let export = office.ask(ALL, wanted("orders", "csv", &["number"])).await?;
    orders.0.lock().unwrap().dies_at = Some(1);
    assert!(office.clerk().write_one().await?);
    let half = told(&office, &export).await?;
    assert_eq!((half.state.as_str(), half.done, half.total, half.link.as_str()), ("running", 2, 5, ""));
    assert!(!office.clerk().write_one().await?, "it waits for its lease");
    office.shop.rig.clock.advance(TimeDelta::seconds(60));
    assert!(office.clerk().write_one().await?);
    let done = told(&office, &export).await?;
    assert_eq!((done.state.as_str(), done.done), ("succeeded", 5));
    let text = String::from_utf8(office.read(&done.link, 0).await?.data.to_vec())?;
    assert_eq!(text, "\u{feff}number\r\n1000\r\n1001\r\n1002\r\n1003\r\n1004\r\n");
    Ok(())
}

/// EX-1, ID-22: a list needs its own permission, when it is asked for and for as long as the file is there; what its owner
/// refuses is refused.
#[tokio::test]
async fn each_list_needs_its_own_permission() -> anyhow::Result<()> {
    let (office, orders, _) = open().await?;
    for (list, needed) in [
        ("orders", Permission::OrdersRead),
        ("transactions", Permission::OrdersRead),
        ("subscriptions", Permission::OrdersRead),
        ("open_carts", Permission::CartsRead),
        ("leads", Permission::CustomersRead),
    ] {
        let others: Vec<_> = Permission::ALL.iter().copied().filter(|permission| *permission != needed).collect();
        let refused = office.ask(&others, wanted(list, "csv", &[])).await.expect_err("may not");
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::PermissionDenied, "permission_required"),
            "{list}"
        );
    }
    let export = office.ask(ALL, wanted("orders", "csv", &["number"])).await?;
    assert!(office.clerk().write_one().await? && !told(&office, &export).await?.link.is_empty());
    let later = office.get(&export.id).await.expect_err("orders are not for them any more");
    assert_eq!((reason(&later).as_str(), CLEAR.contains(&Permission::OrdersRead)), ("export_not_found", false));
    let list = office.client().list_exports(office.staff(CLEAR, ListExportsRequest {})).await?;
    assert!(list.into_inner().exports.is_empty());
    let odd = |list: &str| wanted(list, "csv", &[]);
    for (wrong, fault) in [
        (wanted("orders", "csv", &["colour"]), ("/columns", "unknown_value")),
        (RequestExportRequest { segment: "seg_1".to_owned(), ..odd("orders") }, ("/segment", "not_applicable")),
        (RequestExportRequest { from: "yesterday".to_owned(), ..odd("open_carts") }, ("/from", "malformed")),
    ] {
        let refused = office.ask(ALL, wrong.clone()).await.expect_err("wrong");
        assert_eq!(faults(&refused), [(fault.0.to_owned(), fault.1.to_owned())], "{wrong:?}");
    }
    assert_eq!(
        reason(&office.ask(ALL, wanted("orders", "csv", &["secret"])).await.expect_err("no")),
        "permission_required"
    );
    assert_eq!(orders.0.lock().unwrap().asked.len(), 3, "nothing was written of what was refused");
    Ok(())
}
