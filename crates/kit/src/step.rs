//! A service's part of something that all services do, such as a merge or an erasure.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use proto::base::v1::StepDone;

use crate::{
    Tx,
    clock::timestamp,
    ids::{JobId, RealmId},
    outbox,
};

/// Says in `tx` that this service has done its part of `job`, and how many things of each kind it saw to.
pub fn done(tx: &mut Tx, realm: RealmId, job: JobId, counts: &[(&str, u64)], now: DateTime<Utc>) {
    let counts = counts.iter().map(|(kind, count)| ((*kind).to_owned(), i64::try_from(*count).unwrap_or(i64::MAX)));
    let done = StepDone {
        realm: realm.into(),
        job: job.into(),
        service: tx.service().to_owned(),
        counts: counts.collect::<HashMap<_, _>>(),
        at: Some(timestamp(now)),
    };
    outbox::publish(tx, &done);
}
