//! Files that are sold with a product, and images of it (CA-1).
use axum::{
    extract::{Form, Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use front::form::parts;
use kit::{ids::ProductId, permission::Permission};
use proto::catalog::v1::{
    AddProductFileRequest, ChangeProductFileRequest, ListProductFilesRequest, ProductFile, RemoveProductFileRequest,
};
use serde::Deserialize;
use tonic::Status;

use super::product;
use crate::{console::Console, problem::Problem, team::complaint, tickets::received, visit::SignedIn};

/// The files of a product.
pub async fn list(console: &Console, desk: &SignedIn, product: &str) -> Result<Vec<ProductFile>, Status> {
    let wanted = desk.ask(ListProductFilesRequest { product: product.to_owned() });
    Ok(console.product_files.clone().list_product_files(wanted).await?.into_inner().files)
}

/// What is done with a file: the button that was pressed.
#[derive(Deserialize)]
pub struct Deed {
    r#do: String,
    file: String,
    /// Where it is to stand.
    #[serde(default)]
    position: u32,
}

async fn answer(
    console: Console,
    desk: SignedIn,
    (id, done): (String, Result<(), Status>),
) -> Result<Response, Problem> {
    let id: ProductId = id.parse().map_err(|_| Problem::not_found())?;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/console/products/{id}#files")).into_response()),
        Err(status) => product::failed(&console, &desk, &id.to_string(), complaint(status)?).await,
    }
}

/// `POST /console/products/{id}/files`: hands one in.
pub async fn add(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    if !desk.session.may(Permission::CatalogWrite) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "Not allowed", "Your role does not include catalog.write."));
    }
    let (kind, body, _turn) = received(request).await?;
    let mut new = AddProductFileRequest { product: id.clone(), ..AddProductFileRequest::default() };
    for part in parts(kind.as_deref(), body).await.unwrap_or_default() {
        if part.name == "role" {
            new.role = part.text();
        } else {
            (new.name, new.data) = (part.file_name.unwrap_or_default(), part.data);
        }
    }
    let done = console.product_files.clone().add_product_file(desk.ask(new)).await.map(drop);
    Box::pin(answer(console, desk, (id, done))).await
}

/// `POST /console/products/{id}/files/change`: moves one, or takes it away.
pub async fn change(
    State(console): State<Console>,
    desk: SignedIn,
    Path(product): Path<String>,
    Form(Deed { r#do, file: id, position }): Form<Deed>,
) -> Result<Response, Problem> {
    let (mut files, of) = (console.product_files.clone(), product.clone());
    let done = if r#do == "remove" {
        files.remove_product_file(desk.ask(RemoveProductFileRequest { product, id })).await.map(drop)
    } else {
        let moved = ChangeProductFileRequest { product, id, name: None, position: Some(position) };
        files.change_product_file(desk.ask(moved)).await.map(drop)
    };
    Box::pin(answer(console, desk, (of, done))).await
}
