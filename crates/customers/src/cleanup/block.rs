//! Keeps out what removed accounts were made with, once they are gone: the list of theirs is written with their removal and
//! dropped when identity has it, so that nobody is kept out who stays, and nobody forgotten who went.
use std::collections::BTreeSet;

use chrono::TimeDelta;
use kit::{Error as KitError, Tx, clock::timestamp};
use proto::identity::v1::{AddBlocksRequest, add_blocks_request::Value};

use super::store::{self, Cleanup};
use crate::{
    Error,
    account::{Kind, facts::Facts},
    bulk::{store::Bulk, work::Worker},
};

/// Purpose that the list is sealed for.
const PURPOSE: &str = "removed-accounts";

/// Writes down what these accounts were made with, as far as it is to be kept out.
pub async fn note(
    worker: &Worker,
    tx: &mut Tx,
    (bulk, cleanup): (&Bulk, &Cleanup),
    gone: &[Facts],
) -> Result<(), Error> {
    if gone.is_empty() || !cleanup.blocking().is_asked() {
        return Ok(());
    }
    let emails: Vec<&str> = gone.iter().map(|facts| facts.email.as_str()).collect();
    let emails = serde_json::to_vec(&emails).map_err(|error| KitError::Internal(error.to_string()))?;
    store::note_gone(tx, bulk, &worker.secrets.seal(PURPOSE, bulk.job.uuid().as_bytes(), &emails)).await
}

/// Has identity keep out what was written down last. Repeatable.
pub async fn block(worker: &Worker, bulk: &Bulk) -> Result<(), Error> {
    let Some(cleanup) = store::find(worker.db.pool(), bulk).await? else { return Ok(()) };
    let Some(sealed) = &cleanup.gone else { return Ok(()) };
    // One that cannot be opened, after a change of the secret, is lost: the accounts are gone all the same.
    let opened = worker.secrets.open(PURPOSE, bulk.job.uuid().as_bytes(), sealed).unwrap_or_default();
    let emails: Vec<String> = serde_json::from_slice(&opened).unwrap_or_default();
    let values = values(worker, (bulk, &cleanup), &emails).await?;
    if !values.is_empty() {
        let days = cleanup.blocking().days;
        let until = (days > 0).then(|| worker.clock.now() + TimeDelta::days(days.into()));
        let request = AddBlocksRequest {
            realm: bulk.realm.into(),
            values,
            reason: bulk.change().reason,
            created_by: bulk.asked_by(),
            expires_at: until.map(timestamp),
        };
        worker.witnesses.block(request).await?;
    }
    store::forget_gone(worker.db.pool(), bulk, sealed).await
}

/// What is kept out: a domain only where nobody else is, who may have nothing to do with it.
async fn values(worker: &Worker, (bulk, cleanup): (&Bulk, &Cleanup), emails: &[String]) -> Result<Vec<Value>, Error> {
    let value = |kind: &str, value: &str| Value { kind: kind.to_owned(), value: value.to_owned() };
    let blocking = cleanup.blocking();
    let mut values: Vec<Value> = emails.iter().filter(|_| blocking.emails).map(|email| value("email", email)).collect();
    if blocking.domains && cleanup.kind == Kind::Spam {
        let domains: BTreeSet<&str> = emails.iter().filter_map(|email| Some(email.rsplit_once('@')?.1)).collect();
        for domain in domains {
            if !store::is_anybody_at(worker.db.pool(), bulk.realm, domain).await? {
                values.push(value("domain", domain));
            }
        }
    }
    Ok(values)
}
