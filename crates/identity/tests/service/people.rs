//! Stands in for customers: one record per e-mail and realm, as far as signing in asks for.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use kit::{clock::Clock, failure, ids::CustomerId};
use proto::customers::v1::{
    self as pb, change_contact_request::Proven, customer_base_service_server::CustomerBaseService,
    customer_service_server::CustomerService, find_shopper_response, person_service_server::PersonService,
};
use tonic::{Request, Response, Status};

/// The stand-in. Clones share the records.
#[derive(Clone)]
pub struct People {
    clock: Clock,
    records: Arc<Mutex<Vec<pb::Customer>>>,
    away: Arc<Mutex<bool>>,
    forgetful: Arc<Mutex<bool>>,
    slow: Arc<Mutex<TimeDelta>>,
}

impl People {
    pub fn new(clock: &Clock) -> Self {
        let (records, away, forgetful) = (Arc::default(), Arc::default(), Arc::default());
        Self { clock: clock.clone(), records, away, forgetful, slow: Arc::default() }
    }

    pub fn records(&self) -> MutexGuard<'_, Vec<pb::Customer>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets registering and looking people up fail as when the service is not there.
    pub fn set_away(&self, away: bool) {
        *self.away.lock().unwrap_or_else(PoisonError::into_inner) = away;
    }

    /// Lets marking a record fail, as when the service goes away half-way.
    pub fn set_forgetful(&self) {
        *self.forgetful.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    fn is_forgetful(&self) -> bool {
        *self.forgetful.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A guest record.
    pub fn meet(&self, realm: &str, email: &str) -> String {
        let id = CustomerId::new(self.clock.now()).to_string();
        self.records().push(pb::Customer {
            id: id.clone(),
            realm: realm.to_owned(),
            email: email.to_owned(),
            registration: "guest".to_owned(),
            status: "active".to_owned(),
            ..pb::Customer::default()
        });
        id
    }

    /// Somebody who has bought with this address.
    pub fn sell(&self, realm: &str, email: &str) -> String {
        let id = self.meet(realm, email);
        for record in self.records().iter_mut().filter(|record| record.id == id) {
            record.orders_count = 1;
            record.last_order_at = Some(kit::clock::timestamp(self.clock.now()));
        }
        id
    }

    /// Closes every door to somebody.
    pub fn inactivate(&self, id: &str) {
        self.stand(id, "inactive");
    }

    /// Opens them again.
    pub fn activate(&self, id: &str) {
        self.stand(id, "active");
    }

    fn stand(&self, id: &str, status: &str) {
        for record in self.records().iter_mut().filter(|record| record.id == id) {
            status.clone_into(&mut record.status);
        }
    }

    /// Lets looking somebody up take so long.
    pub fn set_slow(&self, time: TimeDelta) {
        *self.slow.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// A record of its own, whose address is not proven.
    fn vouched(&self, request: pb::RegisterCustomerRequest) -> pb::Customer {
        if let Some(known) = self.records().iter().find(|record| record.id == request.customer) {
            return known.clone();
        }
        let record = pb::Customer {
            id: request.customer,
            realm: request.realm,
            email: request.email,
            registration: "guest".to_owned(),
            status: "active".to_owned(),
            tags: vec!["unproven".to_owned()],
            ..pb::Customer::default()
        };
        self.records().push(record.clone());
        record
    }

    fn is_away(&self) -> bool {
        *self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("this belongs to another account")]
struct Taken(&'static str);

impl failure::Failure for Taken {
    fn code(&self) -> failure::Code {
        failure::Code::Conflict
    }

    fn reason(&self) -> &'static str {
        self.0
    }
}

#[derive(Debug, thiserror::Error)]
#[error("there is no such customer")]
struct Unknown;

impl failure::Failure for Unknown {
    fn code(&self) -> failure::Code {
        failure::Code::NotFound
    }

    fn reason(&self) -> &'static str {
        "customer_not_found"
    }
}

#[tonic::async_trait]
impl CustomerService for People {
    async fn register_customer(
        &self,
        request: Request<pb::RegisterCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        if self.is_away() {
            return Err(Status::unavailable("not here"));
        }
        let request = request.into_inner();
        if !request.prepare && self.is_forgetful() {
            return Err(Status::unavailable("not here any longer"));
        }
        let known = |record: &pb::Customer| record.realm == request.realm && record.email == request.email;
        if request.proven == "provider" {
            return Ok(Response::new(self.vouched(request)));
        }
        if !self.records().iter().any(known) {
            self.meet(&request.realm, &request.email);
        } else if request.proven == "phone" && !self.records().iter().any(|r| known(r) && r.phone == request.phone) {
            // Beside the record of the address's owner; nobody is found by an address that is not proven.
            let id = self.meet(&request.realm, "");
            let mut records = self.records();
            let record = records.iter_mut().find(|record| record.id == id).ok_or_else(|| Status::internal("lost"))?;
            (record.email, record.phone) = (request.email, request.phone);
            record.tags.push("unproven".to_owned());
            return Ok(Response::new(record.clone()));
        }
        let mut records = self.records();
        let own = |record: &pb::Customer| known(record) && (request.proven != "phone" || record.phone == request.phone);
        let place = records.iter().position(own).or_else(|| records.iter().position(known));
        let record = place.and_then(|place| records.get_mut(place)).ok_or_else(|| Status::internal("lost"))?;
        if !request.prepare {
            "registered".clone_into(&mut record.registration);
            record.name = request.name;
        }
        record.phone = request.phone;
        Ok(Response::new(record.clone()))
    }

    async fn find_customer(
        &self,
        request: Request<pb::FindCustomerRequest>,
    ) -> Result<Response<pb::FindCustomerResponse>, Status> {
        if self.is_away() {
            return Err(Status::unavailable("not here"));
        }
        self.clock.advance(*self.slow.lock().unwrap_or_else(PoisonError::into_inner));
        let pb::FindCustomerRequest { realm, identity } = request.into_inner();
        let by = |record: &&pb::Customer| {
            (record.email.eq_ignore_ascii_case(&identity) && record.tags.is_empty()) || record.phone == identity
        };
        let customer = self.records().iter().filter(|record| record.realm == realm).find(by).cloned();
        Ok(Response::new(pb::FindCustomerResponse { customer }))
    }

    async fn ensure_customer(
        &self,
        _: Request<pb::EnsureCustomerRequest>,
    ) -> Result<Response<pb::EnsureCustomerResponse>, Status> {
        Err(Status::unimplemented("identity does not ask this"))
    }

    async fn get_customer(&self, request: Request<pb::GetCustomerRequest>) -> Result<Response<pb::Customer>, Status> {
        let realm = kit::Call::of(&request)?.actor()?.realm.map(String::from);
        let id = request.into_inner().id;
        let is_theirs =
            |record: &&pb::Customer| record.id == id && realm.as_ref().is_none_or(|realm| record.realm == *realm);
        let found = self.records().iter().find(is_theirs).cloned();
        found.map(Response::new).ok_or_else(|| failure::status(&Unknown))
    }

    async fn list_customers(
        &self,
        _: Request<pb::ListCustomersRequest>,
    ) -> Result<Response<pb::ListCustomersResponse>, Status> {
        Err(Status::unimplemented("identity does not ask this"))
    }

    async fn update_own_profile(
        &self,
        _: Request<pb::UpdateOwnProfileRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        Err(Status::unimplemented("identity does not ask this"))
    }
}

#[tonic::async_trait]
impl PersonService for People {
    async fn change_contact(
        &self,
        request: Request<pb::ChangeContactRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let pb::ChangeContactRequest { realm, customer, proven } = request.into_inner();
        let mut records = self.records();
        let others = |record: &&pb::Customer| record.realm == realm && record.id != customer && record.tags.is_empty();
        let (email, phone) = match proven {
            Some(Proven::Email(email)) => (Some(email), None),
            Some(Proven::Phone(phone)) => (None, Some(phone)),
            None => return Err(Status::invalid_argument("nothing was proven")),
        };
        if email.as_ref().is_some_and(|email| records.iter().filter(others).any(|other| other.email == *email)) {
            return Err(failure::status(&Taken("email_taken")));
        }
        if phone.as_ref().is_some_and(|phone| records.iter().filter(others).any(|other| other.phone == *phone)) {
            return Err(failure::status(&Taken("phone_taken")));
        }
        let record = records.iter_mut().find(|record| record.id == customer);
        let record = record.ok_or_else(|| Status::not_found("no such customer"))?;
        if let Some(email) = email {
            record.email = email;
            record.tags.clear();
        }
        record.phone = phone.unwrap_or_else(|| record.phone.clone());
        Ok(Response::new(record.clone()))
    }

    async fn find_known(&self, _: Request<pb::FindKnownRequest>) -> Result<Response<pb::FindKnownResponse>, Status> {
        Err(Status::unimplemented("identity does not ask this"))
    }

    async fn find_shopper(
        &self,
        request: Request<pb::FindShopperRequest>,
    ) -> Result<Response<pb::FindShopperResponse>, Status> {
        let pb::FindShopperRequest { email, realms } = request.into_inner();
        let records = self.records();
        let known = records
            .iter()
            .filter(|r| r.email == email.to_lowercase() && r.tags.is_empty() && realms.contains(&r.realm));
        let told = known.map(|record| find_shopper_response::Record {
            realm: record.realm.clone(),
            customer: record.id.clone(),
            lifecycle: if record.orders_count > 0 { "customer" } else { "lead" }.to_owned(),
            registration: record.registration.clone(),
            status: record.status.clone(),
            stores: vec![find_shopper_response::StoreRecord {
                store: record.realm.replace("rlm_", "sto_"),
                orders_count: record.orders_count,
                last_order_at: record.last_order_at,
                gifted_at: None,
            }],
        });
        Ok(Response::new(pb::FindShopperResponse { records: told.collect() }))
    }
}

#[tonic::async_trait]
impl CustomerBaseService for People {
    async fn has_customers(
        &self,
        request: Request<pb::HasCustomersRequest>,
    ) -> Result<Response<pb::HasCustomersResponse>, Status> {
        let realms = request.into_inner().realms;
        let any = self.records().iter().any(|record| realms.contains(&record.realm));
        Ok(Response::new(pb::HasCustomersResponse { any }))
    }
}
