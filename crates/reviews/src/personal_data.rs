//! The RPC by which the house gathers what is kept of a person (CU-15).
use kit::{Db, clock::Clock};
use proto::{
    base::v1::{GetPersonalDataRequest, PersonalData},
    reviews::v1::personal_data_service_server::PersonalDataService,
};
use tonic::{Request, Response, Status};

use crate::holdings::TABLES;

/// Its server.
pub struct Personal {
    /// Database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
}

#[tonic::async_trait]
impl PersonalDataService for Personal {
    async fn get_personal_data(
        &self,
        request: Request<GetPersonalDataRequest>,
    ) -> Result<Response<PersonalData>, Status> {
        holdings::answer((&self.db, &self.clock), TABLES, request).await
    }
}
