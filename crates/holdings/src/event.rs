//! Hears that somebody was erased.
use kit::{
    Error, Tx,
    clock::{self, Clock},
    inbox::Event,
};
use proto::customers::v1::CustomerErased;

/// Takes note of the erasure that `event` tells of, for [`crate::work`] to carry out; whether it told of one. Repeatable.
pub async fn hear(tx: &mut Tx, event: &Event, clock: &Clock) -> Result<bool, Error> {
    match event.read::<CustomerErased>()? {
        Some(told) => note(tx, &told, clock).await.map(|()| true),
        None => Ok(false),
    }
}

/// Takes note of an erasure. Repeatable.
pub async fn note(tx: &mut Tx, told: &CustomerErased, clock: &Clock) -> Result<(), Error> {
    let unreadable = |e: kit::ids::InvalidId| Error::Internal(format!("CustomerErased cannot be read: {e}"));
    let realm: kit::ids::RealmId = told.realm.parse().map_err(unreadable)?;
    let customer: kit::ids::CustomerId = told.customer.parse().map_err(unreadable)?;
    let at = told.at.as_ref().and_then(clock::datetime).unwrap_or_else(|| clock.now());
    sqlx::query(
        "insert into erasures (realm_id, customer_id, job_id, at, next_look_at)
         values ($1, $2, $3, $4, coalesce($5, statement_timestamp())) on conflict do nothing",
    )
    .bind(realm)
    .bind(customer)
    .bind(&told.job)
    .bind(at)
    .bind(clock.shared())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
