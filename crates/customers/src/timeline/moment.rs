//! One thing that happened.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, RealmId, StoreId},
};
use proto::customers::v1 as pb;

/// Longest slug of a kind or state that is kept.
const LONGEST: usize = 100;

/// One thing that happened. Its time, kind and subject make it one and the same.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Moment {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) kind: String,
    pub(crate) subject: String,
    #[sqlx(rename = "store_id")]
    pub(crate) store: Option<StoreId>,
    pub(crate) actor_kind: String,
    pub(crate) actor: String,
    /// `kind id`; empty when nobody acted in the customer's name.
    pub(crate) impersonator: String,
    pub(crate) state: String,
    /// In minor units; only of money.
    #[sqlx(default)]
    pub(crate) amount: Option<i64>,
    #[sqlx(default)]
    pub(crate) currency: String,
}

impl Moment {
    /// `kind` happened to `customer` at that moment, by nobody known.
    #[must_use]
    pub fn new((realm, customer): (RealmId, CustomerId), kind: &str, subject: &str, at: DateTime<Utc>) -> Self {
        let short = |text: &str| text.chars().take(LONGEST).collect();
        Self {
            realm,
            customer,
            at,
            kind: short(kind),
            subject: short(subject),
            store: None,
            actor_kind: "system".to_owned(),
            actor: String::new(),
            impersonator: String::new(),
            state: String::new(),
            amount: None,
            currency: String::new(),
        }
    }

    /// The customer did it, perhaps somebody else in their name: a kind, an id and a session.
    #[must_use]
    pub fn by_customer(self, acting: Option<&[String; 3]>) -> Self {
        let impersonator = acting.map(|[kind, id, _]| format!("{kind} {id}")).unwrap_or_default();
        Self { actor_kind: "customer".to_owned(), actor: self.customer.into(), impersonator, ..self }
    }

    /// `kind` and `id` did it.
    #[must_use]
    pub fn by(self, kind: &str, id: &str) -> Self {
        Self { actor_kind: kind.to_owned(), actor: id.to_owned(), ..self }
    }

    /// Where.
    #[must_use]
    pub fn within(self, store: Option<StoreId>) -> Self {
        Self { store, ..self }
    }

    /// What came of it, a slug.
    #[must_use]
    pub fn came_to(self, state: &str) -> Self {
        Self { state: state.chars().take(LONGEST).collect(), ..self }
    }

    /// As the API shows it.
    #[must_use]
    pub fn told(self) -> pb::Moment {
        let person = |kind: String, id: String| pb::MomentActor { kind, id };
        let impersonator = self.impersonator.split_once(' ');
        pb::Moment {
            at: Some(timestamp(self.at)),
            kind: self.kind,
            subject: self.subject,
            store: self.store.map(String::from).unwrap_or_default(),
            actor: Some(person(self.actor_kind, self.actor)),
            impersonator: impersonator.map(|(kind, id)| person(kind.to_owned(), id.to_owned())),
            state: self.state,
            amount: self.amount.map(|amount| proto::base::v1::Money { amount, currency: self.currency }),
        }
    }
}
