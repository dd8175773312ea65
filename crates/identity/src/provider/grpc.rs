//! The RPC of signing in with a provider: authorise, parse, open tx, call, encode.
use kit::Call;
use proto::identity::v1::{self as pb, provider_service_server::ProviderService};
use tonic::{Request, Response, Status};

use super::{
    Provider, Providers, facebook,
    sign_in::{admit, sign_in},
    token::{self, Vouched},
};
use crate::{
    Error,
    account::{Desk, grpc::told},
    attempt,
    device::tell::tell_of_sign_in,
    input,
};

/// The server of this RPC.
pub struct ProviderSignIns {
    pub(crate) desk: Desk,
    pub(crate) providers: Providers,
}

impl ProviderSignIns {
    async fn verify(&self, provider: Provider, request: &pb::SignInWithProviderRequest) -> Result<Vouched, Error> {
        let setup = self.providers.get(provider)?;
        let expected = (&*request.client_id, &*request.nonce);
        match (request.id_token.trim(), request.access_token.trim()) {
            ("", "") => Err(input::required("/id_token").into()),
            ("", token) if provider == Provider::Facebook => facebook::verify(&self.providers, token).await,
            ("", _) => Err(Error::BadToken),
            (token, _) => token::verify(setup, token, expected, self.desk.clock.now()).await,
        }
    }
}

#[tonic::async_trait]
impl ProviderService for ProviderSignIns {
    async fn sign_in_with_provider(
        &self,
        request: Request<pb::SignInWithProviderRequest>,
    ) -> Result<Response<pb::SignedInAccount>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let provider = Provider::parse(&request.get_ref().provider)?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let network = attempt::attempt::network(&desk.secrets, &call.client().ip);
        attempt::store::take(desk.db.pool(), &desk.limits.sign_in, network, desk.clock.now()).await?;
        let vouched = self.verify(provider, request.get_ref()).await?;
        let email = vouched.email.as_ref().map_or("", |email| email.canonical());
        desk.refuse_blocked(&call, email, desk.clock.now()).await?;
        let admitted = admit(desk, &call, &visitor, &vouched).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (session, token) = sign_in(&mut tx, (desk, &call, &visitor), (provider, &vouched), &admitted).await?;
        let answer = tx.answer(told((&session, token), admitted.is_new)).await?;
        tell_of_sign_in(desk, &call, &visitor, &session);
        Ok(answer)
    }
}
