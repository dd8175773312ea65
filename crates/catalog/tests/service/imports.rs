//! Products from a table.
use proto::catalog::v1::{ImportProductsRequest, ImportProductsResponse, ListProductsRequest};
use tonic::Status;

use crate::counter::{Counter, EDITOR, song};

async fn import(counter: &Counter, table: &str, dry_run: bool) -> Result<ImportProductsResponse, Status> {
    let request = ImportProductsRequest { table: table.as_bytes().to_vec().into(), dry_run };
    let request = counter.rig.actors.staff(EDITOR, request);
    Ok(counter.client.clone().import_products(request).await?.into_inner())
}

async fn count(counter: &Counter) -> anyhow::Result<usize> {
    let request = counter.rig.actors.staff(EDITOR, ListProductsRequest::default());
    Ok(counter.client.clone().list_products(request).await?.into_inner().products.len())
}

/// CA-1: a table adds and changes by SKU; cells that are empty leave a product as it is, and a dry run leaves all.
#[tokio::test]
async fn a_table_adds_and_changes() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let made = counter.create(song("ONE")).await?;
    counter.create(song("TWO")).await?;
    let table = "\u{feff}SKU,name,price,kind,description\nONE,Uno,,digital,\n\"MUG, red\",Mug,1450,,\"Holds\na pint.\"\nTWO,,,,\n";
    let dry = import(&counter, table, true).await?;
    assert_eq!((dry.rows, dry.created, dry.updated, dry.unchanged, dry.applied), (3, 1, 1, 1, false));
    assert_eq!(count(&counter).await?, 2);
    let done = import(&counter, table, false).await?;
    assert_eq!(done, ImportProductsResponse { applied: true, ..dry });
    let again = import(&counter, table, false).await?;
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 3));
    let get = proto::catalog::v1::GetProductRequest { id: made.id };
    let seen = counter.client.clone().get_product(counter.rig.actors.anonymous(get)).await?.into_inner();
    assert_eq!((&*seen.name, seen.price.map(|price| price.amount)), ("Uno", Some(99)));
    Ok(())
}

/// CA-1: every fault is told by its line, and nothing is imported while there is one.
#[tokio::test]
async fn faults_are_told_by_line() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    counter.create(song("ONE")).await?;
    let table = "sku,name,price,kind,active\nNEW,New,100,digital,\nBAD,,-1,ghost,\nNEW,Again,1,,\n,No SKU,1,,\nONE,,,physical,\nX,X,9.99,,\nY,Y,1,,maybe\n";
    let report = import(&counter, table, false).await?;
    let faults: Vec<_> =
        report.faults.iter().map(|fault| format!("{} {} {}", fault.line, fault.column, fault.code)).collect();
    let expected = [
        "3 kind unknown",
        "3 price out_of_range",
        "3 name required",
        "4 sku repeated",
        "5 sku required",
        "6 kind not_allowed",
        "7 price malformed",
        "8 active malformed",
    ];
    assert_eq!((faults, report.applied, count(&counter).await?), (expected.map(str::to_owned).to_vec(), false, 1));
    for table in ["", "name\nMug\n", "sku,sku\nA,B\n", "sku,colour\nA,red\n", "sku,name\nA\n"] {
        assert!(import(&counter, table, false).await.is_err(), "{table:?}");
    }
    let rows: Vec<_> = (0..5_001).map(|n| format!("S{n},N,1\n")).collect();
    let long = format!("sku,name,price\n{}", rows.concat());
    assert!(import(&counter, &long, true).await.is_err(), "5001 rows");
    assert!(import(&counter, &" ".repeat(5 * 1024 * 1024 + 1), true).await.is_err(), "more than 5 MiB");
    Ok(())
}
