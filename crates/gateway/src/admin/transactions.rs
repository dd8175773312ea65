//! The ledger (OR-4).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::orders::v1::{self as pb, EnterTransactionRequest, ListTransactionsRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    list_query::{Filters, Pages, Totals},
    refunds::GivenAmount,
};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, Money, Place, Transaction},
};

/// The routes about the ledger.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_transactions))
        .routes(routes!(list_customer_transactions))
        .routes(routes!(enter_transaction))
}

/// What the ledger can be asked for.
pub const OFFER: Offer = &[Extra::Filters, Extra::Total];

/// A page of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ledger {
    /// The entries.
    pub data: Vec<Transaction>,
    /// Where the page stands.
    pub page: Place,
    /// With `include=total`: what all succeeded entries come to that were asked for, by currency. Left out when there are
    /// more of them than are counted; a narrower filter tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sums: Vec<Sum>,
}

/// What entries of a currency come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerSum)]
pub struct Sum {
    /// Payments and captures.
    pub captured: Money,
    /// Refunds.
    pub refunded: Money,
    /// The one less the other.
    pub net: Money,
}

impl From<pb::ListTransactionsResponse> for Ledger {
    fn from(found: pb::ListTransactionsResponse) -> Self {
        let money = |money: Option<_>| money.map(Money::from).unwrap_or_default();
        let sum = |sum: pb::LedgerSum| Sum {
            captured: money(sum.captured),
            refunded: money(sum.refunded),
            net: money(sum.net),
        };
        Self {
            data: found.transactions.into_iter().map(Into::into).collect(),
            page: found.page.unwrap_or_default().into(),
            sums: found.sums.into_iter().map(sum).collect(),
        }
    }
}

/// An entry to make by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "type": "payment", "amount": {"amount": 100, "currency": "EUR"}, "method": "cash", "reference": "T-1042",
    "reason": "Paid at the counter.",
}))]
pub struct NewTransaction {
    /// What about.
    #[serde(rename = "type")]
    #[schema(pattern = "^(authorization|capture|payment|refund|void)$")]
    pub kind: String,
    /// How much.
    pub amount: GivenAmount,
    /// How it came or went.
    #[schema(pattern = "^(cash|transfer|card|cheque|other)$")]
    pub method: String,
    /// What the bank or the till calls it.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z0-9./#_-]{0,64}$")]
    pub reference: Option<String>,
    /// Why it is made by hand, 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
}

async fn ledger(peers: &Peers, caller: &Caller, customer: String, wanted: Wanted) -> Result<Answer<Ledger>, Problem> {
    let Wanted { filter, page, .. } = wanted;
    let wanted = ListTransactionsRequest { customer, filter, page: Some(page) };
    Ok(Answer::of(peers.transactions().list_transactions(caller.ask(wanted)).await?))
}

/// The newest entries of `customer`.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<Transaction>>, Problem> {
    let found = ledger(peers, caller, customer, wanted).await?;
    Ok(found.map(|Ledger { data, page, .. }| List { data, page, searched: Vec::new() }))
}

/// Transactions
///
/// The ledger of all orders, newest first: payments, refunds, and what was tried in vain. Nothing in it ever changes.
#[utoipa::path(
    get, path = "/admin/v1/transactions", tag = "Orders", params(Pages, Totals, Filters),
    responses((status = 200, body = Ledger)),
    extensions(("x-permission" = json!([Permission::OrdersRead.slug()])))
)]
async fn list_transactions(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<Ledger>, Problem> {
    ledger(&peers, &caller, String::new(), Wanted::read(params, OFFER)?).await
}

/// A customer's transactions
///
/// Takes the same as the list of transactions.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/transactions", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        Pages, Totals, Filters
    ),
    responses((status = 200, body = Ledger), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::OrdersRead.slug()])))
)]
async fn list_customer_transactions(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<Ledger>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    let known = super::profile::customer(&peers, &caller, id.clone());
    let (_, found) = tokio::try_join!(known, ledger(&peers, &caller, id, wanted))?;
    Ok(found)
}

/// Make an entry by hand
///
/// For money that moved outside of any gateway. What is paid of the order follows from the sums of its entries; no more is
/// refunded by hand than came in, and only by those with `orders.refund`.
#[utoipa::path(
    post, path = "/admin/v1/orders/{id}/transactions", tag = "Orders", request_body = NewTransaction,
    params(
        ("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer. Nothing is done without it.", example = "7f8d0e1c-entry-1042")
    ),
    responses(
        (status = 201, body = Transaction),
        (status = 404, description = "`order_not_found`: there is no such order."),
        (status = 412, description = "`stale_version`: the order was changed in the meantime."),
        (status = 422, description = "`refund_too_large`: less is left. | `currency_mismatch`: the order is in another currency.")
    ),
    extensions(("x-permission" = json!([Permission::TransactionsWrite.slug()])))
)]
async fn enter_transaction(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(order): Path<String>,
    Body(new): Body<NewTransaction>,
) -> Result<Answer<Transaction>, Problem> {
    let wanted = EnterTransactionRequest {
        order,
        r#type: new.kind,
        amount: Some(new.amount.into()),
        method: new.method,
        reference: new.reference.unwrap_or_default(),
        reason: new.reason,
    };
    let made = peers.transactions().enter_transaction(caller.ask(wanted)).await?;
    Ok(Answer::<Transaction>::of(made).status(StatusCode::CREATED))
}
