//! All that is kept of a person, as JSON: what the lists of all services say (CU-15).
use chrono::{DateTime, Utc};
use holdings::Person;
use kit::{Call, Db, Tx, actor::Actor, audit::Entry, ids::CustomerId, permission::Permission};
use proto::base::v1::{GetPersonalDataRequest, PersonalTable};
use serde_json::{Map, Value};

use super::{peers::Peers, whom::Whom};
use crate::{
    Error, NAME,
    customer::{Customer, Scope, store, whose::whose},
    holdings::TABLES,
    key::Keys,
    record::{standing::is_of_network, told::record},
};

/// Whose data `actor` may have: customers their own in person, staff everybody's.
pub fn allowed(actor: &Actor, id: &str) -> Result<(Scope, CustomerId), Error> {
    actor.require_self()?;
    let (scope, customer) = whose(actor, id, &[Permission::CustomersRead, Permission::CustomersPii])?;
    if scope.store.is_some() && !is_of_network(actor) {
        return Err(Error::NetworkMembershipRequired);
    }
    Ok((scope, customer))
}

/// What all services keep of `customer`, at the moment `now`.
pub async fn gather(db: &Db, peers: &Peers, (customer, now): (&Customer, DateTime<Utc>)) -> Result<Value, Error> {
    let whom = Whom::of(customer);
    let person = whom.person(Person::unknown(customer.realm, customer.id, now));
    let mut connection = db.pool().acquire().await?;
    let own = holdings::export(&mut connection, TABLES, &person).await?;
    connection.finish();
    let asked = GetPersonalDataRequest {
        realm: customer.realm.into(),
        customer: customer.id.into(),
        emails: whom.emails,
        phones: whom.phones,
    };
    let others = peers.gather(&asked).await?;
    let all = [(NAME, own)].into_iter().chain(others);
    Ok(all.map(|(name, tables)| (name.to_owned(), rows(tables))).collect::<Map<_, _>>().into())
}

/// Records that `call` took somebody's data away.
pub async fn record_export(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (customer, now): (&Customer, DateTime<Utc>),
) -> Result<(), Error> {
    let entry = Entry::new("customer.exported", ("customer", customer.id), now);
    record(tx, (call, keys), customer, entry).await
}

/// The customer, as `scope` sees them.
pub async fn find(db: &Db, scope: Scope, customer: CustomerId) -> Result<Customer, Error> {
    Ok(store::find(db.pool(), scope, customer).await?.ok_or(Error::CustomerNotFound)?.customer)
}

fn rows(tables: Vec<PersonalTable>) -> Value {
    let read = |row: String| serde_json::from_str(&row).unwrap_or(Value::Null);
    let named = tables.into_iter().map(|table| (table.name, table.rows.into_iter().map(read).collect()));
    named.collect::<Map<_, _>>().into()
}
