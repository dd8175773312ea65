//! Rows that figures are summed from, one for each fact, compared with the facts both ways: one form for all of them.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
    reconcile::{self, Claims, Place},
};
use proto::base::v1 as pb;
use sqlx::{PgExecutor, error::BoxDynError, postgres::PgArguments};
use uuid::Uuid;

use super::{person::People, totals};
use crate::Error;

/// A table of such rows, and a page of its facts by column.
pub trait Counted: Default {
    /// What tells of a fact.
    type Event;
    /// The kind of finding for a fact about somebody whom nobody knows, which stays uncounted.
    const UNKNOWN: &'static str;
    /// The kind of finding for a row without a fact.
    const STRAY: &'static str;
    /// Which facts are not as they are counted: `place`, `kind`, `id`, `realm_id`, `customer_id`, `counted_for`.
    const DIFFERING: &'static str;
    /// Counts every fact of a known customer as it is.
    const UPSERT: &'static str;
    /// A page of `$3` rows behind the place `$1`, `$2`: `realm_id`, `id`, `customer_id`.
    const PAGE: &'static str;
    /// Which of the rows `$1`, `$2` are counted: their number, `realm_id`, `id`, `customer_id`.
    const FOUND: &'static str;
    /// Counts the rows `$1`, `$2` no more.
    const DROP: &'static str;

    /// Adds a fact.
    fn push(&mut self, event: Self::Event) -> Result<(), Error>;

    /// Whom the facts are about: realms and customers, in the order of the facts.
    fn people(&self) -> (&[Uuid], &[Uuid]);

    /// The columns, as both statements about facts take them.
    fn arguments(&self) -> Result<PgArguments, BoxDynError>;

    /// An id as everybody else writes it.
    fn id(id: Uuid) -> String;
}

/// A fact that is not as it is counted, and whom it is counted for.
#[derive(sqlx::FromRow)]
struct Differing {
    place: i64,
    kind: String,
    id: Uuid,
    realm_id: Uuid,
    customer_id: Uuid,
    counted_for: Option<Uuid>,
}

/// Which facts are not counted, or not as they are; with a time to repair at, they are from now on.
pub async fn compare<T: Counted>(
    tx: &mut Tx,
    events: Vec<T::Event>,
    repair: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let mut facts = T::default();
    events.into_iter().try_for_each(|event| facts.push(event))?;
    if repair.is_some() {
        let (realms, customers) = facts.people();
        realms.iter().copied().zip(customers.iter().copied()).collect::<People>().lock(tx).await?;
    }
    let arguments = || facts.arguments().map_err(sqlx::Error::Encode);
    let found: Vec<Differing> = sqlx::query_as_with(T::DIFFERING, arguments()?).fetch_all(&mut **tx).await?;
    if let Some(now) = repair
        && !found.is_empty()
    {
        sqlx::query_with(T::UPSERT, arguments()?).execute(&mut **tx).await?;
        let people = found.iter().flat_map(|one| {
            [Some(one.customer_id), one.counted_for].into_iter().flatten().map(|id| (one.realm_id, id))
        });
        totals::restore(tx, &people.collect(), now).await?;
    }
    let told = |one: Differing| {
        let repaired = repair.is_some() && one.kind != T::UNKNOWN;
        reconcile::discrepancy(&one.kind, T::id(one.id), one.place, repaired)
    };
    Ok(found.into_iter().map(told).collect())
}

/// A page of the rows that are counted.
pub async fn claims<T: Counted>(
    db: impl PgExecutor<'_>,
    after: Place,
    limit: i64,
) -> Result<Vec<(Place, pb::Claim)>, Error> {
    let rows = sqlx::query_as(T::PAGE).bind(after.realm_id).bind(after.id).bind(limit).fetch_all(db).await?;
    let claim = |(realm_id, id, customer): (Uuid, Uuid, CustomerId)| {
        let realm = RealmId::from_uuid(realm_id);
        let about = String::new();
        (Place { realm_id, id }, pb::Claim { realm: realm.into(), id: T::id(id), customer: customer.into(), about })
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// Rows that are counted although nothing such happened; with a time to repair at, they are no more.
pub async fn withdraw<T: Counted>(
    tx: &mut Tx,
    claims: &Claims,
    repair: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let found: Vec<(i64, Uuid, Uuid, Uuid)> =
        sqlx::query_as(T::FOUND).bind(&claims.realms).bind(&claims.ids).fetch_all(&mut **tx).await?;
    if let Some(now) = repair {
        let people: People = found.iter().map(|(_, realm, _, customer)| (*realm, *customer)).collect();
        people.lock(tx).await?;
        sqlx::query(T::DROP).bind(&claims.realms).bind(&claims.ids).execute(&mut **tx).await?;
        totals::restore(tx, &people, now).await?;
    }
    let stray = |(place, _, id, _)| reconcile::discrepancy(T::STRAY, T::id(id), place, repair.is_some());
    Ok(found.into_iter().map(stray).collect())
}
