//! Stands in for customers: one record per e-mail and realm, as far as signing in asks for.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kit::{clock::Clock, failure, ids::CustomerId};
use proto::customers::v1::{
    self as pb, customer_base_service_server::CustomerBaseService, customer_service_server::CustomerService,
};
use tonic::{Request, Response, Status};

/// The stand-in. Clones share the records.
#[derive(Clone)]
pub struct People {
    clock: Clock,
    records: Arc<Mutex<Vec<pb::Customer>>>,
    away: Arc<Mutex<bool>>,
    forgetful: Arc<Mutex<bool>>,
}

impl People {
    pub fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), records: Arc::default(), away: Arc::default(), forgetful: Arc::default() }
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

    /// Closes every door to somebody.
    pub fn inactivate(&self, id: &str) {
        for record in self.records().iter_mut().filter(|record| record.id == id) {
            "inactive".clone_into(&mut record.status);
        }
    }

    fn is_away(&self) -> bool {
        *self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("this e-mail address has to be proven first")]
struct Unproven;

impl failure::Failure for Unproven {
    fn code(&self) -> failure::Code {
        failure::Code::Conflict
    }

    fn reason(&self) -> &'static str {
        "email_unproven"
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
        if !self.records().iter().any(known) {
            self.meet(&request.realm, &request.email);
        } else if request.proven == "phone" && !self.records().iter().any(|r| known(r) && r.phone == request.phone) {
            return Err(failure::status(&Unproven));
        }
        let mut records = self.records();
        let record = records.iter_mut().find(|record| known(record)).ok_or_else(|| Status::internal("lost"))?;
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
        let pb::FindCustomerRequest { realm, identity } = request.into_inner();
        let by = |record: &&pb::Customer| record.email == identity || record.phone == identity;
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
        let realm = kit::Call::of(&request)?.actor()?.realm.map(String::from).unwrap_or_default();
        let id = request.into_inner().id;
        let found = self.records().iter().find(|record| record.id == id && record.realm == realm).cloned();
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
