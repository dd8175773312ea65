//! The records of one e-mail address in several customer bases, for the account portal (ID-15).
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    email::Email,
    ids::{CustomerId, RealmId, StoreId},
};
use proto::customers::v1::{FindShopperRequest, FindShopperResponse, find_shopper_response as pb};
use sqlx::PgExecutor;

use super::state::{Lifecycle, Registration, Standing};
use crate::{Error, fields::Fields};

/// A store that knows the person.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    realm_id: RealmId,
    id: CustomerId,
    lifecycle: Lifecycle,
    registration: Registration,
    status: Standing,
    store_id: Option<StoreId>,
    orders_count: Option<i64>,
    last_order_at: Option<DateTime<Utc>>,
    gifted_at: Option<DateTime<Utc>>,
}

/// Whose records, and where.
#[derive(Debug)]
pub struct FindShopper {
    email: Email,
    realms: Vec<RealmId>,
}

impl FindShopper {
    /// Reads a request.
    pub fn parse(request: &FindShopperRequest) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let email = fields.email("/email", &request.email);
        let realms = request.realms.iter().filter_map(|realm| fields.id("/realms", realm)).collect();
        fields.finish()?;
        Ok(Self { email: email.ok_or(Error::CustomerNotFound)?, realms })
    }
}

/// The records, also those that others with this address were merged into. One look into the indexes for each customer
/// base.
pub async fn find_shopper(db: impl PgExecutor<'_>, input: &FindShopper) -> Result<FindShopperResponse, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select c.realm_id, c.id, c.lifecycle, c.registration, c.status, s.store_id, s.orders_count, s.last_order_at,
           s.gifted_at
         from (select realm_id, id from customers
               where realm_id = any($1) and email_canonical = $2 and email_identifies
               union select realm_id, customer_id from email_aliases
               where realm_id = any($1) and email_canonical = $2) as found
         join customers c on c.realm_id = found.realm_id and c.id = found.id
         left join customer_stores s on s.realm_id = c.realm_id and s.customer_id = c.id
         order by c.realm_id, s.store_id",
    )
    .bind(input.realms.iter().map(|realm| realm.uuid()).collect::<Vec<_>>())
    .bind(input.email.canonical())
    .fetch_all(db)
    .await?;
    let mut records: Vec<pb::Record> = Vec::new();
    for row in rows {
        let realm = String::from(row.realm_id);
        let store = row.store_id.map(|store| pb::StoreRecord {
            store: store.into(),
            orders_count: row.orders_count.unwrap_or_default(),
            last_order_at: row.last_order_at.map(timestamp),
            gifted_at: row.gifted_at.map(timestamp),
        });
        match records.last_mut().filter(|record| record.realm == realm) {
            Some(record) => record.stores.extend(store),
            None => records.push(pb::Record {
                realm,
                customer: row.id.into(),
                lifecycle: row.lifecycle.slug().to_owned(),
                registration: row.registration.slug().to_owned(),
                status: row.status.slug().to_owned(),
                stores: store.into_iter().collect(),
            }),
        }
    }
    Ok(FindShopperResponse { records })
}
