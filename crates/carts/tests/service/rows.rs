//! Open carts as rows of files (EX-1).
use chrono::TimeDelta;
use kit::{
    clock::timestamp,
    ids::{OrderId, RealmId, StoreId},
    permission::Permission,
    transport::Transport,
};
use proto::{
    base::v1::{
        Cell, CheckRowsRequest, Condition, Filter, FilterList, ListRowsRequest, ListRowsResponse, RowsQuery,
        cell::Value, filter::Node,
    },
    carts::v1::{Contact, SetContactRequest, rows_service_client::RowsServiceClient},
};
use tonic::Status;

use crate::shop::{Shop, reason};

const READ: &[Permission] = &[Permission::CartsRead];

fn rows(shop: &Shop) -> anyhow::Result<RowsServiceClient<Transport>> {
    Ok(RowsServiceClient::new(shop.rig.env.peer("test", carts::NAME)?))
}

fn query(columns: &[&str]) -> RowsQuery {
    let columns = columns.iter().map(ToString::to_string).collect();
    RowsQuery { r#type: "open_carts".to_owned(), columns, ..RowsQuery::default() }
}

fn condition(field: &str, op: &str, value: &str) -> Filter {
    let condition = Condition { field: field.to_owned(), op: op.to_owned(), values: vec![value.to_owned()] };
    Filter { node: Some(Node::Condition(condition)) }
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

async fn list(shop: &Shop, request: ListRowsRequest) -> anyhow::Result<ListRowsResponse> {
    Ok(rows(shop)?.list_rows(shop.rig.actors.system("customers", request)).await?.into_inner())
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

async fn found(shop: &Shop, query: RowsQuery) -> anyhow::Result<Vec<String>> {
    Ok(plain(&list(shop, all(shop, query)).await?))
}

/// A shop with one open cart of two mugs that belongs to Ada, and one that was bought.
async fn stocked() -> anyhow::Result<Shop> {
    let shop = Shop::open().await?;
    let mug = shop.sell(1_999, "EUR");
    let cart = shop.cart().await?;
    shop.add(&cart.id, &mug, 2).await?;
    let contact = Contact {
        email: "ada@example.com".to_owned(),
        name: "Ada Byron".to_owned(),
        phone: "+4930901820".to_owned(),
        ..Contact::default()
    };
    let contact = SetContactRequest { cart: cart.id.clone(), contact: Some(contact) };
    shop.client.clone().set_contact(shop.rig.actors.anonymous(contact)).await?;
    shop.rig.clock.advance(TimeDelta::minutes(1));
    let bought = shop.cart().await?;
    shop.add(&bought.id, &mug, 1).await?;
    let bought = shop.get(&bought.id).await?;
    shop.place(&bought, OrderId::new(shop.rig.clock.now())).await?;
    Ok(shop)
}

/// EX-1: open carts come at the prices of now, with who they belong to; those that were bought do not.
#[tokio::test]
async fn open_carts_come_as_rows() -> anyhow::Result<()> {
    let shop = Box::pin(stocked()).await?;
    let columns = ["email", "name", "pieces", "total", "currency", "created_at", "abandoned_at"];
    let expected = "ada@example.com|Ada Byron|2|3998 EUR|EUR|2026-03-02T12:00:00Z|-";
    assert_eq!(found(&shop, query(&columns)).await?, [expected]);
    let narrowed = |filter| RowsQuery { filter: Some(filter), ..query(&["pieces"]) };
    let both = |filters| Filter { node: Some(Node::And(FilterList { filters })) };
    let day = vec![condition("abandoned", "eq", "false"), condition("created_at", "gte", "2026-03-02T12:00:00Z")];
    assert_eq!(found(&shop, narrowed(both(day))).await?, ["2"]);
    assert!(found(&shop, narrowed(condition("created_at", "lt", "2026-03-02T12:00:00Z"))).await?.is_empty());
    assert!(found(&shop, narrowed(condition("status", "eq", "closed"))).await?.is_empty());
    shop.rig.clock.advance(TimeDelta::minutes(31));
    assert_eq!(found(&shop, narrowed(condition("abandoned", "eq", "true"))).await?, ["2"]);
    assert_eq!(list(&shop, all(&shop, query(&[]))).await?.rows[0].cells.len(), 12);
    Ok(())
}

/// EX-1, EX-3: pages go on where the one before ended.
#[tokio::test]
async fn rows_come_page_by_page() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.insert(0, shop.cart().await?.id);
        shop.rig.clock.advance(TimeDelta::minutes(1));
    }
    let ask = |after: &str| ListRowsRequest { limit: 2, after: after.to_owned(), ..all(&shop, query(&["id"])) };
    let first = list(&shop, ask("")).await?;
    shop.cart().await?;
    let second = list(&shop, ask(&first.next)).await?;
    assert_eq!([plain(&first), plain(&second)].concat(), expected);
    assert_eq!((first.total, second.total, second.next.as_str()), (3, 0, ""));
    Ok(())
}

/// EX-3, ID-23, ID-30: people are masked where they have to be; rows are of one store, and for the service that writes the
/// files only.
#[tokio::test]
async fn rows_are_masked_and_of_their_store() -> anyhow::Result<()> {
    let shop = Box::pin(stocked()).await?;
    let (now, actors) = (shop.rig.clock.now(), &shop.rig.actors);
    let ask = || all(&shop, query(&["name", "email", "phone"]));
    let masked = list(&shop, ListRowsRequest { pii: false, ..ask() }).await?;
    assert_eq!(plain(&masked), ["A***|a***@example.com|***20"]);
    let count = async |request| list(&shop, request).await.map(|answer| (answer.rows.len(), answer.total));
    assert_eq!(count(ListRowsRequest { store: String::new(), ..ask() }).await?, (1, 1));
    assert_eq!(count(ListRowsRequest { store: StoreId::new(now).into(), ..ask() }).await?, (0, 0));
    assert_eq!(count(ListRowsRequest { realm: RealmId::new(now).into(), ..ask() }).await?, (0, 0));
    for refused in [actors.system("orders", ask()), actors.staff(Permission::ALL, ask()), actors.anonymous(ask())] {
        assert_eq!(reason(rows(&shop)?.list_rows(refused).await), "wrong_caller");
    }
    Ok(())
}

/// EX-1, ID-22: who may not read carts does not ask for them; and what makes no sense is refused.
#[tokio::test]
async fn what_is_asked_for_is_checked() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let check = async |permissions: &[Permission], query: RowsQuery| -> anyhow::Result<Result<Vec<String>, Status>> {
        let request = shop.rig.actors.staff(permissions, CheckRowsRequest { rows: Some(query) });
        Ok(rows(&shop)?.check_rows(request).await.map(|answer| answer.into_inner().columns))
    };
    assert_eq!(check(READ, query(&["id", "total"])).await??, ["id", "total"]);
    let others: Vec<_> = Permission::ALL.iter().copied().filter(|permission| *permission != READ[0]).collect();
    assert_eq!(reason(check(&others, query(&[])).await?), "permission_required");
    for wrong in [
        query(&["colour"]),
        query(&["id", "id"]),
        RowsQuery { r#type: "orders".to_owned(), ..query(&[]) },
        RowsQuery { query: "ada".to_owned(), ..query(&[]) },
        RowsQuery { filter: Some(condition("email", "eq", "ada@example.com")), ..query(&[]) },
    ] {
        assert_eq!(reason(check(READ, wrong.clone()).await?), "invalid", "{wrong:?}");
    }
    Ok(())
}
