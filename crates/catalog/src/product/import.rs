//! Adds and changes products from a CSV table (CA-1): by SKU, all of it in one transaction or nothing. Cells that are empty
//! and columns that are missing leave a product as it is.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kit::{Call, Error as KitError, Tx, failure::Violation};
use proto::{base::v1::Money, catalog::v1 as pb};

use super::{
    create::{CreateProduct, Seller, create_product},
    product::Product,
    store,
    update::save_changes,
};
use crate::Error;

/// Largest table, in bytes.
const LARGEST: usize = 5 * 1024 * 1024;
/// Most rows.
const ROWS: usize = 5_000;
/// Most faults that are told.
const FAULTS: usize = 100;
/// What a heading can name; `sku` is needed.
const COLUMNS: [&str; 9] = ["sku", "name", "description", "price", "kind", "package", "tax_class", "images", "active"];

/// A table that was read: what each line gives by column.
#[derive(Debug)]
pub struct Table(Vec<(u32, HashMap<&'static str, String>)>);

impl Table {
    /// Reads CSV with a heading.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let fault = |code: &'static str, detail: String| Error::Unsuited(vec![Violation::new("/table", code, detail)]);
        if bytes.len() > LARGEST {
            return Err(fault("too_large", "a table is at most 5 MiB".to_owned()));
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let malformed = |error: csv::Error| fault("malformed", format!("this is no CSV in UTF-8: {error}"));
        let heading: Vec<_> = reader.headers().map_err(malformed)?.iter().map(str::to_lowercase).collect();
        let columns: Vec<&'static str> = heading
            .iter()
            .map(|name| COLUMNS.into_iter().find(|column| column == name))
            .collect::<Option<_>>()
            .filter(|columns: &Vec<_>| {
                columns.contains(&"sku") && columns.iter().collect::<HashSet<_>>().len() == columns.len()
            })
            .ok_or_else(|| {
                fault("heading", format!("a heading names sku and some of {}, each once", COLUMNS.join(", ")))
            })?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(malformed)?;
            if rows.len() == ROWS {
                return Err(fault("too_many", "a table has at most 5000 rows".to_owned()));
            }
            let line = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
            let cells = columns.iter().copied().zip(record.iter().map(str::to_owned));
            rows.push((line, cells.filter(|(_, cell)| !cell.is_empty()).collect()));
        }
        Ok(Self(rows))
    }
}

/// Imports `table` as far as it goes. The caller takes everything back when there are faults.
pub async fn import_products(
    tx: &mut Tx,
    call: &Call,
    (seller, now): (Seller, DateTime<Utc>),
    Table(rows): Table,
) -> Result<pb::ImportProductsResponse, Error> {
    let mut report =
        pb::ImportProductsResponse { rows: u32::try_from(rows.len()).unwrap_or(u32::MAX), ..Default::default() };
    let skus: Vec<String> = rows.iter().filter_map(|(_, cells)| cells.get("sku").cloned()).collect();
    let mut known: HashMap<String, Product> = HashMap::new();
    for product in store::lock_skus(&mut **tx, seller.store, &skus).await? {
        known.insert(product.details.sku.clone(), product);
    }
    let mut seen = HashSet::new();
    for (line, cells) in rows {
        if report.faults.len() >= FAULTS {
            break;
        }
        let sku = cells.get("sku").cloned().unwrap_or_default();
        let result = if seen.insert(sku.clone()) || sku.is_empty() {
            row(tx, call, (seller, now), (cells, known.remove(&sku))).await
        } else {
            Err(Error::Unsuited(vec![Violation::new("/sku", "repeated", "this SKU is in a line before")]))
        };
        match result {
            Ok(Done::Created) => report.created += 1,
            Ok(Done::Updated) => report.updated += 1,
            Ok(Done::Unchanged) => report.unchanged += 1,
            Err(error) => report.faults.extend(told(line, error)?),
        }
    }
    report.faults.truncate(FAULTS);
    Ok(report)
}

enum Done {
    Created,
    Updated,
    Unchanged,
}

async fn row(
    tx: &mut Tx,
    call: &Call,
    (seller, now): (Seller, DateTime<Utc>),
    (cells, known): (HashMap<&'static str, String>, Option<Product>),
) -> Result<Done, Error> {
    let changes = changes(&cells, seller)?;
    let Some(mut product) = known else {
        let request = new(changes, cells.get("kind").cloned());
        create_product(tx, call, seller.realm, CreateProduct::parse(request, seller, now)?).await?;
        return Ok(Done::Created);
    };
    if cells.get("kind").is_some_and(|kind| kind != product.details.kind.slug()) {
        let detail = "a physical product stays physical, and a digital one digital";
        return Err(Error::Unsuited(vec![Violation::new("/kind", "not_allowed", detail)]));
    }
    let before = product.details.clone();
    let faults = product.apply(changes, now)?;
    if !faults.is_empty() {
        return Err(Error::faults(faults));
    }
    if product.details == before {
        return Ok(Done::Unchanged);
    }
    save_changes(tx, call, (&mut product, &before), (seller.realm, now)).await?;
    Ok(Done::Updated)
}

/// A row as changes.
fn changes(cells: &HashMap<&'static str, String>, seller: Seller) -> Result<pb::UpdateProductRequest, Error> {
    let text = |column: &str| cells.get(column).cloned();
    let wrong = |pointer, detail| Error::from(KitError::Invalid(vec![Violation::new(pointer, "malformed", detail)]));
    let price = match text("price") {
        Some(price) => Some(price.parse().map_err(|_| wrong("/price", "a price is a whole number of minor units"))?),
        None => None,
    };
    let active = match text("active").as_deref() {
        None => None,
        Some("true" | "yes" | "1") => Some(true),
        Some("false" | "no" | "0") => Some(false),
        Some(_) => return Err(wrong("/active", "this is true or false")),
    };
    Ok(pb::UpdateProductRequest {
        sku: text("sku"),
        name: text("name"),
        description: text("description"),
        price: price.map(|amount| Money { amount, currency: seller.currency.code().to_owned() }),
        package: text("package"),
        tax_class: text("tax_class"),
        images: text("images")
            .map(|images| pb::Texts { texts: images.split_whitespace().map(str::to_owned).collect() }),
        active,
        ..pb::UpdateProductRequest::default()
    })
}

/// A product to add.
fn new(changes: pb::UpdateProductRequest, kind: Option<String>) -> pb::CreateProductRequest {
    pb::CreateProductRequest {
        sku: changes.sku.unwrap_or_default(),
        name: changes.name.unwrap_or_default(),
        description: changes.description.unwrap_or_default(),
        images: changes.images.unwrap_or_default().texts,
        price: changes.price,
        kind: kind.unwrap_or_else(|| "physical".to_owned()),
        package: changes.package.unwrap_or_default(),
        tax_class: changes.tax_class.unwrap_or_default(),
        active: changes.active,
        ..pb::CreateProductRequest::default()
    }
}

/// What is wrong with a line; a failure that is none of its own stays one.
fn told(line: u32, error: Error) -> Result<Vec<pb::ImportFault>, Error> {
    let violations = match error {
        Error::Kit(KitError::Invalid(violations)) | Error::Unsuited(violations) => violations,
        error => return Err(error),
    };
    let fault = |violation: Violation| {
        let column = violation.pointer.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        pb::ImportFault { line, column, code: violation.code.into_owned(), detail: violation.detail.into_owned() }
    };
    Ok(violations.into_iter().map(fault).collect())
}
