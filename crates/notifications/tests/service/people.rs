//! The stand-in for customers: people who are written to, and what they agreed to.
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kit::{
    Call,
    failure::{Code, Failure, status},
    ids::{CustomerId, RealmId, StoreId},
    service::Service,
};
use proto::customers::v1::{
    self as pb, Consent, Consents, Recipient,
    consent_service_server::{ConsentService, ConsentServiceServer},
    recipient_service_server::{RecipientService, RecipientServiceServer},
};
use tonic::{Request, Response, Status};

/// Somebody.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub inactive: bool,
    /// Whether they agreed, by channel.
    pub agreed: BTreeMap<String, bool>,
    /// Where that was last decided.
    pub source: String,
}

/// Everybody there is, in one customer base.
#[derive(Clone, Default)]
pub struct People {
    known: Arc<Mutex<BTreeMap<CustomerId, Person>>>,
    pub realm: Option<RealmId>,
}

#[derive(Debug, thiserror::Error)]
#[error("there is no such customer")]
struct Unknown;

impl Failure for Unknown {
    fn code(&self) -> Code {
        Code::NotFound
    }

    fn reason(&self) -> &'static str {
        "customer_not_found"
    }
}

impl People {
    /// The service that knows them.
    pub fn service(&self) -> Service {
        let (recipients, consents) =
            (RecipientServiceServer::new(self.clone()), ConsentServiceServer::new(self.clone()));
        Service::new("customers").rpc(recipients).rpc(consents)
    }

    pub fn all(&self) -> MutexGuard<'_, BTreeMap<CustomerId, Person>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody more, who agreed to marketing by mail or did not.
    pub fn add(&self, name: &str, agreed: bool) -> CustomerId {
        let id = CustomerId::new(chrono::DateTime::UNIX_EPOCH);
        let first = name.split(' ').next().unwrap_or_default().to_lowercase();
        let person = Person {
            name: name.to_owned(),
            email: format!("{first}@example.com"),
            agreed: BTreeMap::from([("email".to_owned(), agreed)]),
            ..Person::default()
        };
        self.all().insert(id, person);
        id
    }

    /// Changes somebody.
    pub fn change(&self, id: CustomerId, change: impl FnOnce(&mut Person)) {
        change(self.all().get_mut(&id).expect("somebody"));
    }
}

fn refusal(person: &Person, channel: &str, marketing: bool) -> &'static str {
    let to = if channel == "email" { &person.email } else { &person.phone };
    if person.inactive {
        "inactive"
    } else if to.is_empty() {
        "no_address"
    } else if marketing && !person.agreed.get(channel).copied().unwrap_or_default() {
        "no_consent"
    } else {
        ""
    }
}

fn told(id: &str, person: &Person) -> Consents {
    let consents = person.agreed.iter().map(|(channel, granted)| Consent {
        channel: channel.clone(),
        granted: *granted,
        ..Consent::default()
    });
    Consents { customer: id.to_owned(), consents: consents.collect(), ..Consents::default() }
}

#[tonic::async_trait]
impl RecipientService for People {
    async fn get_recipient(&self, request: Request<pb::GetRecipientRequest>) -> Result<Response<Recipient>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        let here = self.realm.is_none_or(|realm| request.realm == realm.to_string());
        let person = request.customer.parse().ok().and_then(|id| self.all().get(&id).cloned()).filter(|_| here);
        let person = person.ok_or_else(|| status(&Unknown))?;
        let refusal = refusal(&person, &request.channel, request.marketing).to_owned();
        let to = if request.channel == "email" { person.email } else { person.phone };
        Ok(Response::new(Recipient { customer: request.customer, to, name: person.name, refusal }))
    }

    async fn list_recipients(
        &self,
        request: Request<pb::ListRecipientsRequest>,
    ) -> Result<Response<pb::ListRecipientsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        let after = request.after.parse::<CustomerId>().ok();
        let all = self.all();
        let behind = all.iter().filter(|(id, _)| after.is_none_or(|after| **id > after));
        let mut recipients: Vec<_> = behind
            .map(|(id, person)| Recipient {
                customer: (*id).into(),
                refusal: refusal(person, &request.channel, request.marketing).to_owned(),
                ..Recipient::default()
            })
            .collect();
        let has_more = recipients.len() > request.limit as usize;
        recipients.truncate(request.limit as usize);
        Ok(Response::new(pb::ListRecipientsResponse { recipients, has_more }))
    }

    async fn settle_recipients(
        &self,
        request: Request<pb::SettleRecipientsRequest>,
    ) -> Result<Response<pb::SettledRecipients>, Status> {
        // On the word of whoever asks, never of the service.
        let call = Call::of(&request)?;
        assert!(call.actor()?.is_staff(), "{:?}", call.actor());
        let request = request.into_inner();
        request.store.parse::<StoreId>().map_err(|_| Status::invalid_argument("a store"))?;
        let all = self.all();
        let count = |reason: &str| {
            let refused = all.values().filter(|one| refusal(one, &request.channel, request.marketing) == reason);
            i64::try_from(refused.count()).unwrap_or_default()
        };
        Ok(Response::new(pb::SettledRecipients {
            filter: request.filter.clone(),
            found: i64::try_from(all.len()).unwrap_or_default(),
            inactive: count("inactive"),
            no_address: count("no_address"),
            no_consent: count("no_consent"),
        }))
    }
}

#[tonic::async_trait]
impl ConsentService for People {
    async fn get_consents(&self, request: Request<pb::GetConsentsRequest>) -> Result<Response<Consents>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let id = request.into_inner().customer;
        let person = id.parse().ok().and_then(|id| self.all().get(&id).cloned()).ok_or_else(|| status(&Unknown))?;
        Ok(Response::new(told(&id, &person)))
    }

    async fn set_consents(&self, request: Request<pb::SetConsentsRequest>) -> Result<Response<Consents>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        let id = request.customer.parse::<CustomerId>().map_err(|_| status(&Unknown))?;
        let mut all = self.all();
        let person = all.get_mut(&id).ok_or_else(|| status(&Unknown))?;
        person.agreed.extend(request.consents);
        person.source = request.source;
        Ok(Response::new(told(&request.customer, person)))
    }
}
