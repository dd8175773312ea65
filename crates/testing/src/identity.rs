//! Stands in for identity where one service is tested by itself: publishes the test's key, knows the test's stores.
use kit::assertion::PublicKey;
use proto::identity::v1::{
    ChangeMemberRequest, Colleague, CreateNetworkRequest, CreateStoreRequest, ExchangeRequest, ExchangeResponse,
    FindColleaguesRequest, FindColleaguesResponse, GetMemberRequest, GetNetworkRequest, GetStoreRequest,
    ListKeysRequest, ListKeysResponse, ListMembersRequest, ListMembersResponse, ListStoresRequest, ListStoresResponse,
    Member, Network, RemoveMemberRequest, RemoveMemberResponse, Store, VerificationKey,
    assertion_service_server::AssertionService, colleague_service_server::ColleagueService,
    member_service_server::MemberService, network_service_server::NetworkService, store_service_server::StoreService,
};
use tonic::{Request, Response, Status};

/// The stand-in.
#[derive(Clone)]
pub struct Identity {
    /// Key that assertions are verified with.
    pub key: PublicKey,
    /// Stores there are.
    pub stores: Vec<Store>,
    /// Networks there are.
    pub networks: Vec<Network>,
    /// Who works for every store there is.
    pub colleagues: Vec<Colleague>,
}

#[tonic::async_trait]
impl AssertionService for Identity {
    async fn exchange(&self, _: Request<ExchangeRequest>) -> Result<Response<ExchangeResponse>, Status> {
        Err(kit::denied::Denied::Unauthenticated.into())
    }

    async fn list_keys(&self, _: Request<ListKeysRequest>) -> Result<Response<ListKeysResponse>, Status> {
        let key = VerificationKey { id: self.key.id.clone(), public_key: self.key.bytes.to_vec().into() };
        Ok(Response::new(ListKeysResponse { keys: vec![key] }))
    }
}

#[tonic::async_trait]
impl StoreService for Identity {
    async fn create_store(&self, _: Request<CreateStoreRequest>) -> Result<Response<Store>, Status> {
        Err(Status::unimplemented("stores of a test are given to it"))
    }

    async fn get_store(&self, request: Request<GetStoreRequest>) -> Result<Response<Store>, Status> {
        let id = request.into_inner().id;
        let store = self.stores.iter().find(|store| store.id == id).cloned();
        store.map(Response::new).ok_or_else(|| Status::not_found("no such store"))
    }

    async fn list_stores(&self, request: Request<ListStoresRequest>) -> Result<Response<ListStoresResponse>, Status> {
        let network = request.into_inner().network;
        let stores = self.stores.iter().filter(|store| store.network == network).cloned().collect();
        Ok(Response::new(ListStoresResponse { stores }))
    }
}

#[tonic::async_trait]
impl NetworkService for Identity {
    async fn create_network(&self, _: Request<CreateNetworkRequest>) -> Result<Response<Network>, Status> {
        Err(Status::unimplemented("networks of a test are given to it"))
    }

    async fn get_network(&self, request: Request<GetNetworkRequest>) -> Result<Response<Network>, Status> {
        let id = request.into_inner().id;
        let network = self.networks.iter().find(|network| network.id == id).cloned();
        network.map(Response::new).ok_or_else(|| Status::not_found("no such network"))
    }
}

/// An owner and a moderator work at every place that somebody speaks for.
#[tonic::async_trait]
impl MemberService for Identity {
    async fn list_members(
        &self,
        request: Request<ListMembersRequest>,
    ) -> Result<Response<ListMembersResponse>, Status> {
        let call = kit::Call::of(&request)?;
        let place = call.actor()?.store.map(String::from);
        let member = |role: &str| Member {
            email: format!("{role}@example.com"),
            place: place.clone().unwrap_or_default(),
            role: role.to_owned(),
            ..Member::default()
        };
        Ok(Response::new(ListMembersResponse { members: vec![member("owner"), member("moderator")] }))
    }

    async fn get_member(&self, _: Request<GetMemberRequest>) -> Result<Response<Member>, Status> {
        Err(Status::unimplemented("the members of a test are all alike"))
    }

    async fn change_member(&self, _: Request<ChangeMemberRequest>) -> Result<Response<Member>, Status> {
        Err(Status::unimplemented("the members of a test are all alike"))
    }

    async fn remove_member(&self, _: Request<RemoveMemberRequest>) -> Result<Response<RemoveMemberResponse>, Status> {
        Err(Status::unimplemented("the members of a test are all alike"))
    }
}

#[tonic::async_trait]
impl ColleagueService for Identity {
    async fn find_colleagues(
        &self,
        request: Request<FindColleaguesRequest>,
    ) -> Result<Response<FindColleaguesResponse>, Status> {
        let asked = request.into_inner().staff;
        let colleagues = self.colleagues.iter().filter(|known| asked.contains(&known.staff)).cloned().collect();
        Ok(Response::new(FindColleaguesResponse { colleagues }))
    }
}
