//! What tax the store charges (CA-11): a table in which every row is a form.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::catalog::v1::{
    CreateTaxRateRequest, DeleteTaxRateRequest, ListTaxRatesRequest, TaxRate, TaxTerms, UpdateTaxRateRequest,
};
use tonic::Status;

use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    team::{Fields, complaint},
    visit::SignedIn,
};

const PATH: &str = "/console/products/taxes";

struct Row {
    id: String,
    version: i64,
    terms: TaxTerms,
    /// In percent.
    percent: String,
}

impl Row {
    fn of(rate: TaxRate) -> Self {
        let terms = rate.terms.unwrap_or_default();
        let percent = format!("{}.{:02}", terms.rate / 100, terms.rate % 100);
        Self { id: rate.id, version: rate.version, terms, percent }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "catalog/taxes.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    writes: bool,
    failure: String,
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Response, Problem> {
    let found = console.tax_rates.clone().list_tax_rates(desk.ask(ListTaxRatesRequest {})).await?;
    let rows = found.into_inner().rates.into_iter().map(Row::of).collect();
    let writes = desk.session.may(Permission::CatalogWrite);
    Ok(Page { frame: Frame::of(&desk.visit), rows, writes, failure }.into_response())
}

/// `GET /console/products/taxes`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    page(&console, &desk, String::new()).await
}

/// `POST /console/products/taxes`: adds, saves or deletes, as the button says.
pub async fn manage(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    match carry_out(&console, &desk, &Fields::read(&body)).await {
        Ok(()) => Ok(Redirect::to(PATH).into_response()),
        Err(status) => page(&console, &desk, complaint(status)?).await,
    }
}

async fn carry_out(console: &Console, desk: &SignedIn, fields: &Fields) -> Result<(), Status> {
    let (mut rates, id, version) = (console.tax_rates.clone(), fields.text("id"), fields.text("version"));
    let terms = Some(terms(fields));
    match fields.text("do").as_str() {
        "delete" => drop(rates.delete_tax_rate(desk.ask_at(&version, DeleteTaxRateRequest { id })).await?),
        "save" => drop(rates.update_tax_rate(desk.ask_at(&version, UpdateTaxRateRequest { id, terms })).await?),
        _ => drop(rates.create_tax_rate(desk.ask(CreateTaxRateRequest { terms })).await?),
    }
    Ok(())
}

fn terms(fields: &Fields) -> TaxTerms {
    TaxTerms {
        name: fields.text("name"),
        country: fields.text("country").trim().to_uppercase(),
        region: fields.text("region"),
        // What is no percentage is refused by the catalog, which knows the bounds.
        rate: hundredths(&fields.text("rate")).unwrap_or(u32::MAX),
        included: fields.text("included") != "no",
        class: fields.text("class"),
        active: fields.text("active") != "no",
    }
}

/// Hundredths of a percent, from what somebody typed.
fn hundredths(text: &str) -> Option<u32> {
    let text = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = match part.len() {
        0 => 0,
        1 => part.parse::<u32>().ok()? * 10,
        2 => part.parse().ok()?,
        _ => return None,
    };
    whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-11: a percentage is read to its hundredth, never rounded.
    #[test]
    fn percentages_are_read_as_they_are_typed() {
        for (text, expected) in [
            ("19", Some(1_900)),
            ("7.7 %", Some(770)),
            ("8,25", Some(825)),
            ("0", Some(0)),
            ("8.255", None),
            ("", None),
            ("-1", None),
            ("x", None),
        ] {
            assert_eq!(hundredths(text), expected, "{text}");
        }
    }
}
