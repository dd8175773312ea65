//! All SQL of clean-ups.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, JobId, RealmId};
use sqlx::{PgConnection, PgExecutor, types::Json};

use super::choice::{Blocking, Choice};
use crate::{
    Error,
    account::{Kind, Rules, spam::Reason},
    bulk::store::Bulk,
};

/// A clean-up as it is carried out.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Cleanup {
    pub(crate) kind: Kind,
    quiet_days: i32,
    threshold: i32,
    block_emails: bool,
    block_domains: bool,
    block_days: i32,
    /// Who is gone and still to be kept out, sealed.
    pub(super) gone: Option<Vec<u8>>,
}

impl Cleanup {
    /// By which rules accounts are judged once more: those they were found by.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules { quiet_days: self.quiet_days, threshold: self.threshold, ..Rules::default() }
    }

    /// What is kept out.
    #[must_use]
    pub const fn blocking(&self) -> Blocking {
        Blocking { emails: self.block_emails, domains: self.block_domains, days: self.block_days }
    }
}

/// Those of the verdicts that are chosen, of accounts that are still there.
const CHOSEN: &str = "from account_verdicts v join customers c on c.realm_id = v.realm_id and c.id = v.customer_id
     where v.realm_id = $1 and v.audit_id = $2 and v.kind = $3
       and (cardinality($4::uuid[]) = 0 or v.customer_id = any($4)) and v.customer_id <> all($5::uuid[])";

/// Up to `most` of the accounts that are chosen, in the order of their ids.
pub async fn chosen(db: impl PgExecutor<'_>, choice: &Choice, most: i64) -> Result<Vec<CustomerId>, Error> {
    let sql = format!("select v.customer_id {CHOSEN} order by v.customer_id limit $6");
    let chosen = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(choice.realm).bind(choice.audit).bind(choice.kind);
    Ok(chosen.bind(&choice.ids).bind(&choice.except).bind(most).fetch_all(db).await?)
}

/// How many are chosen, and how many of them for which reason.
pub async fn counted(db: impl PgExecutor<'_>, choice: &Choice) -> Result<(i64, BTreeMap<String, i64>), Error> {
    let sql = format!(
        "with chosen as (select v.reasons {CHOSEN})
         select (select count(*) from chosen),
                coalesce((select jsonb_object_agg(code, n) from (
                            select r ->> 'code' as code, count(*) as n from chosen, jsonb_array_elements(reasons) r
                            group by 1) as counts), '{{}}')"
    );
    let counted = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(choice.realm).bind(choice.audit).bind(choice.kind);
    let (count, Json(reasons)) = counted.bind(&choice.ids).bind(&choice.except).fetch_one(db).await?;
    Ok((count, reasons))
}

/// Adds what `job`, whose targets are there, is about, and the lines of its report.
pub async fn insert(
    db: &mut PgConnection,
    job: JobId,
    (choice, rules, blocking): (&Choice, Rules, Blocking),
) -> Result<(), Error> {
    let insert = "insert into account_cleanups (realm_id, job_id, audit_id, kind, quiet_days, threshold, block_emails,
                    block_domains, block_days) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let insert = sqlx::query(insert).bind(choice.realm).bind(job).bind(choice.audit).bind(choice.kind);
    let insert = insert.bind(rules.quiet_days).bind(rules.threshold).bind(blocking.emails).bind(blocking.domains);
    insert.bind(blocking.days).execute(&mut *db).await?;
    let lines = "insert into account_cleanup_lines (realm_id, job_id, customer_id, score, reasons)
                 select $1, $2, v.customer_id, v.score, v.reasons
                 from bulk_targets t join account_verdicts v on v.realm_id = $1 and v.audit_id = $3
                                                            and v.customer_id = t.customer_id
                 where t.realm_id = $1 and t.job_id = $2";
    sqlx::query(lines).bind(choice.realm).bind(job).bind(choice.audit).execute(db).await?;
    Ok(())
}

/// What a job is about.
pub async fn find(db: impl PgExecutor<'_>, bulk: &Bulk) -> Result<Option<Cleanup>, Error> {
    let find = sqlx::query_as("select * from account_cleanups where realm_id = $1 and job_id = $2");
    Ok(find.bind(bulk.realm).bind(bulk.job).fetch_optional(db).await?)
}

/// Writes down who is gone and still to be kept out.
pub async fn note_gone(db: &mut PgConnection, bulk: &Bulk, gone: &[u8]) -> Result<(), Error> {
    let note = "update account_cleanups set gone = $3 where realm_id = $1 and job_id = $2";
    sqlx::query(note).bind(bulk.realm).bind(bulk.job).bind(gone).execute(db).await?;
    Ok(())
}

/// Drops that list, which is done with.
pub async fn forget_gone(db: impl PgExecutor<'_>, bulk: &Bulk, gone: &[u8]) -> Result<(), Error> {
    let forget = "update account_cleanups set gone = null where realm_id = $1 and job_id = $2 and gone = $3";
    sqlx::query(forget).bind(bulk.realm).bind(bulk.job).bind(gone).execute(db).await?;
    Ok(())
}

/// Whether any customer may have an e-mail address in `domain`; of one that is not written in Latin letters nobody knows.
pub async fn is_anybody_at(db: impl PgExecutor<'_>, realm: RealmId, domain: &str) -> Result<bool, Error> {
    if domain.split('.').any(|label| label.starts_with("xn--")) {
        return Ok(true);
    }
    // What is searched has every address as it was entered, and an index of its pieces.
    let anybody = "select exists (
        select from customer_search s join customers c on c.realm_id = s.realm_id and c.id = s.id
        where s.realm_id = $1 and s.search like '%@' || $2 || '%' and c.email_canonical like '%@' || $2)";
    let escaped = domain.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Ok(sqlx::query_scalar(anybody).bind(realm).bind(escaped).fetch_one(db).await?)
}

/// What became of an account.
#[derive(Clone, Debug)]
pub struct Became {
    /// Whose.
    pub customer: CustomerId,
    /// Why it was kept; empty when it was removed.
    pub kept: &'static str,
    /// What was found of it then.
    pub score: i32,
    /// What spoke for that.
    pub reasons: Vec<Reason>,
}

/// Writes what became of these.
pub async fn keep(db: &mut PgConnection, bulk: &Bulk, lines: &[Became], at: DateTime<Utc>) -> Result<(), Error> {
    let keep = "update account_cleanup_lines l
                set outcome = coalesce(nullif(b.kept, ''), 'deleted'), score = b.score, reasons = b.reasons, at = $7
                from unnest($3::uuid[], $4::text[], $5::int[], $6::jsonb[]) as b (id, kept, score, reasons)
                where l.realm_id = $1 and l.job_id = $2 and l.customer_id = b.id";
    let keep = sqlx::query(keep).bind(bulk.realm).bind(bulk.job);
    let keep = keep.bind(lines.iter().map(|line| line.customer).collect::<Vec<_>>());
    let keep = keep.bind(lines.iter().map(|line| line.kept.to_owned()).collect::<Vec<_>>());
    let keep = keep.bind(lines.iter().map(|line| line.score).collect::<Vec<_>>());
    keep.bind(lines.iter().map(|line| Json(&line.reasons)).collect::<Vec<_>>()).bind(at).execute(db).await?;
    Ok(())
}

/// A line of a report.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Line {
    #[sqlx(rename = "customer_id")]
    pub(super) customer: CustomerId,
    pub(super) kind: Kind,
    pub(super) score: i32,
    pub(super) reasons: Json<Vec<Reason>>,
    pub(super) outcome: Option<String>,
}

/// Up to `most` lines of a report behind `after`.
pub async fn lines(
    db: impl PgExecutor<'_>,
    (realm, job): (RealmId, JobId),
    (after, most): (CustomerId, i64),
) -> Result<Vec<Line>, Error> {
    let lines = "select l.customer_id, u.kind, l.score, l.reasons, l.outcome
                 from account_cleanup_lines l join account_cleanups u on u.realm_id = l.realm_id and u.job_id = l.job_id
                 where l.realm_id = $1 and l.job_id = $2 and l.customer_id > $3 order by l.customer_id limit $4";
    Ok(sqlx::query_as(lines).bind(realm).bind(job).bind(after).bind(most).fetch_all(db).await?)
}
