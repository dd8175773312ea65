//! Looks for traces: in every byte of every row, of what the broker stores, and of the logs.
use std::{fs, path::Path};

use e2e::House;
use futures_util::TryStreamExt;

use super::rich::PARTS;

/// Where a part of who somebody was is found: `customers.customers has zebedee`.
pub async fn found(house: &House) -> anyhow::Result<Vec<String>> {
    found_of(house, &PARTS).await
}

/// The same for any `parts`, in small letters.
pub async fn found_of(house: &House, parts: &[&str]) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for (service, _) in house::holdings() {
        let db = house.tables(service).await?;
        let tables: Vec<String> =
            sqlx::query_scalar("select table_name::text from information_schema.tables where table_schema = $1")
                .bind(service)
                .fetch_all(&db)
                .await?;
        for table in tables {
            let mut connection = db.acquire().await?;
            // In binary form texts, JSON and bytes stand as they are.
            let copy = format!("copy (select * from {table}) to stdout (format binary)");
            let bytes: Vec<_> = connection.copy_out_raw(&copy).await?.try_collect().await?;
            search(&format!("{service}.{table}"), (&bytes.concat(), parts), &mut found);
        }
    }
    for file in files(house.broker.folder())? {
        search(&file, (&fs::read(&file)?, parts), &mut found);
    }
    let is_log = |file: &String| Path::new(file).extension().is_some_and(|kind| kind == "log");
    for file in files(house.folder())?.into_iter().filter(is_log) {
        search(&file, (&fs::read(&file)?, parts), &mut found);
    }
    Ok(found)
}

fn search(place: &str, (bytes, parts): (&[u8], &[&str]), found: &mut Vec<String>) {
    let small = String::from_utf8_lossy(bytes).to_lowercase();
    found.extend(parts.iter().filter(|part| small.contains(**part)).map(|part| format!("{place} has {part}")));
}

/// Every file below `folder`.
fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(found)
}
