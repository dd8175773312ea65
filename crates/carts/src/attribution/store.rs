//! All SQL of what brought carts about, but for carts themselves.
use kit::ids::StaffId;
use sqlx::PgExecutor;

use crate::{Error, cart::Cart};

/// Has `agent` be who works on an open cart, unless somebody is; whether they are, by this.
pub async fn engage(db: impl PgExecutor<'_>, cart: &Cart, agent: StaffId) -> Result<bool, Error> {
    let engaged = sqlx::query(
        "update carts set attribution = attribution || jsonb_build_object('agent', $3::text), version = version + 1
         where realm_id = $1 and id = $2 and status = 'open' and (attribution ->> 'agent') is null",
    );
    let engaged = engaged.bind(cart.realm).bind(cart.id).bind(String::from(agent)).execute(db).await?;
    Ok(engaged.rows_affected() == 1)
}
