//! The RPC of check-out links: parse, call, encode.
use kit::{Call, clock::timestamp};
use proto::identity::v1::{self as pb, checkout_sign_in_service_server::CheckoutSignInService};
use tonic::{Request, Response, Status};

use super::sign_in::{prove, sign_in};
use crate::{account::Desk, input};

/// The server of this RPC. Whoever has a link needs no key of a shop front: it leads to one store.
pub struct CheckoutSignIns {
    pub(crate) desk: Desk,
}

#[tonic::async_trait]
impl CheckoutSignInService for CheckoutSignIns {
    async fn sign_in_with_checkout_link(
        &self,
        request: Request<pb::SignInWithCheckoutLinkRequest>,
    ) -> Result<Response<pb::SignedInByLink>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let token = input::text("/token", &request.get_ref().token, 100)?;
        let proven = prove(desk, &call, &token).await?;
        let mut tx = desk.db.begin_own().await?;
        let (session, token) = sign_in(&mut tx, &call, &proven).await?;
        tx.commit().await?;
        Ok(Response::new(pb::SignedInByLink {
            token,
            store: proven.link.store,
            cart: proven.link.cart,
            customer: session.subject.text(),
            expires_at: Some(timestamp(session.expires_at)),
        }))
    }
}
