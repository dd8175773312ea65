//! One product: what it is, and everything that can be done with it (CA-1).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::{money::Currency, permission::Permission};
use proto::catalog::v1::{
    BatchGetProductsRequest, DeleteProductRequest, GetProductRequest, Product, ProductFile, UpdateProductRequest,
};
use tonic::Status;

use super::{currency, draft::Draft, files};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    team::{Fields, complaint},
    visit::SignedIn,
};

#[derive(Template, WebTemplate)]
#[template(path = "catalog/product.html")]
struct Page {
    frame: Frame,
    /// None while it is new.
    product: Option<Product>,
    draft: Draft,
    currency: &'static str,
    writes: bool,
    failure: String,
    /// Files and images that were handed in.
    files: Vec<ProductFile>,
}

impl Page {
    fn of(desk: &SignedIn, product: Option<Product>, draft: Draft, currency: Currency) -> Self {
        let (frame, currency) = (Frame::of(&desk.visit), currency.code());
        let writes = desk.session.may(Permission::CatalogWrite);
        Self { frame, product, draft, currency, writes, failure: String::new(), files: Vec::new() }
    }
}

/// `GET /console/products/new`.
pub async fn start(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    let currency = currency(&console, &desk).await?;
    Ok(Page::of(&desk, None, Draft::blank(), currency).into_response())
}

/// `POST /console/products/new`.
pub async fn make(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    let currency = currency(&console, &desk).await?;
    let draft = Draft::read(&Fields::read(&body));
    let made = async {
        let contents = inside(&console, &desk, &draft).await?;
        let wanted = desk.ask(draft.clone().create(contents, currency));
        Ok::<_, Status>(console.products.clone().create_product(wanted).await?.into_inner())
    };
    match made.await {
        Ok(product) => Ok(Redirect::to(&format!("/console/products/{}", product.id)).into_response()),
        Err(status) => {
            let page = Page::of(&desk, None, draft, currency);
            Ok(Page { failure: complaint(status)?, ..page }.into_response())
        }
    }
}

async fn find(console: &Console, desk: &SignedIn, id: &str) -> Result<(Product, Currency), Problem> {
    let product = console.products.clone().get_product(desk.ask(GetProductRequest { id: id.to_owned() })).await?;
    let product = product.into_inner();
    let unknown = |_| Status::internal("a product has no known currency");
    let currency = kit::money::currency(&product.currency).map_err(unknown)?;
    Ok((product, currency))
}

/// `GET /console/products/{id}`.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    failed(&console, &desk, &id, String::new()).await
}

/// The product as it is, and what could not be done with it.
pub async fn failed(console: &Console, desk: &SignedIn, id: &str, failure: String) -> Result<Response, Problem> {
    let (product, currency) = find(console, desk, id).await?;
    let files = files::list(console, desk, id).await?;
    let mut within = Vec::new();
    if !product.contents.is_empty() {
        let wanted = BatchGetProductsRequest { ids: product.contents.clone(), ..BatchGetProductsRequest::default() };
        within = console.products.clone().batch_get_products(desk.ask(wanted)).await?.into_inner().products;
    }
    let draft = Draft::of(&product, &within, currency);
    let page = Page::of(desk, Some(product), draft, currency);
    Ok(Page { failure, files, ..page }.into_response())
}

/// `POST /console/products/{id}`: does what the button that was pressed says.
pub async fn change(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let (product, currency) = find(&console, &desk, &id).await?;
    let draft = Draft { kind: product.kind.clone(), ..Draft::read(&fields) };
    match carry_out(&console, &desk, (&product, &draft, currency), &fields).await {
        Ok(()) if fields.text("do") == "delete" => Ok(Redirect::to("/console/products").into_response()),
        Ok(()) => Ok(Redirect::to(&format!("/console/products/{id}")).into_response()),
        Err(status) => {
            let failure = complaint(status)?;
            let page = Page::of(&desk, Some(product), draft, currency);
            Ok(Page { failure, ..page }.into_response())
        }
    }
}

async fn carry_out(
    console: &Console,
    desk: &SignedIn,
    (product, draft, currency): (&Product, &Draft, Currency),
    fields: &Fields,
) -> Result<(), Status> {
    let (mut products, version, id) = (console.products.clone(), fields.text("version"), product.id.clone());
    let active = match fields.text("do").as_str() {
        "delete" => {
            products.delete_product(desk.ask_at(&version, DeleteProductRequest { id })).await?;
            return Ok(());
        }
        "activate" => true,
        "inactivate" => false,
        _ => {
            let contents = inside(console, desk, draft).await?;
            let wanted = draft.clone().update(id, contents, currency);
            products.update_product(desk.ask_at(&version, wanted)).await?;
            return Ok(());
        }
    };
    let wanted = UpdateProductRequest { id, active: Some(active), ..UpdateProductRequest::default() };
    products.update_product(desk.ask_at(&version, wanted)).await?;
    Ok(())
}

/// The products whose SKUs were typed; one that is not known is refused by the catalog, as what it is.
async fn inside(console: &Console, desk: &SignedIn, draft: &Draft) -> Result<Vec<String>, Status> {
    let skus = draft.inside();
    if skus.is_empty() || !matches!(draft.package.as_str(), "bundle" | "combo") {
        return Ok(Vec::new());
    }
    let wanted = BatchGetProductsRequest { skus: skus.clone(), ..BatchGetProductsRequest::default() };
    let found = console.products.clone().batch_get_products(desk.ask(wanted)).await?.into_inner().products;
    let id = |sku: String| found.iter().find(|product| product.sku == sku).map_or(sku, |product| product.id.clone());
    Ok(skus.into_iter().map(id).collect())
}
