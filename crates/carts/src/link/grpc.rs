//! The RPCs of links: authorise, parse, call, encode.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    clock::{Clock, timestamp},
    ids::StoreId,
    outbox,
    permission::Permission,
};
use proto::carts::v1::{self as pb, checkout_link_service_server::CheckoutLinkService};
use tonic::{Request, Response, Status};

use super::{
    Link,
    create::{CreateLink, check, create_link},
    link::hash,
    post::Post,
    store,
};
use crate::{Error, access, attribution::work_on, cart::Cart, name::Name, store as carts};

/// The server of link RPCs.
pub struct Links {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) post: Post,
}

impl Links {
    /// The cart with this id, when `actor` reaches it.
    async fn cart(&self, actor: &Actor, id: &str) -> Result<Cart, Error> {
        let id = id.parse().map_err(|_| Error::CartNotFound)?;
        let cart = carts::find_named(self.db.pool(), Some(access::front(actor)?), &Name::Id(id)).await?;
        cart.filter(|cart| access::reaches(actor, cart)).ok_or(Error::CartNotFound)
    }
}

/// Where a cart with lines buys from.
fn shop(cart: &Cart) -> Result<StoreId, Error> {
    cart.store().ok_or(Error::CartEmpty)
}

/// Tells that a link was revoked.
fn revoke_link(tx: &mut Tx, call: &Call, link: &Link, now: DateTime<Utc>) -> Result<(), Error> {
    let entry = Entry::new("checkout_link.revoked", ("checkout_link", link.id), now).about(link.customer);
    audit::record(tx, call, entry.removed(json!({ "cart": link.cart.to_string() })))?;
    let revoked = pb::CheckoutLinkRevoked {
        realm: link.realm.into(),
        link: link.id.into(),
        cart: link.cart.into(),
        customer: link.customer.into(),
        at: Some(timestamp(now)),
    };
    outbox::publish(tx, &revoked);
    Ok(())
}

#[tonic::async_trait]
impl CheckoutLinkService for Links {
    async fn create_checkout_link(
        &self,
        request: Request<pb::CreateCheckoutLinkRequest>,
    ) -> Result<Response<pb::CheckoutLink>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CartsWrite)?;
        if !request.get_ref().send {
            // Whoever opens a link sees who the customer is; to be sent, nobody has to see it.
            actor.require(Permission::CustomersPii)?;
        }
        let input = CreateLink::parse(request.get_ref(), self.clock.now())?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let mut cart = self.cart(actor, &request.get_ref().cart).await?;
        call.check_version(cart.version)?;
        let (now, customer, store) = (self.clock.now(), check(&cart, self.clock.now())?, shop(&cart)?);
        let person = self.post.customer(&call, customer).await?;
        if person.status != "active" {
            return Err(Error::CustomerInactive.into());
        }
        let to = input.channel.map(|channel| Post::recipient(&person, channel)).transpose()?;
        // The key is held until it is sent: of two requests at once one makes a link, and of one that fails nothing stays.
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (link, token) = create_link(&mut tx, &call, &cart, input).await?;
        if let Some(to) = to {
            self.post.send(&call, (&link, &token), (store, customer), to).await?;
        }
        // Last: nobody who changes the cart waits for the mail.
        work_on(&mut tx, &call, &mut cart, now).await?;
        let url = if actor.sees_pii() { self.post.address(&token) } else { String::new() };
        Ok(tx.answer(pb::CheckoutLink { url, ..link.told(&cart, now) }).await?)
    }

    async fn list_checkout_links(
        &self,
        request: Request<pb::ListCheckoutLinksRequest>,
    ) -> Result<Response<pb::ListCheckoutLinksResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CartsRead)?;
        let cart = self.cart(actor, &request.get_ref().cart).await?;
        let links = store::of_cart(self.db.pool(), cart.realm, cart.id).await?;
        let links = links.iter().map(|link| link.told(&cart, self.clock.now())).collect();
        Ok(Response::new(pb::ListCheckoutLinksResponse { links }))
    }

    async fn revoke_checkout_link(
        &self,
        request: Request<pb::RevokeCheckoutLinkRequest>,
    ) -> Result<Response<pb::CheckoutLink>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CartsWrite)?;
        let pb::RevokeCheckoutLinkRequest { cart, id } = request.get_ref();
        let (cart, now) = (self.cart(actor, cart).await?, self.clock.now());
        let id = id.parse().map_err(|_| Error::LinkNotFound)?;
        let mut tx = self.db.begin_own().await?;
        let revoked = store::revoke(&mut tx, (cart.realm, cart.id, id), now).await?;
        let (link, is_news) = revoked.ok_or(Error::LinkNotFound)?;
        if is_news {
            revoke_link(&mut tx, &call, &link, now)?;
        }
        tx.commit().await?;
        Ok(Response::new(link.told(&cart, now)))
    }

    async fn follow_checkout_link(
        &self,
        request: Request<pb::FollowCheckoutLinkRequest>,
    ) -> Result<Response<pb::FollowedCheckoutLink>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let link = store::find(self.db.pool(), hash(&request.get_ref().token)).await?.ok_or(Error::LinkNotFound)?;
        let cart = carts::find_named(self.db.pool(), None, &Name::Id(link.cart)).await?.ok_or(Error::LinkNotFound)?;
        if link.state(&cart, self.clock.now()) != "open" {
            return Err(Error::LinkNotFound.into());
        }
        Ok(Response::new(pb::FollowedCheckoutLink {
            id: link.id.into(),
            realm: link.realm.into(),
            store: shop(&cart)?.into(),
            cart: link.cart.into(),
            customer: link.customer.into(),
            expires_at: Some(timestamp(link.expires_at)),
            created_at: Some(timestamp(link.created_at)),
        }))
    }
}
