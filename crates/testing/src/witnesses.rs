//! Stands in for identity, carts and orders where they are asked who uses an account, and for the block list.
use std::{
    collections::HashSet,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kit::service::Service;
use proto::{
    base::v1::{CountMovesRequest, FindTracesRequest, GetPersonalDataRequest, Moves, PersonalData, Trace, Traces},
    carts::v1::personal_data_service_server as carts,
    identity::v1::{
        AddBlocksRequest, AddBlocksResponse, Block, CheckBlocksRequest, CheckBlocksResponse, CheckManyBlocksRequest,
        CheckManyBlocksResponse, CreateBlockRequest, DeleteBlockRequest, DeleteBlockResponse, ListBlocksRequest,
        ListBlocksResponse, block_service_server::BlockService, personal_data_service_server as identity,
    },
    orders::v1::{CountOpenPaymentsRequest, CountOpenPaymentsResponse, personal_data_service_server as orders},
};
use tonic::{Request, Response, Status};

/// Something that happens while a service is asked.
pub type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Default)]
struct Known {
    left: Vec<(&'static str, Trace)>,
    blocked: HashSet<String>,
    added: Vec<(String, String)>,
    is_silent: bool,
    is_closed: bool,
    meanwhile: Option<Meanwhile>,
}

/// What they know. Clones share it.
#[derive(Clone, Default)]
pub struct Witnesses(Arc<Mutex<Known>>);

impl Witnesses {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on `service` knows of something that `customer` left.
    pub fn leave(&self, service: &'static str, customer: &str, kind: &str) {
        let trace = Trace { customer: customer.to_owned(), kind: kind.to_owned() };
        self.known().left.push((service, trace));
    }

    /// From now on this e-mail address is on the block list.
    pub fn block(&self, email: &str) {
        self.known().blocked.insert(email.to_owned());
    }

    /// What was added to the block list since: kinds and values.
    #[must_use]
    pub fn added(&self) -> Vec<(String, String)> {
        self.known().added.clone()
    }

    /// Whether carts answers.
    pub fn silence(&self, is_silent: bool) {
        self.known().is_silent = is_silent;
    }

    /// Nothing can be added to the block list …
    pub fn close(&self) {
        self.known().is_closed = true;
    }

    /// … and from now on again.
    pub fn open(&self) {
        self.known().is_closed = false;
    }

    /// Has something happen right after orders has looked, and before anybody hears of what it saw.
    pub fn meanwhile(&self, happens: impl Future<Output = ()> + Send + 'static) {
        self.known().meanwhile = Some(Box::pin(happens));
    }

    /// Carts and orders; the rig serves identity itself.
    #[must_use]
    pub fn services(&self) -> Vec<Service> {
        let carts = Service::new("carts").rpc(carts::PersonalDataServiceServer::new(self.clone()));
        vec![carts, Service::new("orders").rpc(orders::PersonalDataServiceServer::new(self.clone()))]
    }

    fn traces(&self, service: &str, request: &FindTracesRequest) -> Response<Traces> {
        let known = self.known();
        let asked =
            known.left.iter().filter(|(by, trace)| *by == service && request.customers.contains(&trace.customer));
        Response::new(Traces { traces: asked.map(|(_, trace)| trace.clone()).collect() })
    }
}

#[tonic::async_trait]
impl identity::PersonalDataService for Witnesses {
    async fn get_personal_data(&self, _: Request<GetPersonalDataRequest>) -> Result<Response<PersonalData>, Status> {
        Ok(Response::new(PersonalData::default()))
    }

    async fn count_moves(&self, _: Request<CountMovesRequest>) -> Result<Response<Moves>, Status> {
        Ok(Response::new(Moves::default()))
    }

    async fn find_traces(&self, request: Request<FindTracesRequest>) -> Result<Response<Traces>, Status> {
        Ok(self.traces("identity", request.get_ref()))
    }
}

#[tonic::async_trait]
impl carts::PersonalDataService for Witnesses {
    async fn get_personal_data(&self, _: Request<GetPersonalDataRequest>) -> Result<Response<PersonalData>, Status> {
        Ok(Response::new(PersonalData::default()))
    }

    async fn count_moves(&self, _: Request<CountMovesRequest>) -> Result<Response<Moves>, Status> {
        Ok(Response::new(Moves::default()))
    }

    async fn find_traces(&self, request: Request<FindTracesRequest>) -> Result<Response<Traces>, Status> {
        let is_silent = self.known().is_silent;
        if is_silent { Err(Status::unavailable("no answer")) } else { Ok(self.traces("carts", request.get_ref())) }
    }
}

#[tonic::async_trait]
impl orders::PersonalDataService for Witnesses {
    async fn get_personal_data(&self, _: Request<GetPersonalDataRequest>) -> Result<Response<PersonalData>, Status> {
        Ok(Response::new(PersonalData::default()))
    }

    async fn count_moves(&self, _: Request<CountMovesRequest>) -> Result<Response<Moves>, Status> {
        Ok(Response::new(Moves::default()))
    }

    async fn find_traces(&self, request: Request<FindTracesRequest>) -> Result<Response<Traces>, Status> {
        let seen = self.traces("orders", request.get_ref());
        let meanwhile = self.known().meanwhile.take();
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        Ok(seen)
    }

    async fn count_open_payments(
        &self,
        _: Request<CountOpenPaymentsRequest>,
    ) -> Result<Response<CountOpenPaymentsResponse>, Status> {
        Ok(Response::new(CountOpenPaymentsResponse { count: 0 }))
    }
}

#[tonic::async_trait]
impl BlockService for Witnesses {
    async fn create_block(&self, _: Request<CreateBlockRequest>) -> Result<Response<Block>, Status> {
        Err(Status::unimplemented("blocks of a test are given to it"))
    }

    async fn list_blocks(&self, _: Request<ListBlocksRequest>) -> Result<Response<ListBlocksResponse>, Status> {
        Err(Status::unimplemented("blocks of a test are given to it"))
    }

    async fn delete_block(&self, _: Request<DeleteBlockRequest>) -> Result<Response<DeleteBlockResponse>, Status> {
        Err(Status::unimplemented("blocks of a test are given to it"))
    }

    async fn check_blocks(
        &self,
        request: Request<CheckBlocksRequest>,
    ) -> Result<Response<CheckBlocksResponse>, Status> {
        let blocked = self.known().blocked.contains(&request.get_ref().email);
        Ok(Response::new(CheckBlocksResponse { blocked }))
    }

    async fn check_many_blocks(
        &self,
        request: Request<CheckManyBlocksRequest>,
    ) -> Result<Response<CheckManyBlocksResponse>, Status> {
        let known = self.known();
        let visitors = request.get_ref().visitors.iter();
        let blocked = visitors.map(|visitor| known.blocked.contains(&visitor.email)).collect();
        Ok(Response::new(CheckManyBlocksResponse { blocked }))
    }

    async fn add_blocks(&self, request: Request<AddBlocksRequest>) -> Result<Response<AddBlocksResponse>, Status> {
        if self.known().is_closed {
            return Err(Status::unavailable("no answer"));
        }
        let values = request.into_inner().values;
        let added = i64::try_from(values.len()).unwrap_or(i64::MAX);
        self.known().added.extend(values.into_iter().map(|value| (value.kind, value.value)));
        Ok(Response::new(AddBlocksResponse { added }))
    }
}
