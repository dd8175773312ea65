//! All SQL of files of products.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::Clock,
    ids::{ProductFileId, ProductId, StoreId},
};
use sqlx::{FromRow, PgConnection, PgExecutor, Row, postgres::PgRow};
use uuid::Uuid;

use super::{ProductFile, Role};
use crate::Error;

impl FromRow<'_, PgRow> for ProductFile {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let role: &str = row.try_get("role")?;
        Ok(Self {
            store: row.try_get("store_id")?,
            id: row.try_get("id")?,
            product: row.try_get("product_id")?,
            role: if role == "image" { Role::Image } else { Role::File },
            position: row.try_get("position")?,
            name: row.try_get("name")?,
            media_type: row.try_get("media_type")?,
            size: row.try_get("size")?,
            digest: row.try_get("digest")?,
            bytes: row.try_get("bytes_id")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}

/// The files and images of a product: images first, each in their order.
pub async fn of_product(
    db: impl PgExecutor<'_>,
    store: StoreId,
    product: ProductId,
) -> Result<Vec<ProductFile>, Error> {
    let files = "select * from product_files where store_id = $1 and product_id = $2 order by role desc, position, id";
    Ok(sqlx::query_as(files).bind(store).bind(product).fetch_all(db).await?)
}

/// The files that are sold with any of these products, each product's in their order.
pub async fn sold_with(
    db: impl PgExecutor<'_>,
    (stores, products): (&[Uuid], &[Uuid]),
) -> Result<Vec<ProductFile>, Error> {
    let files = "select f.* from product_files f
                 join unnest($1::uuid[], $2::uuid[]) as w (store_id, product_id) using (store_id, product_id)
                 where f.role = 'file' order by f.position, f.id";
    Ok(sqlx::query_as(files).bind(stores).bind(products).fetch_all(db).await?)
}

/// A file of a product.
pub async fn find(
    db: impl PgExecutor<'_>,
    store: StoreId,
    (product, id): (ProductId, ProductFileId),
) -> Result<Option<ProductFile>, Error> {
    let file = "select * from product_files where store_id = $1 and product_id = $2 and id = $3";
    Ok(sqlx::query_as(file).bind(store).bind(product).bind(id).fetch_optional(db).await?)
}

/// An image of any store.
pub async fn find_image(db: impl PgExecutor<'_>, id: ProductFileId) -> Result<Option<ProductFile>, Error> {
    let image = "select * from product_files where id = $1 and role = 'image'";
    Ok(sqlx::query_as(image).bind(id).fetch_optional(db).await?)
}

/// Adds a file.
pub async fn insert(db: impl PgExecutor<'_>, file: &ProductFile) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into product_files (store_id, id, product_id, role, position, name, media_type, size, digest, bytes_id,
           created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    let sql = sql.bind(file.store).bind(file.id).bind(file.product).bind(file.role.slug()).bind(file.position);
    let sql = sql.bind(&file.name).bind(&file.media_type).bind(file.size).bind(&file.digest).bind(file.bytes);
    sql.bind(file.created_at).bind(file.updated_at).execute(db).await?;
    Ok(())
}

/// Writes what can change about a file, but for its place.
pub async fn update(db: impl PgExecutor<'_>, file: &ProductFile) -> Result<(), Error> {
    let sql = sqlx::query(
        "update product_files set name = $3, media_type = $4, size = $5, digest = $6, bytes_id = $7, updated_at = $8
         where store_id = $1 and id = $2",
    );
    let sql = sql.bind(file.store).bind(file.id).bind(&file.name).bind(&file.media_type).bind(file.size);
    sql.bind(&file.digest).bind(file.bytes).bind(file.updated_at).execute(db).await?;
    Ok(())
}

/// Puts files into this order.
pub async fn order(db: impl PgExecutor<'_>, store: StoreId, ids: &[ProductFileId]) -> Result<(), Error> {
    let order = "update product_files f set position = o.place from unnest($2::uuid[]) with ordinality as o (id, place)
                 where f.store_id = $1 and f.id = o.id";
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query(order).bind(store).bind(ids).execute(db).await?;
    Ok(())
}

/// Deletes a file; its bytes are somebody else's matter.
pub async fn delete(db: impl PgExecutor<'_>, store: StoreId, id: ProductFileId) -> Result<(), Error> {
    sqlx::query("delete from product_files where store_id = $1 and id = $2").bind(store).bind(id).execute(db).await?;
    Ok(())
}

/// How many bytes the files of a store have. Until the transaction ends nobody else adds any.
pub async fn room(tx: &mut Tx, store: StoreId) -> Result<i64, Error> {
    let alone = "select pg_advisory_xact_lock(hashtextextended('files ' || $1::uuid::text, 0))";
    sqlx::query(alone).bind(store).execute(&mut **tx).await?;
    let sum = "select coalesce(sum(size), 0)::bigint from product_files where store_id = $1";
    Ok(sqlx::query_scalar(sum).bind(store).fetch_one(&mut **tx).await?)
}

/// Says that `bytes` belong to nobody and go when they are `due`.
pub async fn loosen(db: &mut PgConnection, store: StoreId, bytes: &[Uuid], due: DateTime<Utc>) -> Result<(), Error> {
    let loosen =
        "insert into loose_product_bytes (store_id, bytes_id, due_at) select $1, b, $3 from unnest($2::uuid[]) b";
    sqlx::query(loosen).bind(store).bind(bytes).bind(due).execute(db).await?;
    Ok(())
}

/// Takes `bytes` over; `false` when they are gone, or about to go.
pub async fn take(db: impl PgExecutor<'_>, store: StoreId, bytes: Uuid) -> Result<bool, Error> {
    let take = "delete from loose_product_bytes where store_id = $1 and bytes_id = $2";
    Ok(sqlx::query(take).bind(store).bind(bytes).execute(db).await?.rows_affected() == 1)
}

/// Bytes that are due to go, locked; others at work are not waited for.
pub async fn due(db: &mut PgConnection, clock: &Clock) -> Result<Option<(StoreId, Uuid)>, Error> {
    let due = "select store_id, bytes_id from loose_product_bytes where due_at <= coalesce($1, statement_timestamp())
               order by due_at limit 1 for update skip locked";
    Ok(sqlx::query_as(due).bind(clock.shared()).fetch_optional(db).await?)
}

/// Leaves bytes that could not be removed for `later`.
pub async fn put_off(
    db: &mut PgConnection,
    (store, bytes): (StoreId, Uuid),
    later: DateTime<Utc>,
) -> Result<(), Error> {
    let put_off = "update loose_product_bytes set due_at = $3 where store_id = $1 and bytes_id = $2";
    sqlx::query(put_off).bind(store).bind(bytes).bind(later).execute(db).await?;
    Ok(())
}
