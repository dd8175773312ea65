//! The RPC of guests' carts: authorise, parse, call, encode.
use std::sync::Arc;

use kit::{Call, denied::Denied, ids::CustomerId};
use proto::carts::v1::{self as pb, guest_cart_service_server::GuestCartService};
use tonic::{Request, Response, Status};

use super::{MergeGuest, Merged, merge_guest};
use crate::{
    Error, access,
    cart::Cart,
    grpc::{ATTEMPTS, Carts},
    name::Name,
    store,
};

/// The server of guests' carts.
pub struct Guests {
    pub(crate) carts: Arc<Carts>,
}

impl Guests {
    /// The cart that was filled before signing in, as it is, also when its lines went into another.
    async fn guest(&self, call: &Call, name: &Name) -> Result<Cart, Error> {
        let actor = call.actor()?;
        let found = store::find_named(self.carts.db.pool(), Some(access::front(actor)?), name).await?;
        found.filter(|cart| access::reaches(actor, cart)).ok_or(Error::CartNotFound)
    }

    /// Merges it; when somebody else changes one of the carts meanwhile, everything starts over.
    async fn merge(&self, call: &Call, customer: CustomerId, name: &Name) -> Result<(Cart, Merged), Error> {
        for _ in 0..ATTEMPTS {
            let guest = self.guest(call, name).await?;
            let input = MergeGuest { guest, customer, store: call.actor()?.store, now: self.carts.clock.now() };
            let mut tx = self.carts.db.begin_own().await?;
            if let Some(merged) = merge_guest(&mut tx, &input).await? {
                tx.commit().await?;
                return Ok((input.guest, merged));
            }
            tx.rollback().await?;
        }
        Err(kit::Error::Busy.into())
    }
}

#[tonic::async_trait]
impl GuestCartService for Guests {
    async fn merge_guest_cart(
        &self,
        request: Request<pb::MergeGuestCartRequest>,
    ) -> Result<Response<pb::MergedGuestCart>, Status> {
        let call = Call::of(&request)?;
        let customer = call.actor()?.customer().ok_or(Denied::Unauthenticated).map_err(Error::from)?;
        let name = Name::parse(&request.get_ref().cart)?;
        let (guest, Merged { cart, into_another }) = self.merge(&call, customer, &name).await?;
        let (lines, left_out) = cart.shares(&guest);
        let shown = self.carts.shown(&call, &cart).await?;
        Ok(Response::new(pb::MergedGuestCart { cart: Some(shown), merged: into_another, lines, left_out }))
    }
}
