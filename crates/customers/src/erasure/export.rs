//! All that is kept of a person, as JSON: what the lists of all services say (CU-15).
use chrono::{DateTime, Utc};
use holdings::Person;
use kit::{Call, Db, Tx, actor::Actor, audit::Entry, denied::Denied, ids::CustomerId, permission::Permission};
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

/// Whose data `actor` may have: staff everybody's; services ask for shoppers, who have proven who they are.
pub async fn allowed(db: &Db, actor: &Actor, id: &str) -> Result<(Scope, CustomerId), Error> {
    if actor.is_system() {
        let customer = id.parse().map_err(|_| Error::CustomerNotFound)?;
        let realm = store::realm_of(db.pool(), customer).await?.ok_or(Error::CustomerNotFound)?;
        return Ok((Scope::realm(realm), customer));
    }
    if !actor.is_staff() {
        return Err(Denied::WrongCaller.into());
    }
    let (scope, customer) = whose(actor, id, &[Permission::CustomersRead, Permission::CustomersPii])?;
    if scope.store.is_some() && !is_of_network(actor) {
        return Err(Error::NetworkMembershipRequired);
    }
    Ok((scope, customer))
}

/// What all services keep of `customer`, at the moment `now`; `for_them` also what the house itself, and no
/// store, has sent them.
pub async fn gather(
    (db, peers): (&Db, &Peers),
    (customer, now): (&Customer, DateTime<Utc>),
    for_them: bool,
) -> Result<Value, Error> {
    let mut whom = Whom::of(customer);
    whom.emails.extend(store::aliases(db.pool(), customer.realm, customer.id).await?);
    let person = whom.person(Person::unknown(customer.realm, customer.id, now));
    let mut connection = db.pool().acquire().await?;
    let own = holdings::export(&mut connection, TABLES, &person).await?;
    connection.finish();
    let asked = GetPersonalDataRequest {
        realm: customer.realm.into(),
        customer: customer.id.into(),
        emails: whom.emails,
        phones: whom.phones,
        own: for_them,
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
    if call.actor()?.is_system() {
        return Ok(()); // a shopper has their own
    }
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
