//! Looking a shopper up in every customer base there is.
use kit::{Call, email::Email, ids::RealmId};
use proto::customers::v1::{FindShopperRequest, find_shopper_response::Record};

use super::shopper::is_open;
use crate::{Error, account::Desk, block, shop};

/// The records of this e-mail address, the same work for nobody.
pub async fn find(desk: &Desk, call: &Call, email: &Email) -> Result<Vec<Record>, Error> {
    let realms = shop::store::realms(desk.db.pool()).await?;
    let request = FindShopperRequest {
        email: email.entered().to_owned(),
        realms: realms.into_iter().map(String::from).collect(),
    };
    Ok(desk.persons.clone().find_shopper(call.trace(request)).await?.into_inner().records)
}

/// Those of `records` that the portal opens to whoever calls: the address or where they come from may be on the block
/// list of one of the customer bases (ID-26), which closes no other.
pub async fn open(desk: &Desk, call: &Call, email: &Email, records: Vec<Record>) -> Result<Vec<Record>, Error> {
    let realms: Vec<RealmId> = records.iter().filter_map(|record| record.realm.parse().ok()).collect();
    let from = (&*call.client().ip, email.canonical());
    let blocking = block::check::blocking((&desk.db, &desk.lookup), &realms, from, desk.clock.now()).await?;
    let blocking: Vec<String> = blocking.into_iter().map(String::from).collect();
    Ok(records.into_iter().filter(|record| is_open(record) && !blocking.contains(&record.realm)).collect())
}
