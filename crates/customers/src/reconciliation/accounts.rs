//! Accounts, compared with the records that are marked registered (ID-1). A registered record without an account is no
//! fault: people who were taken over from elsewhere are registered before they first sign in.
use chrono::{DateTime, Utc};
use kit::{Tx, reconcile};
use proto::{base::v1 as pb, identity::v1::CustomerRegistered};

use crate::{Error, activity::registration::record_registration, consumer};

/// Which accounts have a record that is still a guest's, or none. Who nobody knows stays unknown.
pub async fn compare(
    tx: &mut Tx,
    events: &[CustomerRegistered],
    repair: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let column = |id: fn(&CustomerRegistered) -> &str| events.iter().map(move |event| reconcile::required(id(event)));
    let realms: Result<Vec<_>, _> = column(|event| &event.realm).collect();
    let customers: Result<Vec<_>, _> = column(|event| &event.customer).collect();
    let found: Vec<(i64, String)> = sqlx::query_as(
        "select f.place, case when c.id is null then 'account_of_unknown_customer' else 'guest_with_account' end
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.id
         where c.registration is distinct from 'registered'
           and not exists (select from erased_customers e where e.realm_id = f.realm_id and e.id = f.id)
         order by f.place",
    )
    .bind(realms?)
    .bind(customers?)
    .fetch_all(&mut **tx)
    .await?;
    let mut all = Vec::with_capacity(found.len());
    for (place, kind) in found {
        let Some(event) = usize::try_from(place - 1).ok().and_then(|place| events.get(place)) else { continue };
        let repaired = match repair {
            Some(now) if kind == "guest_with_account" => {
                record_registration(tx, consumer::registration(event)?, now).await?;
                true
            }
            _ => false,
        };
        all.push(reconcile::discrepancy(&kind, &*event.customer, place, repaired));
    }
    Ok(all)
}
