//! A house with an audit in it, and short ways to write, sign, spoil and verify it.
use anyhow::Context;
use identity::{
    NAME,
    audit::{
        Entry,
        chain::{Place, Problem},
        checkpoint::{PURPOSE, sign_all},
        store,
        verify::verify,
    },
    consumer::Events,
};
use kit::{
    Db,
    clock::timestamp,
    ids::{RealmId, StaffId},
    inbox::{Consumer, Event},
    signature::Signatory,
};
use proto::{
    base::v1::{Audited, AuditedPerson},
    identity::v1::{self as pb, audit_service_client::AuditServiceClient},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::house::{House, by};

pub struct Ledger {
    pub house: House,
    pub db: Db,
    pub signatory: Signatory,
}

/// An id that nothing else has.
pub fn id() -> Uuid {
    kit::ids::uuid(chrono::DateTime::UNIX_EPOCH)
}

/// What one of the staff did.
pub fn deed(realm: RealmId, actor: &str, action: &str) -> Audited {
    Audited {
        at: Some(timestamp(chrono::DateTime::UNIX_EPOCH)),
        realm: realm.into(),
        actor: Some(AuditedPerson { kind: "staff".to_owned(), id: actor.to_owned() }),
        action: action.to_owned(),
        target_kind: "product".to_owned(),
        target: "prd_1".to_owned(),
        after: r#"{"price":1}"#.to_owned(),
        ip: "203.0.113.7".to_owned(),
        request_id: "req_1".to_owned(),
        ..Audited::default()
    }
}

impl Ledger {
    pub async fn open() -> anyhow::Result<Self> {
        let house = House::build().await?;
        let (db, signatory) = (house.env.db(NAME)?, Signatory::new(&house.env.secrets, PURPOSE));
        Ok(Self { house, db, signatory })
    }

    /// Has the service hear what another one told.
    pub async fn hear(&self, told: Audited) -> anyhow::Result<()> {
        self.hear_all(&[told]).await
    }

    /// Has the service hear several things at once.
    pub async fn hear_all(&self, told: &[Audited]) -> anyhow::Result<()> {
        let event = |told| {
            let mut event = Event::new(id(), told);
            "patron.catalog.v1.Audited".clone_into(&mut event.subject);
            event
        };
        let events: Vec<Event> = told.iter().map(event).collect();
        let mut tx = self.db.begin_own().await?;
        Events { clock: self.house.clock.clone() }.apply_all(&mut tx, &events.iter().collect::<Vec<_>>()).await?;
        Ok(tx.commit().await?)
    }

    /// A chain of five entries, of which the third is signed.
    pub async fn chain(&self) -> anyhow::Result<RealmId> {
        let (realm, staff) = (RealmId::from_uuid(id()), StaffId::from_uuid(id()).to_string());
        for action in ["product.created", "product.updated", "product.hidden"] {
            self.hear(deed(realm, &staff, action)).await?;
        }
        self.sign().await?;
        for action in ["product.shown", "product.deleted"] {
            self.hear(deed(realm, &staff, action)).await?;
        }
        Ok(realm)
    }

    pub async fn sign(&self) -> anyhow::Result<usize> {
        Ok(sign_all(&self.db, &self.signatory, self.house.clock.now()).await?)
    }

    /// The first place where the chain is broken, and how; none when it is sound.
    pub async fn breach(&self, realm: RealmId, noted: Option<Place>) -> anyhow::Result<Option<(i64, Problem)>> {
        let verdict = verify(&self.db, (realm, &self.signatory), Place::START, noted).await?;
        Ok(verdict.breach.map(|breach| (breach.number, breach.problem)))
    }

    /// The entries of a chain.
    pub async fn entries(&self, realm: RealmId) -> anyhow::Result<Vec<Entry>> {
        Ok(store::stretch(self.db.pool(), realm, (0, i64::MAX), 1_000).await?)
    }

    /// Does what nobody may, as one who may do everything with the database. `$1` is the realm.
    pub async fn spoil(&self, realm: RealmId, statements: &[&str]) -> anyhow::Result<()> {
        let mut tx = self.db.begin_own().await?;
        sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await?;
        for statement in statements {
            let statement = sqlx::query(AssertSqlSafe((*statement).to_owned()));
            statement.bind(realm).execute(&mut *tx).await.context("spoiling")?;
        }
        Ok(tx.commit().await?)
    }

    /// The audit as the one sees it whom `assertion` speaks of.
    pub async fn listed(&self, assertion: &str, filter: pb::EntryFilter) -> Result<Vec<pb::Entry>, tonic::Status> {
        let request = pb::ListEntriesRequest { filter: Some(filter), page: None };
        Ok(self.client().list_entries(by(assertion, request)).await?.into_inner().entries)
    }

    pub fn client(&self) -> AuditServiceClient<kit::transport::Transport> {
        self.house.audit()
    }
}
