//! All SQL of saved addresses. Commands lock the customer first, so that one at a time decides about the defaults; the
//! database holds that there is one of each kind.
use kit::ids::{AddressId, CustomerId, RealmId};
use sqlx::{PgConnection, PgExecutor, types::Json};

use super::SavedAddress;
use crate::Error;

/// The addresses of `customer`, the defaults first, then the newest.
pub async fn of_customer(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    customer: CustomerId,
) -> Result<Vec<SavedAddress>, Error> {
    let addresses = sqlx::query_as(
        "select * from customer_addresses where realm_id = $1 and customer_id = $2
         order by default_billing desc, default_shipping desc, updated_at desc, id desc",
    );
    Ok(addresses.bind(realm).bind(customer).fetch_all(db).await?)
}

/// Takes the defaults away from all addresses that are not the one to be it.
async fn clear_defaults(db: &mut PgConnection, next: &SavedAddress) -> Result<(), Error> {
    let clear = "update customer_addresses
                 set default_billing = default_billing and not $4, default_shipping = default_shipping and not $5,
                     version = version + 1
                 where realm_id = $1 and customer_id = $2 and id <> $3
                   and (default_billing and $4 or default_shipping and $5)";
    let clear = sqlx::query(clear).bind(next.realm).bind(next.customer).bind(next.id);
    clear.bind(next.default_billing).bind(next.default_shipping).execute(db).await?;
    Ok(())
}

/// Adds an address, which takes over the defaults that it is.
pub async fn insert(db: &mut PgConnection, address: &SavedAddress) -> Result<(), Error> {
    clear_defaults(&mut *db, address).await?;
    sqlx::query(
        "insert into customer_addresses (realm_id, id, customer_id, address, residential, default_billing,
                                         default_shipping, version, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(address.realm)
    .bind(address.id)
    .bind(address.customer)
    .bind(Json(&address.address))
    .bind(address.residential)
    .bind(address.default_billing)
    .bind(address.default_shipping)
    .bind(address.version)
    .bind(address.created_at)
    .bind(address.updated_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Writes an address, which takes over the defaults that it is.
pub async fn save(db: &mut PgConnection, address: &SavedAddress) -> Result<(), Error> {
    clear_defaults(&mut *db, address).await?;
    sqlx::query(
        "update customer_addresses set (address, residential, default_billing, default_shipping, version, updated_at)
         = ($3, $4, $5, $6, $7, $8) where realm_id = $1 and id = $2",
    )
    .bind(address.realm)
    .bind(address.id)
    .bind(Json(&address.address))
    .bind(address.residential)
    .bind(address.default_billing)
    .bind(address.default_shipping)
    .bind(address.version)
    .bind(address.updated_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes an address.
pub async fn delete(db: &mut PgConnection, realm: RealmId, id: AddressId) -> Result<(), Error> {
    let delete = sqlx::query("delete from customer_addresses where realm_id = $1 and id = $2");
    delete.bind(realm).bind(id).execute(db).await?;
    Ok(())
}
