//! Two records of customers became one (CU-13): what signs the one in that is gone signs the other in, and its sessions end
//! (ID-10), so that whoever held one shows again who they are.
use chrono::{DateTime, Utc};
use holdings::merged::Merge;
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
};

use crate::{Error, session::shut_out::shut_out};

/// What moves as it is.
const MOVES: [(&str, &str); 3] = [
    ("addresses", "update shoppers set customer_id = $3 where realm_id = $1 and customer_id = $2"),
    ("providers", "update provider_accounts set customer_id = $3 where realm_id = $1 and customer_id = $2"),
    ("devices", "update devices set customer_id = $3 where realm_id = $1 and customer_id = $2"),
];

/// Has all that signs in follow `merge`, heard of at `now`; whether the `phone` that signs in is the one of the record
/// that is gone. Repeatable.
pub async fn follow_merge(tx: &mut Tx, merge: &Merge, phone: bool, now: DateTime<Utc>) -> Result<(), Error> {
    let kept = merge.follow(tx).await?;
    let ended = shut_out(tx, merge.realm, merge.gone, now).await?;
    let accounts = move_account(tx, (merge.realm, merge.gone, kept), phone).await?;
    let mut counts = vec![("sessions_ended", ended.len() as u64), ("accounts", accounts)];
    for (kind, sql) in MOVES {
        let moved = sqlx::query(sql).bind(merge.realm).bind(merge.gone).bind(kept).execute(&mut **tx).await?;
        counts.push((kind, moved.rows_affected()));
    }
    merge.done(tx, crate::NAME, &counts, now);
    Ok(())
}

/// One account is made of two: the password stays that of the record that was kept, unless it has none.
async fn move_account(
    tx: &mut Tx,
    (realm, gone, kept): (RealmId, CustomerId, CustomerId),
    phone: bool,
) -> Result<u64, Error> {
    let moved = sqlx::query(
        "with gone as (delete from customer_credentials where realm_id = $1 and customer_id = $2 returning *)
         insert into customer_credentials as known
           (realm_id, customer_id, password_hash, phone_hash, registered_at, last_login_at, used_at, ip,
            agent)
         select realm_id, $3, password_hash, case when $4 then phone_hash end, registered_at, last_login_at, used_at,
                ip, agent
         from gone
         on conflict on constraint customer_credentials_pkey do update
           set password_hash = coalesce(known.password_hash, excluded.password_hash),
               phone_hash = case when $4 then excluded.phone_hash else known.phone_hash end,
               registered_at = least(known.registered_at, excluded.registered_at),
               last_login_at = greatest(known.last_login_at, excluded.last_login_at),
               used_at = greatest(known.used_at, excluded.used_at)",
    );
    let moved = moved.bind(realm).bind(gone).bind(kept).bind(phone).execute(&mut **tx).await?;
    Ok(moved.rows_affected())
}
