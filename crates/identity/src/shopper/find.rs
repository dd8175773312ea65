//! Looking a shopper up in every customer base there is.
use kit::{Call, email::Email};
use proto::customers::v1::{FindShopperRequest, find_shopper_response::Record};

use crate::{Error, account::Desk, shop};

/// The records of this e-mail address, the same work for nobody.
pub async fn find(desk: &Desk, call: &Call, email: &Email) -> Result<Vec<Record>, Error> {
    let realms = shop::store::realms(desk.db.pool()).await?;
    let request = FindShopperRequest {
        email: email.entered().to_owned(),
        realms: realms.into_iter().map(String::from).collect(),
    };
    Ok(desk.persons.clone().find_shopper(call.trace(request)).await?.into_inner().records)
}
