//! What is done to each of many, and on whose word.
use std::sync::Arc;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue};
use kit::{
    Call, Tx,
    actor::Actor,
    assertion::Claims,
    call::header::{CLIENT_IP, REQUEST_ID},
};
use proto::customers::v1 as pb;
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    customer::{Customer, Scope, Standing},
    fields::Fields,
    key::Keys,
    record::{
        standing::{SetStanding, is_of_network, set_standing},
        tags::{self, ChangeTags, change_tags},
    },
};

/// What is done to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Action {
    /// Tags are added and taken away.
    Tag,
    /// Every door is opened again.
    Activate,
    /// Every door is closed.
    Inactivate,
    /// They are forgotten (CU-15).
    Delete,
    /// All accounts are looked through (AD-2); begun in its own way.
    Audit,
    /// Those that nobody uses, or that are spam, are forgotten (AD-3); begun in its own way.
    Cleanup,
}

impl Action {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Activate => "activate",
            Self::Inactivate => "inactivate",
            Self::Delete => "delete",
            Self::Audit => "audit",
            Self::Cleanup => "cleanup",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Tag, Self::Activate, Self::Inactivate, Self::Delete].into_iter().find(|action| action.slug() == name)
    }
}

/// A change to each of many.
#[derive(Clone, Debug)]
pub struct Change {
    pub(crate) action: Action,
    pub(crate) add: Vec<String>,
    pub(crate) remove: Vec<String>,
    pub(crate) reason: String,
}

impl Change {
    /// Reads what is to be done. Whoever is erased is so for a reason.
    pub fn parse(request: &pb::ChangeManyRequest, fields: &mut Fields) -> Self {
        let action = Action::named(&request.action);
        if action.is_none() {
            fields.fault("/action", "unknown", "the action is tag, activate, inactivate or delete");
        }
        let reason = fields.line("/reason", &request.reason, 500);
        if action == Some(Action::Delete) && reason.is_empty() {
            fields.fault("/reason", "required", "say why");
        }
        Self {
            action: action.unwrap_or(Action::Tag),
            add: tags::parse("/add", &request.add, fields),
            remove: tags::parse("/remove", &request.remove, fields),
            reason,
        }
    }

    /// What is done to those who are found in its own way.
    #[must_use]
    pub fn of(action: Action, reason: &str) -> Self {
        Self { action, add: Vec::new(), remove: Vec::new(), reason: reason.to_owned() }
    }

    /// Passes for whoever may do so beyond one store of a network, where it concerns all of them (ID-21).
    pub fn authorise(&self, actor: &Actor) -> Result<(), Error> {
        let narrow = Scope::of(actor)?.store.is_some() && !is_of_network(actor);
        if self.action != Action::Tag && narrow { Err(Error::NetworkMembershipRequired) } else { Ok(()) }
    }

    /// Changes the record `id` as a change of this one alone would. Erasing somebody is done elsewhere.
    pub async fn apply(
        &self,
        tx: &mut Tx,
        (call, keys): (&Call, &Keys),
        (id, now): (&str, DateTime<Utc>),
    ) -> Result<Customer, Error> {
        let standing = match self.action {
            Action::Activate => Standing::Active,
            Action::Inactivate => Standing::Inactive,
            Action::Tag | Action::Delete | Action::Audit | Action::Cleanup => {
                let (add, remove) = (self.add.clone(), self.remove.clone());
                let request = pb::ChangeTagsRequest { id: id.to_owned(), add, remove };
                let input = ChangeTags::parse(&request, Scope::of(call.actor()?)?, now)?;
                return change_tags(tx, (call, keys), input).await;
            }
        };
        let input = SetStanding::parse((id, &self.reason), standing, call.actor()?, now)?;
        set_standing(tx, (call, keys), input).await
    }
}

/// On whose word a job is carried out: whoever asked for it, with what they might do then, and in which request. What they
/// did to each is recorded as theirs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asker {
    claims: Claims,
    request_id: String,
    ip: String,
}

impl Asker {
    /// Whoever sent `call`.
    pub fn of(call: &Call, now: DateTime<Utc>) -> Result<Self, Error> {
        let actor = call.actor()?;
        let claims = Claims {
            realm: actor.realm.map(String::from),
            store: actor.store.map(String::from),
            network: actor.network.clone(),
            perms: actor.permissions,
            sid: actor.session.clone(),
            ..Claims::new(actor.kind, actor.subject.clone(), now)
        };
        Ok(Self { claims, request_id: call.request_id().to_owned(), ip: call.client().ip.clone() })
    }

    /// Who that is.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.claims.sub
    }

    /// A call as they would have sent it.
    pub fn call(&self) -> Result<Call, Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(REQUEST_ID, &self.request_id), (CLIENT_IP, &self.ip)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        let actor = Actor::try_from(self.claims.clone())?;
        Ok(Call::read(&headers, Some(Arc::new(actor)), "", None))
    }
}
