//! All that is kept of a person.
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::problem::Problem;

/// All that is kept of a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41",
    "data": {"customers": {"customers": [{"name": "Jane Doe", "email": "jane@example.com"}], "customer_notes": []}},
}))]
pub struct PersonalData {
    /// `cus_…`.
    pub customer: String,
    /// Of each service its tables, of each table its rows.
    #[schema(value_type = Object)]
    pub data: Map<String, Value>,
}

impl PersonalData {
    /// Of `customer`, as customers gathered it.
    pub fn of(customer: String, json: &str) -> Result<Self, Problem> {
        let data = serde_json::from_str(json).map_err(|_| Problem::defect("an export cannot be read"))?;
        Ok(Self { customer, data })
    }
}
