//! All SQL of segments.
use kit::{
    db::on_unique,
    ids::{RealmId, SegmentId},
};
use prost::Message;
use proto::base::v1::Filter;
use sqlx::{
    Decode, Encode, PgConnection, PgExecutor, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef},
    types::Uuid,
};

use super::{Segment, segment::place};
use crate::{Error, customer::Scope};

/// A filter as it is kept: in the contract's own encoding.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree(pub Filter);

impl Type<Postgres> for Tree {
    fn type_info() -> PgTypeInfo {
        <Vec<u8> as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Tree {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <Vec<u8> as Encode<Postgres>>::encode(self.0.encode_to_vec(), buffer)
    }
}

impl Decode<'_, Postgres> for Tree {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(Filter::decode(<Vec<u8> as Decode<Postgres>>::decode(value)?.as_slice())?))
    }
}

/// The places whose segments `scope` has: its own, and that of the whole customer base.
fn places(scope: Scope) -> Vec<Uuid> {
    vec![place(scope), scope.realm.uuid()]
}

/// The segments that `scope` has, by name.
pub async fn of_scope(db: impl PgExecutor<'_>, scope: Scope) -> Result<Vec<Segment>, Error> {
    let segments = "select * from segments where realm_id = $1 and place_id = any($2) order by lower(name), id";
    Ok(sqlx::query_as(segments).bind(scope.realm).bind(places(scope)).fetch_all(db).await?)
}

/// Those of `ids` that `scope` has.
pub async fn find(db: impl PgExecutor<'_>, scope: Scope, ids: &[SegmentId]) -> Result<Vec<Segment>, Error> {
    let found = sqlx::query_as("select * from segments where realm_id = $1 and id = any($2) and place_id = any($3)");
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    Ok(found.bind(scope.realm).bind(ids).bind(places(scope)).fetch_all(db).await?)
}

/// A segment that `scope` has, locked until the transaction ends.
pub async fn lock(db: &mut PgConnection, scope: Scope, id: SegmentId) -> Result<Option<Segment>, Error> {
    let found =
        sqlx::query_as("select * from segments where realm_id = $1 and id = $2 and place_id = any($3) for update");
    Ok(found.bind(scope.realm).bind(id).bind(places(scope)).fetch_optional(db).await?)
}

/// How many belong to `place` itself.
pub async fn count(db: impl PgExecutor<'_>, realm: RealmId, place: Uuid) -> Result<i64, Error> {
    let count = "select count(*) from segments where realm_id = $1 and place_id = $2";
    Ok(sqlx::query_scalar(count).bind(realm).bind(place).fetch_one(db).await?)
}

/// Adds a segment.
pub async fn insert(db: &mut PgConnection, segment: &Segment) -> Result<(), Error> {
    sqlx::query(
        "insert into segments (realm_id, id, place_id, name, filter, personal, version, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(segment.realm)
    .bind(segment.id)
    .bind(segment.place)
    .bind(&segment.name)
    .bind(&segment.tree)
    .bind(segment.personal)
    .bind(segment.version)
    .bind(segment.created_at)
    .bind(segment.updated_at)
    .execute(db)
    .await
    .map_err(on_unique("segments_name_key", || Error::SegmentNameTaken))?;
    Ok(())
}

/// Keeps what a segment is since.
pub async fn save(db: &mut PgConnection, segment: &Segment) -> Result<(), Error> {
    sqlx::query(
        "update segments set name = $3, filter = $4, personal = $5, version = $6, updated_at = $7
         where realm_id = $1 and id = $2",
    )
    .bind(segment.realm)
    .bind(segment.id)
    .bind(&segment.name)
    .bind(&segment.tree)
    .bind(segment.personal)
    .bind(segment.version)
    .bind(segment.updated_at)
    .execute(db)
    .await
    .map_err(on_unique("segments_name_key", || Error::SegmentNameTaken))?;
    Ok(())
}

/// Drops a segment.
pub async fn delete(db: &mut PgConnection, segment: &Segment) -> Result<(), Error> {
    let delete = sqlx::query("delete from segments where realm_id = $1 and id = $2");
    delete.bind(segment.realm).bind(segment.id).execute(db).await?;
    Ok(())
}
