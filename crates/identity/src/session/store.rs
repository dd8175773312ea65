//! All SQL of sessions.
use chrono::{DateTime, Utc};
use kit::{
    Error as KitError, Tx,
    call::Client,
    clock::timestamp,
    ids::{CustomerId, RealmId, RoleId, SessionId, StaffId},
    secret,
};
use proto::identity::v1 as pb;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::session::{Acting, Kind, Session, Subject, TOUCH};
use crate::Error;

#[derive(sqlx::FromRow)]
struct Row {
    id: SessionId,
    kind: Kind,
    realm_id: Option<RealmId>,
    subject_id: Uuid,
    methods: Vec<String>,
    authenticated_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    act_staff_id: Option<StaffId>,
    act_session_id: Option<SessionId>,
    act_reason: Option<String>,
}

impl TryFrom<Row> for Session {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let subject = match (row.kind, row.realm_id) {
            (Kind::Customer, Some(realm)) => Subject::Customer(realm, CustomerId::from_uuid(row.subject_id)),
            (Kind::Staff, _) => Subject::Staff(StaffId::from_uuid(row.subject_id)),
            (Kind::Customer, None) => return Err(KitError::Internal("a customer without a realm".to_owned()).into()),
        };
        Ok(Self {
            id: row.id,
            subject,
            methods: row.methods,
            authenticated_at: row.authenticated_at,
            expires_at: row.expires_at,
            ends_at: row.ends_at,
            acting: match (row.act_staff_id, row.act_session_id, row.act_reason) {
                (Some(staff), Some(session), Some(reason)) => Some(Acting { staff, session, reason }),
                _ => None,
            },
        })
    }
}

/// Adds a session with its token and where it was opened (ID-28); a customer's account remembers when.
pub async fn insert(tx: &mut Tx, session: &Session, token: &str, client: &Client) -> Result<(), Error> {
    sqlx::query(
        "with signed_in as (update customer_credentials set last_login_at = $7
                            where realm_id = $4 and customer_id = $5)
         insert into sessions (id, token_hash, kind, realm_id, subject_id, methods, authenticated_at, touched_at,
                               expires_at, ends_at, ip, agent)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11)",
    )
    .bind(session.id)
    .bind(secret::sha256(token.as_bytes()))
    .bind(session.subject.kind())
    .bind(session.subject.realm())
    .bind(session.subject.uuid())
    .bind(&session.methods)
    .bind(session.authenticated_at)
    .bind(session.expires_at)
    .bind(session.ends_at)
    .bind(&client.ip)
    .bind(&client.agent)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The session of `token` that is still good at `now`; using it moves its end, written at most once a minute.
pub async fn find_used(
    db: impl PgExecutor<'_>,
    kind: Kind,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Session>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "with touched as (
           update sessions set touched_at = $3, expires_at = least($4, ends_at)
           where token_hash = $1 and kind = $2 and expires_at > $3 and touched_at <= $5)
         select id, kind, realm_id, subject_id, methods, authenticated_at, expires_at, ends_at, act_staff_id,
                act_session_id, act_reason
         from sessions s where token_hash = $1 and kind = $2 and expires_at > $3
           and not exists (select from session_cutoffs c where c.realm_id = s.realm_id
                           and c.customer_id = s.subject_id and c.at > s.authenticated_at)",
    )
    .bind(secret::sha256(token.as_bytes()))
    .bind(kind)
    .bind(now)
    .bind(now + kind.idle())
    .bind(now - TOUCH)
    .fetch_optional(db)
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The session with this id that is still good at `now`.
pub async fn find(db: impl PgExecutor<'_>, id: SessionId, now: DateTime<Utc>) -> Result<Option<Session>, Error> {
    let row: Option<Row> = sqlx::query_as("select * from sessions where id = $1 and expires_at > $2")
        .bind(id)
        .bind(now)
        .fetch_optional(db)
        .await?;
    row.map(TryInto::try_into).transpose()
}

/// Drops a session of `subject`; false when there is none.
pub async fn delete(tx: &mut Tx, id: SessionId, subject: Subject) -> Result<bool, Error> {
    let deleted = sqlx::query("delete from sessions where id = $1 and kind = $2 and subject_id = $3");
    let deleted = deleted.bind(id).bind(subject.kind()).bind(subject.uuid()).execute(&mut **tx).await?;
    Ok(deleted.rows_affected() > 0)
}

/// Ids of the sessions of a staff member.
pub async fn of_staff_ids(tx: &mut Tx, staff: StaffId) -> Result<Vec<SessionId>, Error> {
    let ids = sqlx::query_scalar("select id from sessions where realm_id is null and subject_id = $1");
    Ok(ids.bind(staff).fetch_all(&mut **tx).await?)
}

/// Ids of the sessions of all who have a role made of permissions.
pub async fn of_role(tx: &mut Tx, role: RoleId) -> Result<Vec<SessionId>, Error> {
    let ids = sqlx::query_scalar(
        "select s.id from memberships m join sessions s on s.realm_id is null and s.subject_id = m.staff_id
         where m.role_id = $1",
    );
    Ok(ids.bind(role).fetch_all(&mut **tx).await?)
}

/// An open session as its owner sees it.
#[derive(Debug, sqlx::FromRow)]
pub struct Open {
    id: SessionId,
    methods: Vec<String>,
    authenticated_at: DateTime<Utc>,
    touched_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ip: String,
    agent: String,
}

impl Open {
    /// As the API tells it to the one who calls with the session `current`.
    #[must_use]
    pub fn told(self, current: SessionId) -> pb::OwnSession {
        pb::OwnSession {
            current: self.id == current,
            id: self.id.into(),
            methods: self.methods,
            authenticated_at: Some(timestamp(self.authenticated_at)),
            seen_at: Some(timestamp(self.touched_at)),
            expires_at: Some(timestamp(self.expires_at)),
            ip: self.ip,
            agent: self.agent,
        }
    }
}

/// The open sessions of a staff member, newest first.
pub async fn of_staff(db: impl PgExecutor<'_>, staff: StaffId, now: DateTime<Utc>) -> Result<Vec<Open>, Error> {
    let open = sqlx::query_as(
        "select id, methods, authenticated_at, touched_at, expires_at, ip, agent from sessions
         where realm_id is null and subject_id = $1 and expires_at > $2 order by touched_at desc, id desc",
    );
    Ok(open.bind(staff).bind(now).fetch_all(db).await?)
}

/// Notes that the owner of a session has just proved by `method` who they are.
pub async fn prove_anew(tx: &mut Tx, id: SessionId, method: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let proven = sqlx::query(
        "update sessions set authenticated_at = $3,
                methods = case when $2 = any(methods) then methods else methods || $2 end
         where id = $1",
    );
    proven.bind(id).bind(method).bind(now).execute(&mut **tx).await?;
    Ok(())
}

/// Lets a session go on with another token; answers until when at the latest.
pub async fn renew(tx: &mut Tx, id: SessionId, token: &str) -> Result<Option<DateTime<Utc>>, Error> {
    let renewed = sqlx::query_scalar("update sessions set token_hash = $2 where id = $1 returning ends_at");
    Ok(renewed.bind(id).bind(secret::sha256(token.as_bytes())).fetch_optional(&mut **tx).await?)
}

/// A session as its owner sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Opened {
    /// Its id.
    pub id: SessionId,
    /// How the person proved who they are.
    pub methods: Vec<String>,
    /// When it was opened.
    pub authenticated_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub touched_at: DateTime<Utc>,
    /// When it ends unless it is used.
    pub expires_at: DateTime<Utc>,
    /// Network address it was opened from.
    pub ip: String,
    /// User agent it was opened with.
    pub agent: String,
}

impl Opened {
    /// As the API tells it to the one who calls with the session `current`.
    #[must_use]
    pub fn told(self, current: SessionId) -> pb::Session {
        pb::Session {
            current: self.id == current,
            id: self.id.into(),
            methods: self.methods,
            opened_at: Some(timestamp(self.authenticated_at)),
            used_at: Some(timestamp(self.touched_at)),
            expires_at: Some(timestamp(self.expires_at)),
            ip: self.ip,
            agent: self.agent,
        }
    }
}

/// The sessions of the customer `subject` that are good at `now`, the newest first.
pub async fn of_subject(db: impl PgExecutor<'_>, subject: Subject, now: DateTime<Utc>) -> Result<Vec<Opened>, Error> {
    let sessions = sqlx::query_as(
        "select id, methods, authenticated_at, touched_at, expires_at, ip, agent from sessions s
         where realm_id = $1 and subject_id = $2 and kind = $3 and expires_at > $4
           and not exists (select from session_cutoffs c where c.realm_id = s.realm_id
                           and c.customer_id = s.subject_id and c.at > s.authenticated_at)
         order by authenticated_at desc, id desc",
    );
    let sessions = sessions.bind(subject.realm()).bind(subject.uuid()).bind(subject.kind()).bind(now);
    Ok(sessions.fetch_all(db).await?)
}

/// Whether everything was ended that a customer had open at the moment `at`.
pub async fn is_cut_off(
    db: impl PgExecutor<'_>,
    (realm, customer): (RealmId, CustomerId),
    at: DateTime<Utc>,
) -> Result<bool, Error> {
    let cut = "select exists (select from session_cutoffs where realm_id = $1 and customer_id = $2 and at > $3)";
    Ok(sqlx::query_scalar(cut).bind(realm).bind(customer).bind(at).fetch_one(db).await?)
}

/// Lets no session of a customer count that was begun before `now`, also one that is not there yet.
pub async fn cut_off(tx: &mut Tx, realm: RealmId, customer: CustomerId, now: DateTime<Utc>) -> Result<(), Error> {
    let cut = sqlx::query(
        "insert into session_cutoffs as known (realm_id, customer_id, at) values ($1, $2, $3)
         on conflict on constraint session_cutoffs_pkey do update set at = greatest(known.at, excluded.at)",
    );
    cut.bind(realm).bind(customer).bind(now).execute(&mut **tx).await?;
    Ok(())
}

/// Drops the sessions of `subject`, but for the one to `keep`; answers them, the newest first.
pub async fn delete_all(tx: &mut Tx, subject: Subject, keep: Option<SessionId>) -> Result<Vec<Opened>, Error> {
    let dropped = sqlx::query_as(
        "with dropped as (
           delete from sessions
           where realm_id is not distinct from $1 and subject_id = $2 and kind = $3 and id is distinct from $4
           returning id, methods, authenticated_at, touched_at, expires_at, ip, agent)
         select * from dropped order by authenticated_at desc, id desc",
    );
    let dropped = dropped.bind(subject.realm()).bind(subject.uuid()).bind(subject.kind()).bind(keep);
    Ok(dropped.fetch_all(&mut **tx).await?)
}
