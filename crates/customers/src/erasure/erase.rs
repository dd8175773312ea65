//! Erases a person: record, key and all that hangs on them at once, and what other services keep as a job.
use chrono::{DateTime, Utc};
use holdings::Person;
use kit::{
    Call, Tx,
    actor::Actor,
    audit::{self, Entry},
    clock::{Clock, timestamp},
    ids::{CustomerId, RealmId},
    outbox,
    secret::Secrets,
};
use proto::customers::v1::{CustomerErased, EraseCustomerRequest};
use sqlx::PgExecutor;

use super::{
    store,
    whom::{Id, Whom},
};
use crate::{
    Error,
    customer::{Customer, Scope, store as customers},
    fields::Fields,
    holdings::TABLES,
    job::{self, Job, Kind, NewJob, Step, record_step},
    key::destroy_key,
    record::standing::is_of_network,
};

/// Who takes part.
const SERVICES: &[&str] = &["customers", "identity", "carts", "orders", "notifications", "reviews"];

/// Whom to erase, and why.
#[derive(Clone, Debug)]
pub struct EraseCustomer {
    scope: Scope,
    pub(super) customer: CustomerId,
    /// Whether the id was typed in once more.
    confirmed: bool,
    reason: String,
    now: DateTime<Utc>,
}

impl EraseCustomer {
    /// Reads a request by `actor`. In a network it takes a membership of the network (ID-21).
    pub fn parse(request: &EraseCustomerRequest, actor: &Actor, now: DateTime<Utc>) -> Result<Self, Error> {
        let scope = Scope::of(actor)?;
        if scope.store.is_some() && !is_of_network(actor) {
            return Err(Error::NetworkMembershipRequired);
        }
        let customer = request.id.parse().map_err(|_| Error::CustomerNotFound)?;
        let mut fields = Fields::default();
        let reason = fields.line("/reason", &request.reason, 500);
        if reason.is_empty() {
            fields.fault("/reason", "required", "say why");
        }
        fields.finish()?;
        Ok(Self { scope, customer, confirmed: request.confirm == request.id, reason, now })
    }

    /// The same of the record that the id stands for, if it was merged.
    pub async fn known(self, db: impl PgExecutor<'_>) -> Result<Self, Error> {
        let kept = customers::kept(db, self.scope.realm, self.customer).await?;
        Ok(Self { customer: kept.unwrap_or(self.customer), ..self })
    }

    /// Whose data.
    #[must_use]
    pub const fn id(&self) -> Id {
        (self.scope.realm, self.customer)
    }
}

/// The job, begun; the one there is when they were erased before.
pub async fn erase_customer(
    tx: &mut Tx,
    (call, secrets, clock): (&Call, &Secrets, &Clock),
    input: EraseCustomer,
) -> Result<Job, Error> {
    let Some(customer) = customers::lock_in(tx, input.scope, input.customer).await? else {
        let job = store::job_of(&mut **tx, input.id()).await?.ok_or(Error::CustomerNotFound)?;
        return job::find(&mut **tx, input.scope.realm, job).await?.ok_or(Error::CustomerNotFound);
    };
    // Only now: whoever may not know of the customer hears of nothing else.
    if !input.confirmed {
        return Err(Error::ConfirmationMismatch);
    }
    call.check_version(customer.version)?;
    let aliases = customers::aliases(&mut **tx, customer.realm, customer.id).await?;
    let nobody = Person::unknown(customer.realm, customer.id, input.now);
    if Whom::ever(&customer, aliases).person(nobody).is_named_in(&input.reason) {
        return Err(Error::ReasonNamesCustomer);
    }
    let job = forget(tx, (secrets, clock), &customer, call.actor()?.subject.clone()).await?;
    // In the clear: it names nothing that the record had, and a key that would open it is gone.
    let entry = Entry::new("customer.erased", ("customer", customer.id), input.now).because(input.reason);
    audit::record(tx, call, entry)?;
    Ok(job)
}

/// Erases somebody who asked for it by closing their account; `None` when they are gone already.
pub async fn erase_closed(
    tx: &mut Tx,
    (secrets, clock): (&Secrets, &Clock),
    (realm, customer): Id,
) -> Result<Option<Job>, Error> {
    store::forget_closure(&mut **tx, (realm, customer)).await?;
    let closed = customers::lock(tx, realm, customer).await?;
    // Whoever has come back meanwhile has another account, and keeps their record.
    // And a record that was merged has become another, which nobody closed.
    let closed = closed.filter(|known| !known.is_registered() && known.id == customer);
    let Some(customer) = closed else { return Ok(None) };
    let job = forget(tx, (secrets, clock), &customer, String::from(customer.id)).await?;
    let entry = Entry::new("customer.erased", ("customer", customer.id), clock.now()).within(realm, None);
    audit::record_own(tx, entry.because("the customer closed the account"));
    Ok(Some(job))
}

/// Forgets a person and has the others forget them.
async fn forget(
    tx: &mut Tx,
    (secrets, clock): (&Secrets, &Clock),
    customer: &Customer,
    created_by: String,
) -> Result<Job, Error> {
    let (realm, id, now) = (customer.realm, customer.id, clock.now());
    let mut whom = Whom::of(customer);
    whom.emails.extend(customers::aliases(&mut **tx, realm, id).await?);
    let new = NewJob { realm, kind: Kind::Erasure, customer: id, services: SERVICES, created_by, now };
    let job = job::begin(tx, new).await?;
    let counts = holdings::erase(tx, TABLES, &whom.person(Person::unknown(realm, id, now))).await?;
    destroy_key(tx, realm, id, now).await?;
    store::insert(tx, (realm, id), (job.id, whom.seal(secrets, id)?), now).await?;
    let own = Step { realm, job: job.id, service: crate::NAME.to_owned(), counts, at: now };
    record_step(tx, own, now).await?;
    let erased =
        CustomerErased { realm: realm.into(), job: job.id.into(), customer: id.into(), at: Some(timestamp(now)) };
    holdings::note(tx, &erased, clock).await?;
    outbox::publish(tx, &erased);
    job::find(&mut **tx, realm, job.id).await?.ok_or(Error::JobNotFound)
}

/// Who was erased, as long as a service may still have to know.
pub async fn get_erased(
    db: impl PgExecutor<'_>,
    secrets: &Secrets,
    (realm, customer): (RealmId, CustomerId),
) -> Result<Whom, Error> {
    match store::whom(db, (realm, customer)).await? {
        // One that cannot be opened, after a change of the secret, is nobody: the rest goes by the id.
        Some(sealed) => Ok(Whom::open(secrets, customer, &sealed).unwrap_or_default()),
        None => Ok(Whom::default()),
    }
}

/// The job is done: nobody needs to know any more who it was.
pub async fn finish(tx: &mut Tx, job: &Job) -> Result<(), Error> {
    match (job.kind, job.customer) {
        (Kind::Erasure, Some(customer)) => store::forget_whom(&mut **tx, (job.realm, customer)).await,
        _ => Ok(()),
    }
}
