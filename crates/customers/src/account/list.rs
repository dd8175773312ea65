//! Lists of verdicts: those with the highest score first.
use kit::{
    failure::Violation,
    ids::{AccountAuditId, CustomerId, JobId, RealmId},
    page::Page,
};
use proto::customers::v1::ListVerdictsRequest;
use sqlx::{PgExecutor, QueryBuilder};

use super::{Kind, Verdict, spam};
use crate::{Error, cleanup::choice::Choice, customer::Customer, fields::Fields};

/// A verdict with whom it is about.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    #[sqlx(flatten)]
    pub(crate) verdict: Verdict,
    #[sqlx(flatten)]
    pub(crate) customer: Customer,
}

/// Which verdicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(crate) realm: RealmId,
    pub(crate) audit: JobId,
    kind: Option<Kind>,
    reason: String,
    score: i32,
    ids: Vec<CustomerId>,
    except: Vec<CustomerId>,
}

impl Query {
    /// Reads a request.
    pub fn parse(request: &ListVerdictsRequest, realm: RealmId) -> Result<Self, Error> {
        let audit: AccountAuditId = request.audit.parse().map_err(|_| Error::AuditNotFound)?;
        let audit = JobId::from_uuid(audit.uuid());
        let mut fields = Fields::default();
        let kind = Kind::named(&request.kind);
        if kind.is_none() && !request.kind.is_empty() {
            fields.fault("/filter[kind][eq]", "unknown_value", "verdicts are unused or spam");
        }
        if !request.reason.is_empty() && !spam::is_reason(&request.reason) {
            fields.fault("/filter[reason][eq]", "unknown_value", "there is no such reason");
        }
        fields.finish()?;
        Ok(Self {
            realm,
            audit,
            kind,
            reason: request.reason.clone(),
            score: request.score,
            ids: Vec::new(),
            except: Vec::new(),
        })
    }

    /// Everything that a cursor is bound to.
    #[must_use]
    pub fn context(&self) -> String {
        format!("verdicts {self:?}")
    }

    /// Those that are chosen.
    #[must_use]
    pub fn of(choice: &Choice) -> Self {
        let Choice { realm, audit, kind, ids, except } = choice.clone();
        Self { realm, audit, kind: Some(kind), reason: String::new(), score: 0, ids, except }
    }

    /// A page of them in reading direction, one more than wanted when there are more.
    pub async fn page(&self, db: impl PgExecutor<'_>, page: &Page) -> Result<Vec<Row>, Error> {
        let mut sql = QueryBuilder::new(
            "select c.*, v.customer_id, v.kind, v.score, v.reasons
             from account_verdicts v join customers c on c.realm_id = v.realm_id and c.id = v.customer_id
             where v.realm_id = ",
        );
        sql.push_bind(self.realm).push(" and v.audit_id = ").push_bind(self.audit);
        sql.push(" and v.score >= ").push_bind(self.score);
        if let Some(kind) = self.kind {
            sql.push(" and v.kind = ").push_bind(kind);
        }
        if !self.reason.is_empty() {
            sql.push(" and v.reasons @> jsonb_build_array(jsonb_build_object('code', ");
            sql.push_bind(self.reason.clone()).push("::text))");
        }
        if !self.ids.is_empty() {
            sql.push(" and v.customer_id = any(").push_bind(&self.ids).push(")");
        }
        if !self.except.is_empty() {
            sql.push(" and v.customer_id <> all(").push_bind(&self.except).push(")");
        }
        let (comparison, order) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
        if let Some((score, customer)) = place(page)? {
            sql.push(format!(" and (v.score, v.customer_id) {comparison} ("));
            sql.push_bind(score).push(", ").push_bind(customer).push(")");
        }
        sql.push(format!(" order by v.score {order}, v.customer_id {order} limit ")).push_bind(page.fetch());
        Ok(sql.build_query_as().fetch_all(db).await?)
    }
}

/// The place of a row.
#[must_use]
pub fn key(row: &Row) -> Vec<String> {
    vec![row.verdict.score.to_string(), row.verdict.customer.to_string()]
}

fn place(page: &Page) -> Result<Option<(i32, CustomerId)>, Violation> {
    let Some(cursor) = &page.cursor else { return Ok(None) };
    let place = match cursor.key.as_slice() {
        [score, customer] => score.parse().ok().zip(customer.parse().ok()),
        _ => None,
    };
    place.map(Some).ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not of this list"))
}
