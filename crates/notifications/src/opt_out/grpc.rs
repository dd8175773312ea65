//! The RPCs of such links: authorise, parse, call, encode. Consent is kept by customers.
use kit::{
    Call, Error as KitError,
    failure::{Code, Failure},
    secret::Secrets,
    transport::Transport,
};
use proto::{
    customers::v1::{Consents, GetConsentsRequest, SetConsentsRequest, consent_service_client::ConsentServiceClient},
    notifications::v1::{self as pb, opt_out_service_server::OptOutService},
};
use tonic::{Request, Response, Status};

use super::token::OptOut;
use crate::error::Error;

/// How such a decision is told apart in the history of somebody's consent.
const SOURCE: &str = "unsubscribe";

/// The server of these RPCs.
pub struct OptOuts {
    pub(crate) secrets: Secrets,
    pub(crate) consents: ConsentServiceClient<Transport>,
}

impl OptOuts {
    fn read(&self, call: &Call, token: &str) -> Result<OptOut, Error> {
        call.actor()?.require_system()?;
        OptOut::open(&self.secrets, token).ok_or(Error::LinkNotFound)
    }
}

/// What a link is about, as far as consent is known. Whoever is forgotten has agreed to nothing.
fn told(link: &OptOut, known: Result<Response<Consents>, Status>) -> Result<Response<pb::OptOut>, Status> {
    let channel = link.channel.slug();
    let granted = match known.map_err(KitError::from) {
        Ok(known) => known.into_inner().consents.iter().any(|one| one.channel == channel && one.granted),
        Err(error) if error.code() == Code::NotFound => false,
        Err(error) => return Err(error.into()),
    };
    Ok(Response::new(pb::OptOut { store: link.store.into(), channel: channel.to_owned(), granted }))
}

#[tonic::async_trait]
impl OptOutService for OptOuts {
    async fn view_opt_out(&self, request: Request<pb::ViewOptOutRequest>) -> Result<Response<pb::OptOut>, Status> {
        let call = Call::of(&request)?;
        let link = self.read(&call, &request.get_ref().token)?;
        let asked = call.trace(GetConsentsRequest { customer: link.customer.into() });
        told(&link, self.consents.clone().get_consents(asked).await)
    }

    async fn opt_out_of_marketing(
        &self,
        request: Request<pb::OptOutOfMarketingRequest>,
    ) -> Result<Response<pb::OptOut>, Status> {
        let call = Call::of(&request)?;
        let link = self.read(&call, &request.get_ref().token)?;
        let consents = [(link.channel.slug().to_owned(), false)].into();
        let decided = SetConsentsRequest { customer: link.customer.into(), consents, source: SOURCE.to_owned() };
        told(&link, self.consents.clone().set_consents(call.trace(decided)).await)
    }
}
