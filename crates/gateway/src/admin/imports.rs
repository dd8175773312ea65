//! Customers out of files: uploaded, mapped, checked, and only then carried out.
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use kit::permission::Permission;
use proto::customers::v1::{
    CancelImportRequest, ChangeImportRequest, CheckImportRequest, GetImportRequest, ImportFields, ImportTags,
    ListImportFaultsRequest, ListImportsRequest, ReadImportReportRequest, StartImportRequest, UploadImportRequest,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{list_query::Pages, report};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        file::Csv,
        list::Wanted,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{
        List,
        import::{Import, ImportChanges, ImportFault},
    },
};

/// The routes about imports.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_imports, create_import))
        .routes(routes!(get_import, change_import))
        .routes(routes!(check_import))
        .routes(routes!(start_import))
        .routes(routes!(cancel_import))
        .routes(routes!(list_import_errors))
        .routes(routes!(read_import_report))
}

/// Imports
///
/// Those of the place you work in, newest first; the last 20 are kept.
#[utoipa::path(
    get, path = "/admin/v1/imports", tag = "Imports", responses((status = 200, body = List<Import>)),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn list_imports(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Import>>, Problem> {
    let found = peers.imports().list_imports(caller.ask(ListImportsRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.imports)))
}

/// Upload a file of customers
///
/// Comma-separated values with headings in the first line, at most 25 MiB and 200,000 rows; semicolons and tabs separate,
/// too, and UTF-8, UTF-16 and Windows-1252 are recognised. Nothing is changed yet: the answer proposes what the columns are.
/// The file is removed when the import ends, and after a day at the latest.
#[utoipa::path(
    post, path = "/admin/v1/imports", tag = "Imports",
    request_body(content = String, content_type = "text/csv", example = json!("email,name\r\nada@example.com,Ada\r\n")),
    responses(
        (status = 201, body = Import),
        (status = 413, description = "`too_large`: The body is larger than 25 MiB."),
        (status = 415, description = "`unsupported_media_type`: Send comma-separated values, with Content-Type: text/csv."),
        (status = 422, description = "`file_unreadable`: this is no list of customers; the detail says why. | `too_many_imports`: ten are open already.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn create_import(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Csv(file): Csv,
) -> Result<Answer<Import>, Problem> {
    let import = peers.imports().upload_import(caller.ask(UploadImportRequest { file })).await?;
    let import = Answer::<Import>::of(import);
    let location = format!("/admin/v1/imports/{}", import.body.id);
    Ok(import.created(location).tagged())
}

/// An import
///
/// How far it is and what becomes of the rows, with the first of them as long as there is the file.
#[utoipa::path(
    get, path = "/admin/v1/imports/{id}", tag = "Imports",
    params(("id" = String, Path, description = "`imp_…`", example = "imp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")),
    responses((status = 200, body = Import), (status = 404, description = "`import_not_found`: there is no such import.")),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn get_import(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Import>, Problem> {
    Ok(Answer::<Import>::of(peers.imports().get_import(caller.ask(GetImportRequest { id })).await?).tagged())
}

/// Say what the columns are
///
/// And how they are read. What was checked before is to be checked anew.
#[utoipa::path(
    patch, path = "/admin/v1/imports/{id}", tag = "Imports", request_body = ImportChanges,
    params(("id" = String, Path, description = "`imp_…`", example = "imp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")),
    responses(
        (status = 200, body = Import),
        (status = 404, description = "`import_not_found`: there is no such import."),
        (status = 409, description = "`import_not_ready`: it is under way, or over."),
        (status = 412, description = "`stale_version`: it was changed in the meantime."),
        (status = 422, description = "`mapping_mismatch`: say of each column once what it is.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn change_import(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(changes): Body<ImportChanges>,
) -> Result<Answer<Import>, Problem> {
    let options = changes.options.unwrap_or_default();
    let fields = |mapping: Vec<Option<String>>| mapping.into_iter().map(Option::unwrap_or_default).collect();
    let request = ChangeImportRequest {
        id,
        fields: changes.mapping.map(|mapping| ImportFields { fields: fields(mapping) }),
        empty: options.empty,
        country: options.country,
        tags: options.tags.map(|tags| ImportTags { tags }),
    };
    Ok(Answer::<Import>::of(peers.imports().change_import(caller.ask(request)).await?).tagged())
}

/// Check an import
///
/// Reads all rows behind the request and says what would become of them, and what is wrong with which cell. Nothing is
/// changed.
#[utoipa::path(
    post, path = "/admin/v1/imports/{id}/check", tag = "Imports",
    params(("id" = String, Path, description = "`imp_…`", example = "imp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")),
    responses(
        (status = 202, body = Import, description = "It waits to be checked."),
        (status = 404, description = "`import_not_found`: there is no such import."),
        (status = 409, description = "`import_not_ready`: it is under way, or over."),
        (status = 422, description = "`import_names_nobody`: no column holds ids, e-mail addresses or phones.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn check_import(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Import>, Problem> {
    Ok(accepted(Answer::of(peers.imports().check_import(caller.ask(CheckImportRequest { id })).await?)))
}

/// Start an import
///
/// Carries out behind the request what was checked. Somebody is who the row's id says, else the e-mail address, else the
/// phone that signs in. Nobody's e-mail address, sign-in or status changes; tags are added, never taken away; whoever has
/// withdrawn a consent does not give it again.
#[utoipa::path(
    post, path = "/admin/v1/imports/{id}/start", tag = "Imports",
    params(("id" = String, Path, description = "`imp_…`", example = "imp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")),
    responses(
        (status = 202, body = Import, description = "It waits to be carried out."),
        (status = 404, description = "`import_not_found`: there is no such import."),
        (status = 409, description = "`import_not_ready`: it was not checked, is under way, or over."),
        (status = 412, description = "`stale_version`: it was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn start_import(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Import>, Problem> {
    Ok(accepted(Answer::of(peers.imports().start_import(caller.ask(StartImportRequest { id })).await?)))
}

fn accepted(import: Answer<Import>) -> Answer<Import> {
    let location = format!("/admin/v1/imports/{}", import.body.id);
    import.accepted(location).tagged()
}

/// Stop an import
///
/// What was done stays done; the file is removed. Repeatable.
#[utoipa::path(
    post, path = "/admin/v1/imports/{id}/cancel", tag = "Imports",
    params(("id" = String, Path, description = "`imp_…`", example = "imp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")),
    responses(
        (status = 200, body = Import),
        (status = 404, description = "`import_not_found`: there is no such import."),
        (status = 409, description = "`import_not_ready`: it has ended already.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn cancel_import(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Import>, Problem> {
    Ok(Answer::<Import>::of(peers.imports().cancel_import(caller.ask(CancelImportRequest { id })).await?).tagged())
}

/// What is wrong with which cell
///
/// As the last check, or the import itself, has found it, in the order of the lines.
#[utoipa::path(
    get, path = "/admin/v1/imports/{id}/errors", tag = "Imports",
    params(("id" = String, Path, description = "`imp_…`", example = "imp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d52"), Pages),
    responses(
        (status = 200, body = List<ImportFault>), (status = 404, description = "`import_not_found`: there is no such import.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn list_import_errors(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<ImportFault>>, Problem> {
    let page = Some(Wanted::read(params, &[])?.page);
    let found = peers.imports().list_import_faults(caller.ask(ListImportFaultsRequest { id, page })).await?;
    Ok(Answer::mapped(found, |found| List::new(found.faults, found.page)))
}

/// The report of an import
///
/// Of one that has ended: what became of each line, and whose record it was, as comma-separated values.
#[utoipa::path(
    get, path = "/admin/v1/imports/{id}/report", tag = "Imports",
    params(("id" = String, Path, description = "`imp_…`", example = "imp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")),
    responses(
        (status = 200, description = "The report.", content((String = "text/csv", example = "line,id,outcome,reason\r\n"))),
        (status = 404, description = "`import_not_found`: there is no such import. | `report_not_found`: it has no report, or not yet.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn read_import_report(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let name = id.clone();
    report::download(&name, move |after| {
        let (peers, request) = (Arc::clone(&peers), caller.ask_anew(ReadImportReportRequest { id: id.clone(), after }));
        async move { Ok(peers.imports().read_import_report(request).await?.into_inner()) }
    })
    .await
}
