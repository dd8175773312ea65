//! What the store takes off its prices (CA-5): offers and vouchers, each a page in which every row is a form.
use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use kit::{
    clock::{datetime, timestamp},
    money::Currency,
    permission::Permission,
};
use proto::{
    base::v1::PageRequest,
    catalog::v1::{
        BatchGetProductsRequest, GetPromotionRequest, ListPromotionsRequest, Promotion, PromotionTerms,
        ReplacePromotionRequest,
    },
};
use serde::Deserialize;
use tonic::Status;

use super::{amount, currency};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::url,
    team::{Fields, complaint},
    visit::SignedIn,
};

/// How moments stand in forms.
const MOMENT: &str = "%Y-%m-%dT%H:%M";

/// Which of the two a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// They come by themselves.
    Offers,
    /// They come by code.
    Vouchers,
}

impl Kind {
    const fn slug(self) -> &'static str {
        if matches!(self, Self::Offers) { "offer" } else { "voucher" }
    }

    fn path(self) -> String {
        format!("/console/products/promotions/{}s", self.slug())
    }
}

/// Which rows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    q: String,
    after: String,
}

/// A row as its form shows it; empty for a new one.
#[derive(Default)]
struct Row {
    id: String,
    version: i64,
    terms: PromotionTerms,
    percent: String,
    amount: String,
    minimum: String,
    products: String,
    starts: String,
    ends: String,
}

impl Row {
    fn of(promotion: Promotion, currency: Currency, skus: &HashMap<String, String>) -> Self {
        let terms = promotion.terms.unwrap_or_default();
        let written = |money: &Option<proto::base::v1::Money>| {
            money.as_ref().map(|money| amount::written(money.amount, currency)).unwrap_or_default()
        };
        let moment = |at: &Option<prost_types::Timestamp>| {
            at.as_ref().and_then(datetime).map(|at| at.format(MOMENT).to_string()).unwrap_or_default()
        };
        let named = |id: &String| skus.get(id).unwrap_or(id).clone();
        Self {
            id: promotion.id,
            version: promotion.version,
            percent: if terms.percent == 0 { String::new() } else { (f64::from(terms.percent) / 100.0).to_string() },
            amount: written(&terms.amount),
            minimum: written(&terms.minimum),
            products: terms.products.iter().map(named).collect::<Vec<_>>().join(", "),
            starts: moment(&terms.starts_at),
            ends: moment(&terms.ends_at),
            terms,
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "catalog/promotions.html")]
struct Page {
    frame: Frame,
    kind: Kind,
    rows: Vec<Row>,
    fresh: Row,
    query: String,
    next: String,
    currency: &'static str,
    writes: bool,
    failure: String,
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    (kind, wanted): (Kind, Wanted),
    failure: String,
) -> Result<Response, Problem> {
    let currency = currency(console, desk).await?;
    let request = ListPromotionsRequest {
        kind: kind.slug().to_owned(),
        query: wanted.q.clone(),
        page: Some(PageRequest { after: wanted.after, ..PageRequest::default() }),
    };
    let found = console.promotions.clone().list_promotions(desk.ask(request)).await?.into_inner();
    let skus = skus(console, desk, &found.promotions).await?;
    let rows = found.promotions.into_iter().map(|promotion| Row::of(promotion, currency, &skus)).collect();
    let next = found.page.map(|page| page.next).filter(|next| !next.is_empty());
    let page = Page {
        frame: Frame::of(&desk.visit),
        kind,
        rows,
        fresh: Row::default(),
        next: next.map(|next| url(&kind.path(), &[("q", &*wanted.q), ("after", &*next)])).unwrap_or_default(),
        query: wanted.q,
        currency: currency.code(),
        writes: desk.session.may(Permission::CatalogWrite),
        failure,
    };
    Ok(page.into_response())
}

/// The SKUs of the products that `promotions` name, by id.
async fn skus(
    console: &Console,
    desk: &SignedIn,
    promotions: &[Promotion],
) -> Result<HashMap<String, String>, Problem> {
    let mut ids: Vec<String> =
        promotions.iter().filter_map(|made| made.terms.as_ref()).flat_map(|terms| terms.products.clone()).collect();
    ids.sort();
    ids.dedup();
    let mut skus = HashMap::new();
    for ids in ids.chunks(200) {
        let request = BatchGetProductsRequest { ids: ids.to_vec(), ..BatchGetProductsRequest::default() };
        let found = console.products.clone().batch_get_products(desk.ask(request)).await?.into_inner().products;
        skus.extend(found.into_iter().map(|product| (product.id, product.sku)));
    }
    Ok(skus)
}

/// `GET /console/products/promotions/{kind}`.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Path(kind): Path<Kind>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    page(&console, &desk, (kind, wanted), String::new()).await
}

/// `POST /console/products/promotions/{kind}`: adds, saves or deletes, as the button says.
pub async fn manage(
    State(console): State<Console>,
    desk: SignedIn,
    Path(kind): Path<Kind>,
    body: String,
) -> Result<Response, Problem> {
    let (fields, currency) = (Fields::read(&body), currency(&console, &desk).await?);
    match carry_out(&console, &desk, (kind, currency), &fields).await {
        Ok(()) => Ok(Redirect::to(&kind.path()).into_response()),
        Err(status) => page(&console, &desk, (kind, Wanted::default()), complaint(status)?).await,
    }
}

async fn carry_out(
    console: &Console,
    desk: &SignedIn,
    (kind, currency): (Kind, Currency),
    fields: &Fields,
) -> Result<(), Status> {
    let (mut promotions, id, version) = (console.promotions.clone(), fields.text("id"), fields.text("version"));
    if fields.text("do") == "delete" {
        let named = GetPromotionRequest { id, kind: kind.slug().to_owned() };
        promotions.delete_promotion(desk.ask_at(&version, named)).await?;
        return Ok(());
    }
    let terms = PromotionTerms { products: products(console, desk, fields).await?, ..terms(kind, fields, currency)? };
    if fields.text("do") == "save" {
        let wanted = ReplacePromotionRequest { id, terms: Some(terms) };
        promotions.replace_promotion(desk.ask_at(&version, wanted)).await?;
    } else {
        promotions.create_promotion(desk.ask(terms)).await?;
    }
    Ok(())
}

/// The ids of the products that were named by their SKU.
async fn products(console: &Console, desk: &SignedIn, fields: &Fields) -> Result<Vec<String>, Status> {
    let named = fields.text("products");
    let skus: Vec<String> =
        named.split([',', ';', '\n']).map(str::trim).filter(|sku| !sku.is_empty()).map(str::to_owned).collect();
    if skus.is_empty() {
        return Ok(Vec::new());
    }
    let store = desk.session.actor.store.map(String::from).unwrap_or_default();
    let request = BatchGetProductsRequest { ids: Vec::new(), skus: skus.clone(), store };
    let found = console.products.clone().batch_get_products(desk.ask(request)).await?.into_inner().products;
    if let Some(unknown) = skus.iter().find(|sku| !found.iter().any(|product| product.sku == **sku)) {
        return Err(Status::failed_precondition(format!("no product has the SKU “{unknown}”")));
    }
    Ok(found.into_iter().map(|product| product.id).collect())
}

fn terms(kind: Kind, fields: &Fields, currency: Currency) -> Result<PromotionTerms, Status> {
    let number = |name: &str| fields.text(name).trim().parse::<u32>().unwrap_or_default();
    let code = if kind == Kind::Vouchers { fields.text("code") } else { String::new() };
    let name = Some(fields.text("name")).filter(|name| !name.trim().is_empty());
    Ok(PromotionTerms {
        name: name.unwrap_or_else(|| code.clone()),
        // An empty code would make an offer of a voucher.
        code: if kind == Kind::Vouchers && code.is_empty() { "?".to_owned() } else { code },
        percent: hundredths(&fields.text("percent"))?,
        amount: amount::read(&fields.text("amount"), currency),
        products: Vec::new(),
        min_quantity: number("min_quantity"),
        minimum: amount::read(&fields.text("minimum"), currency),
        starts_at: moment(&fields.text("starts"))?.map(timestamp),
        ends_at: moment(&fields.text("ends"))?.map(timestamp),
        active: fields.text("active") != "no",
        alone: fields.text("alone") == "yes",
        position: fields.text("position").trim().parse().unwrap_or_default(),
        max_uses: number("max_uses"),
        max_uses_per_customer: number("max_uses_per_customer"),
    })
}

/// A percentage as people type it.
fn hundredths(text: &str) -> Result<u32, Status> {
    let text = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    if text.is_empty() {
        return Ok(0);
    }
    let digits = format!("{whole}{part:0<2}");
    let number = (part.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok());
    number.flatten().ok_or_else(|| Status::failed_precondition("a percentage has at most two digits behind the point"))
}

fn moment(text: &str) -> Result<Option<DateTime<Utc>>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let moment = NaiveDateTime::parse_from_str(text, MOMENT);
    moment.map(|moment| Some(moment.and_utc())).map_err(|_| Status::failed_precondition("this is no date and time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-5: percentages are read as they are typed, and never rounded.
    #[test]
    fn percentages_are_read_as_they_are_typed() {
        for (text, expected) in [("10", 1_000), (" 12,5 % ", 1_250), ("0.05", 5), ("", 0), ("100", 10_000)] {
            assert_eq!(hundredths(text).ok(), Some(expected), "{text}");
        }
        for wrong in ["ten", "1.234", "-5", "1.2.3"] {
            assert!(hundredths(wrong).is_err(), "{wrong}");
        }
    }
}
