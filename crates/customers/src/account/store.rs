//! All SQL of audits, verdicts and rules.
use chrono::{DateTime, Utc};
use kit::{
    clock::Clock,
    ids::{JobId, RealmId},
};
use sqlx::{PgConnection, PgExecutor, types::Json};

use super::{Audit, Rules, Verdict, audit::Ran, registration};
use crate::{Error, customer::Customer};

/// Remembers from where an account was made, once.
pub async fn remember(db: &mut PgConnection, customer: &Customer, ip: &str, at: DateTime<Utc>) -> Result<(), Error> {
    let remember = "insert into registrations (realm_id, customer_id, network, series, at) values ($1, $2, $3, $4, $5)
                    on conflict do nothing";
    let remember = sqlx::query(remember).bind(customer.realm).bind(customer.id).bind(registration::network(ip));
    remember.bind(registration::series(&customer.email_canonical)).bind(at).execute(db).await?;
    Ok(())
}

/// Adds an audit that has looked at nobody yet.
pub async fn insert(db: &mut PgConnection, (realm, id): (RealmId, JobId), rules: Rules) -> Result<(), Error> {
    let insert = "insert into account_audits (realm_id, id, quiet_days, threshold) values ($1, $2, $3, $4)";
    let insert = sqlx::query(insert).bind(realm).bind(id).bind(rules.quiet_days).bind(rules.threshold);
    insert.execute(db).await?;
    Ok(())
}

/// An audit as far as it is.
pub async fn find(db: impl PgExecutor<'_>, (realm, id): (RealmId, JobId)) -> Result<Option<Audit>, Error> {
    let find = sqlx::query_as("select * from account_audits where realm_id = $1 and id = $2");
    Ok(find.bind(realm).bind(id).fetch_optional(db).await?)
}

/// Whether an audit of `realm` has not ended.
pub async fn is_running(db: impl PgExecutor<'_>, realm: RealmId) -> Result<bool, Error> {
    let running = "select exists (select from bulk_changes
                                  where realm_id = $1 and action = 'audit' and due_at is not null)";
    Ok(sqlx::query_scalar(running).bind(realm).fetch_one(db).await?)
}

/// Keeps how far an audit is, and what it found of those who are still there.
pub async fn advance(db: &mut PgConnection, audit: &Audit, verdicts: &[Verdict]) -> Result<(), Error> {
    let save = "update account_audits set place = $3, accounts = $4, unused = $5, spam = $6
                where realm_id = $1 and id = $2";
    let save = sqlx::query(save).bind(audit.realm).bind(audit.id).bind(audit.place).bind(audit.accounts);
    save.bind(audit.unused).bind(audit.spam).execute(&mut *db).await?;
    let add = "insert into account_verdicts (realm_id, audit_id, customer_id, kind, score, reasons)
               select $1, $2, v.id, v.kind, v.score, v.reasons
               from unnest($3::uuid[], $4::text[], $5::int[], $6::jsonb[]) as v (id, kind, score, reasons)
               join customers c on c.realm_id = $1 and c.id = v.id
               on conflict do nothing";
    let add = sqlx::query(add).bind(audit.realm).bind(audit.id);
    let add = add.bind(verdicts.iter().map(|verdict| verdict.customer).collect::<Vec<_>>());
    let add = add.bind(verdicts.iter().map(|verdict| verdict.kind.slug().to_owned()).collect::<Vec<_>>());
    let add = add.bind(verdicts.iter().map(|verdict| verdict.score).collect::<Vec<_>>());
    add.bind(verdicts.iter().map(|verdict| verdict.reasons.clone()).collect::<Vec<Json<_>>>()).execute(db).await?;
    Ok(())
}

/// Selects audits with what is said of their jobs.
const RUNS: &str = "select a.*, j.state, j.created_by, j.created_at, j.ended_at
                    from account_audits a join jobs j on j.realm_id = a.realm_id and j.id = a.id
                    where a.realm_id = $1";

/// One audit.
pub async fn ran(db: impl PgExecutor<'_>, (realm, id): (RealmId, JobId)) -> Result<Option<Ran>, Error> {
    let ran = sqlx::query_as(sqlx::AssertSqlSafe(format!("{RUNS} and a.id = $2")));
    Ok(ran.bind(realm).bind(id).fetch_optional(db).await?)
}

/// Audits from `place` on, in the direction that is read: the newest first, or else the oldest.
pub async fn runs(
    db: impl PgExecutor<'_>,
    (realm, place): (RealmId, Option<JobId>),
    (forward, most): (bool, i64),
) -> Result<Vec<Ran>, Error> {
    let (comparison, order) = if forward { ("<", "desc") } else { (">", "asc") };
    let sql = format!("{RUNS} and ($2::uuid is null or a.id {comparison} $2) order by a.id {order} limit $3");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(realm).bind(place).bind(most).fetch_all(db).await?)
}

/// The rules of a customer base.
pub async fn rules(db: impl PgExecutor<'_>, realm: RealmId) -> Result<Rules, Error> {
    let rules = sqlx::query_as("select * from account_rules where realm_id = $1");
    Ok(rules.bind(realm).fetch_optional(db).await?.unwrap_or_default())
}

/// The rules, locked until the transaction ends.
pub async fn lock_rules(db: &mut PgConnection, realm: RealmId) -> Result<Rules, Error> {
    let usual = Rules::default();
    let add =
        "insert into account_rules (realm_id, schedule, quiet_days, threshold, version) values ($1, $2, $3, $4, $5)
               on conflict do nothing";
    let add = sqlx::query(add).bind(realm).bind(usual.schedule).bind(usual.quiet_days).bind(usual.threshold);
    add.bind(usual.version).execute(&mut *db).await?;
    let lock = sqlx::query_as("select * from account_rules where realm_id = $1 for update");
    Ok(lock.bind(realm).fetch_one(db).await?)
}

/// Writes the rules that the transaction has locked.
pub async fn save_rules(db: &mut PgConnection, realm: RealmId, rules: &Rules) -> Result<(), Error> {
    let save = "update account_rules set schedule = $2, quiet_days = $3, threshold = $4, next_at = $5, version = $6,
                  registrations = $7, registration_score = $8
                where realm_id = $1";
    let save = sqlx::query(save).bind(realm).bind(rules.schedule).bind(rules.quiet_days).bind(rules.threshold);
    let save = save.bind(rules.next_at).bind(rules.version);
    save.bind(rules.registrations).bind(rules.registration_score).execute(db).await?;
    Ok(())
}

/// How many accounts were made from this network within the last hour, and of this series within the last day; counted no
/// further than a rule asks.
pub async fn neighbours(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (network, series): (String, String),
    now: DateTime<Utc>,
) -> Result<(i64, i64), Error> {
    let neighbours = "select
         (select count(*) from (select from registrations where realm_id = $1 and network <> '' and network = $2
                                  and at > $4 - interval '1 hour' limit 50) n),
         (select count(*) from (select from registrations where realm_id = $1 and series <> '' and series = $3
                                  and at > $4 - interval '1 day' limit 50) n)";
    Ok(sqlx::query_as(neighbours).bind(realm).bind(network).bind(series).bind(now).fetch_one(db).await?)
}

/// A customer base whose accounts are to be looked through by now; its rules are locked until the transaction ends.
pub async fn due(db: &mut PgConnection, clock: &Clock) -> Result<Option<RealmId>, Error> {
    let due = "select realm_id from account_rules where next_at <= coalesce($1, statement_timestamp())
               order by next_at limit 1 for update skip locked";
    Ok(sqlx::query_scalar(due).bind(clock.shared()).fetch_optional(db).await?)
}
