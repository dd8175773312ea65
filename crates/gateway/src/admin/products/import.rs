//! Products from a table (CA-1).
use std::sync::Arc;

use axum::extract::State;
use kit::permission::Permission;
use proto::catalog::v1::{self as pb, ImportProductsRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
};

/// A table of products.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"table": "sku,name,price,kind\nMUG-2,Large mug,2499,physical\n"}))]
pub struct ProductTable {
    /// CSV with a heading of `sku` and some of `name`, `description`, `price` (minor units of the store's currency), `kind`,
    /// `package`, `tax_class`, `images` (separated by spaces) and `active`; at most 5 000 rows.
    #[schema(max_length = 1_000_000, format = "csv")]
    pub table: String,
    /// Whether to say only what would happen.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "faults": [], "applied": true,
}))]
pub struct ProductImport {
    /// Rows without the heading.
    pub rows: u32,
    /// Products added.
    pub created: u32,
    /// Products changed.
    pub updated: u32,
    /// Products that were so already.
    pub unchanged: u32,
    /// What is wrong, the first 100; nothing is imported while there is anything.
    pub faults: Vec<ProductImportFault>,
    /// Whether it was done.
    pub applied: bool,
}

/// Something wrong with a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductImportFault {
    /// Line of the table; the heading is 1.
    pub line: u32,
    /// Column.
    pub column: String,
    /// A slug.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

impl From<pb::ImportFault> for ProductImportFault {
    fn from(fault: pb::ImportFault) -> Self {
        let pb::ImportFault { line, column, code, detail } = fault;
        Self { line, column, code, detail }
    }
}

impl From<pb::ImportProductsResponse> for ProductImport {
    fn from(report: pb::ImportProductsResponse) -> Self {
        let pb::ImportProductsResponse { rows, created, updated, unchanged, faults, applied } = report;
        Self { rows, created, updated, unchanged, faults: faults.into_iter().map(Into::into).collect(), applied }
    }
}

/// Import products
///
/// Adds products and changes those with the same SKU: all of the table or nothing. Cells that are empty leave a product as it
/// is.
#[utoipa::path(
    post, path = "/admin/v1/products/import", tag = "Products", request_body = ProductTable,
    responses(
        (status = 200, body = ProductImport),
        (status = 409, description = "`sku_taken`: somebody else added one of these meanwhile."),
        (status = 422, description = "`unsuited`: the table cannot be read.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
pub async fn import_products(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(ProductTable { table, dry_run }): Body<ProductTable>,
) -> Result<Answer<ProductImport>, Problem> {
    let wanted = ImportProductsRequest { table: table.into(), dry_run: dry_run.unwrap_or_default() };
    Ok(Answer::of(peers.products().import_products(caller.ask(wanted)).await?))
}
