//! What customers see and change of their own.
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use proto::{
    customers::v1::{GetCustomerRequest, UpdateOwnProfileRequest},
    orders::v1::BrowseOwnOrdersRequest,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::customer::Customer;
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::Params},
    shape::Order,
};

/// Changes to one's own profile; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"name": "Jane Roe", "language": "en"}))]
pub struct Changes {
    /// Full name.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    /// Phone number; an empty one takes it away.
    #[serde(default)]
    #[schema(format = "phone", max_length = 40)]
    pub phone: Option<String>,
    /// BCP 47 language.
    #[serde(default)]
    #[schema(max_length = 35, pattern = "^([A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*)?$")]
    pub language: Option<String>,
    /// Whatever the shop wants to note.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub meta: Option<serde_json::Map<String, serde_json::Value>>,
}

/// One's own id, which `me` stands for. Anybody else is not to be found.
pub fn own(caller: &Caller, id: &str) -> Result<String, Problem> {
    let own = caller.actor()?.customer().map(String::from);
    let own = own.ok_or_else(|| Problem::unauthenticated("Sign in first, and send the token as Customer-Token."))?;
    if id == "me" || id == own {
        Ok(own)
    } else {
        Err(Problem::new(StatusCode::NOT_FOUND, "customer_not_found", "There is no such customer here."))
    }
}

/// One's own profile
#[utoipa::path(
    get, path = "/storefront/v1/customers/{id}", tag = "Customers",
    params(("id" = String, Path, description = "`me`, or one's own `cus_…`", pattern = "^(me|cus_[0-9a-f]{32})$", example = "me")),
    responses((status = 200, body = Customer), (status = 404, description = "`customer_not_found`: that is somebody else.")),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn get_profile(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Customer>, Problem> {
    let wanted = GetCustomerRequest { id: own(&caller, &id)? };
    Ok(Answer::<Customer>::of(peers.customers().get_customer(caller.ask(wanted)).await?).tagged())
}

/// Change one's own profile
#[utoipa::path(
    put, path = "/storefront/v1/customers/{id}", tag = "Customers",
    params(("id" = String, Path, description = "`me`, or one's own `cus_…`", pattern = "^(me|cus_[0-9a-f]{32})$", example = "me")),
    request_body = Changes,
    responses(
        (status = 200, body = Customer),
        (status = 404, description = "`customer_not_found`: that is somebody else."),
        (status = 403, description = "`impersonated`: this cannot be changed on behalf of a customer."),
        (status = 409, description = "`phone_taken`: the phone number belongs to another account."),
        (status = 412, description = "`stale_version`: the profile was changed in the meantime."),
        (status = 422, description = "`phone_signs_in`: a phone that signs in is changed by proving the new one.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn update_profile(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(changes): Body<Changes>,
) -> Result<Answer<Customer>, Problem> {
    own(&caller, &id)?;
    let Changes { name, phone, language, meta } = changes;
    let meta = meta.map(|meta| serde_json::Value::Object(meta).to_string());
    let wanted = UpdateOwnProfileRequest { name, phone, language, meta };
    Ok(Answer::<Customer>::of(peers.customers().update_own_profile(caller.ask(wanted)).await?).tagged())
}

/// One's own orders
///
/// Newest first, in this shop or network.
#[utoipa::path(
    get, path = "/storefront/v1/customers/orders", tag = "Customers",
    params(
        ("limit" = Option<u32>, Query, description = "rows wanted, 1 to 100", minimum = 1, maximum = 100, example = 25),
        ("offset" = Option<u32>, Query, description = "rows to skip, at most 10 000", maximum = 10_000, example = 0)
    ),
    responses((status = 200, body = Vec<Order>)),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn list_own_orders(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Answer<Vec<Order>>, Problem> {
    let wanted = BrowseOwnOrdersRequest { limit: params.limit()?, offset: params.number("offset")? };
    let found = peers.orders().browse_own_orders(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| found.orders.into_iter().map(Into::into).collect()))
}
