//! All that is kept of a shopper, wherever they are known (CU-15). Customers gathers it; identity speaks for them.
use kit::{Call, email::Email};
use proto::{customers::v1::ExportCustomerRequest, identity::v1::OwnData};

use super::{find, shopper::is_open};
use crate::{Error, account::Desk};

/// One entry for each record of theirs.
pub async fn export_shopper(desk: &Desk, call: &Call, email: &Email) -> Result<Vec<OwnData>, Error> {
    let mut records = Vec::new();
    for record in find(desk, call, email).await?.into_iter().filter(is_open) {
        let asked = call.trace(ExportCustomerRequest { id: record.customer.clone() });
        let json = desk.erasures.clone().export_customer(asked).await?.into_inner().json;
        records.push(OwnData { customer: record.customer, json });
    }
    Ok(records)
}
