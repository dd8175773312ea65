//! Stands in for identity: four staff members, two stores in a network and one outside.
use std::sync::{Arc, Mutex};

use kit::{
    Call,
    actor::Kind,
    assertion::Claims,
    clock,
    denied::Denied,
    permission::{Permission, Permissions},
};
use proto::identity::v1::{
    CreateSessionRequest, CreateSessionResponse, CreateStaffRequest, CreateStaffResponse, CreateStoreRequest,
    DeleteSessionRequest, DeleteSessionResponse, ExchangeRequest, ExchangeResponse, GetCurrentStaffRequest,
    GetSessionRequest, GetStoreRequest, ListKeysRequest, ListKeysResponse, ListStoresRequest, ListStoresResponse,
    Membership, Staff, StaffSession, Store, VerificationKey, VerifyFactorRequest,
    assertion_service_server::AssertionService, create_session_response::Outcome, membership,
    staff_service_server::StaffService, staff_session_service_server::StaffSessionService,
    store_service_server::StoreService,
};
use testing::Actors;
use tonic::{Request, Response, Status};

use super::Unknown;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
/// The code of every second factor.
pub const CODE: &str = "123456";
/// The network of the first two.
const NETWORK: &str = "net_01957000000070008000000000000009";
/// The stores: id and name.
pub const STORES: [(&str, &str); 3] = [
    ("sto_01957000000070008000000000000001", "Harbour Books"),
    ("sto_01957000000070008000000000000002", "Harbour Records"),
    ("sto_01957000000070008000000000000003", "Corner Café"),
];
/// Staff by the name in front of their e-mail address: display name, role, network and stores.
const STAFF: [(&str, &str, &str); 4] = [
    ("owner", "Ingrid Solberg", "owner"),
    ("agent", "Tomás Pereira", "sales_agent"),
    ("moderator", "Mina Okafor", "moderator"),
    ("both", "Lea Fontaine", "administrator"),
];

/// The stand-in.
#[derive(Clone)]
pub struct Identity {
    actors: Arc<Actors>,
    /// Names of those who have signed out.
    pub gone: Arc<Mutex<Vec<String>>>,
    /// Addresses that sessions were asked for from.
    pub addresses: Arc<Mutex<Vec<String>>>,
}

impl Identity {
    /// An identity that signs as `actors`.
    pub fn new(actors: Actors) -> Self {
        Self { actors: Arc::new(actors), gone: Arc::default(), addresses: Arc::default() }
    }
}

fn permissions(who: &str) -> Permissions {
    let moderator = [Permission::CustomersRead, Permission::OrdersRead, Permission::CatalogRead];
    match who {
        "moderator" => moderator.into_iter().collect(),
        _ => Permissions::all(),
    }
}

fn staff(who: &str) -> Result<Staff, Status> {
    let (_, name, role) = STAFF.iter().find(|(known, ..)| *known == who).ok_or(Denied::Unauthenticated)?;
    let membership = |place: &str, stores: &[(&str, &str)]| Membership {
        place: place.to_owned(),
        role: (*role).to_owned(),
        permissions: permissions(who).iter().map(|permission| permission.slug().to_owned()).collect(),
        stores: stores.iter().map(|(id, name)| membership::Store { id: (*id).into(), name: (*name).into() }).collect(),
        role_name: (*role).to_owned(),
    };
    let (network, corner) = (membership(NETWORK, &STORES[..2]), membership(STORES[2].0, &STORES[2..]));
    let memberships = match who {
        "both" => vec![network, corner],
        "agent" => vec![corner],
        _ => vec![network],
    };
    Ok(Staff { id: format!("stf_{who}"), name: (*name).to_owned(), email: format!("{who}@example.com"), memberships })
}

#[tonic::async_trait]
impl AssertionService for Identity {
    async fn exchange(&self, request: Request<ExchangeRequest>) -> Result<Response<ExchangeResponse>, Status> {
        let request = request.into_inner();
        self.addresses.lock().unwrap().push(request.ip.clone());
        let who = request.bearer.strip_prefix("staff_").ok_or(Denied::Unauthenticated)?;
        if self.gone.lock().unwrap().iter().any(|gone| gone == who) {
            return Err(Denied::Unauthenticated.into());
        }
        let staff = staff(who)?;
        let mut stores = staff.memberships.iter().flat_map(|membership| &membership.stores);
        if request.store.is_empty() && staff.memberships.len() > 1 {
            return Err(Denied::StoreRequired.into());
        }
        if !request.store.is_empty() && !stores.any(|store| store.id == request.store) {
            return Err(kit::failure::status(&Unknown));
        }
        let mut claims = Claims { perms: permissions(who), ..self.actors.claims(Kind::Staff, staff.id) };
        claims.store = Some(request.store).filter(|store| !store.is_empty());
        claims.sid = Some(format!("ses_{who}"));
        let assertion = self.actors.signer().sign(&claims).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(ExchangeResponse { assertion, expires_at: claims.exp }))
    }

    async fn list_keys(&self, _: Request<ListKeysRequest>) -> Result<Response<ListKeysResponse>, Status> {
        let key = self.actors.signer().public();
        let key = VerificationKey { id: key.id, public_key: key.bytes.to_vec().into() };
        Ok(Response::new(ListKeysResponse { keys: vec![key] }))
    }
}

#[tonic::async_trait]
impl StaffService for Identity {
    async fn create_staff(&self, _: Request<CreateStaffRequest>) -> Result<Response<CreateStaffResponse>, Status> {
        Err(Status::unimplemented("staff of a test are given to it"))
    }

    async fn get_current_staff(&self, request: Request<GetCurrentStaffRequest>) -> Result<Response<Staff>, Status> {
        let call = Call::of(&request)?;
        staff(call.actor()?.subject.trim_start_matches("stf_")).map(Response::new)
    }
}

#[tonic::async_trait]
impl StaffSessionService for Identity {
    async fn create_session(
        &self,
        request: Request<CreateSessionRequest>,
    ) -> Result<Response<CreateSessionResponse>, Status> {
        let CreateSessionRequest { email, password } = request.into_inner();
        let who = email.trim_end_matches("@example.com");
        if password != PASSWORD {
            return Err(Denied::Unauthenticated.into());
        }
        let outcome = match who {
            "owner" => Outcome::Challenge(format!("challenge-{who}")),
            who => Outcome::Session(Self::session(who)?),
        };
        Ok(Response::new(CreateSessionResponse { outcome: Some(outcome), enrolment_required: false }))
    }

    async fn verify_factor(&self, request: Request<VerifyFactorRequest>) -> Result<Response<StaffSession>, Status> {
        let VerifyFactorRequest { challenge, code } = request.into_inner();
        let who = challenge.strip_prefix("challenge-").ok_or(Denied::Unauthenticated)?;
        if code != CODE {
            return Err(Denied::Unauthenticated.into());
        }
        Self::session(who).map(Response::new)
    }

    async fn get_session(&self, _: Request<GetSessionRequest>) -> Result<Response<StaffSession>, Status> {
        Err(Status::unimplemented("the console does not ask for it"))
    }

    async fn delete_session(
        &self,
        request: Request<DeleteSessionRequest>,
    ) -> Result<Response<DeleteSessionResponse>, Status> {
        let call = Call::of(&request)?;
        self.gone.lock().unwrap().push(call.actor()?.subject.trim_start_matches("stf_").to_owned());
        Ok(Response::new(DeleteSessionResponse {}))
    }
}

impl Identity {
    fn session(who: &str) -> Result<StaffSession, Status> {
        let tomorrow = "2026-03-03T12:00:00Z".parse().expect("a date");
        let expires_at = Some(clock::timestamp(tomorrow));
        let (token, staff) = (format!("staff_{who}"), Some(staff(who)?));
        Ok(StaffSession { token, expires_at, staff, recovery_codes: Vec::new() })
    }
}

#[tonic::async_trait]
impl StoreService for Identity {
    async fn create_store(&self, _: Request<CreateStoreRequest>) -> Result<Response<Store>, Status> {
        Err(Status::unimplemented("stores of a test are given to it"))
    }

    async fn get_store(&self, request: Request<GetStoreRequest>) -> Result<Response<Store>, Status> {
        let id = request.into_inner().id;
        let (_, name) = STORES.iter().find(|(known, _)| *known == id).ok_or(Denied::WrongCaller)?;
        let timezone = "Europe/Berlin".to_owned();
        Ok(Response::new(Store { id, name: (*name).to_owned(), timezone, ..Store::default() }))
    }

    async fn list_stores(&self, _: Request<ListStoresRequest>) -> Result<Response<ListStoresResponse>, Status> {
        Ok(Response::new(ListStoresResponse { stores: Vec::new() }))
    }
}
