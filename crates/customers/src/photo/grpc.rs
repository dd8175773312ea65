//! The RPCs of photos: authorise, parse, open tx, call, encode.
use files::Files;
use kit::{
    Call, Db,
    actor::Actor,
    clock::Clock,
    ids::{CustomerId, PhotoId},
    permission::Permission,
    secret::Secrets,
};
use proto::customers::v1::{self as pb, photo_service_server::PhotoService};
use tonic::{Request, Response, Status};

use super::{
    photo::{is_good, link, place},
    put::{NewPhoto, put_photo},
    remove::remove_photo,
    store,
};
use crate::{
    Error,
    customer::{
        Customer, Scope,
        grpc::tell,
        store::{self as customers, Known},
    },
    key::Keys,
};

/// Bytes of a piece.
const PIECE: i64 = 1024 * 1024;

/// The server of photo RPCs.
pub struct Photos {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) files: Files,
    pub(crate) secrets: Secrets,
    /// Address of the house.
    pub(crate) public: String,
}

/// Whose photo `actor` may change when they ask for `id`: staff those of their customers, customers their own.
fn whose(actor: &Actor, id: &str) -> Result<(Scope, Option<CustomerId>), Error> {
    if actor.is_staff() {
        actor.require(Permission::CustomersWrite)?;
        actor.require(Permission::CustomersPii)?;
        return Ok((Scope::of(actor)?, id.parse().ok()));
    }
    let own = actor.require_customer()?;
    actor.require_self()?;
    let named = id.is_empty() || id.parse() == Ok(own);
    Ok((Scope::realm(actor.realm()?), named.then_some(own)))
}

impl Photos {
    /// The record whose photo is to be changed. Guests have no profile of their own (ID-8).
    async fn record(&self, actor: &Actor, id: &str) -> Result<(Scope, Customer), Error> {
        let (scope, id) = whose(actor, id)?;
        let id = id.ok_or(Error::CustomerNotFound)?;
        let Known { customer, .. } =
            customers::find(self.db.pool(), scope, id).await?.ok_or(Error::CustomerNotFound)?;
        if !actor.is_staff() && !customer.is_registered() {
            return Err(Error::RegistrationRequired);
        }
        Ok((scope, customer))
    }
}

#[tonic::async_trait]
impl PhotoService for Photos {
    async fn put_photo(&self, request: Request<pb::PutPhotoRequest>) -> Result<Response<pb::Customer>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        let (scope, customer) = self.record(actor, &request.customer).await?;
        let new = NewPhoto::parse(request.data, self.clock.now())?;
        call.check_version(customer.version).map_err(Error::from)?;
        let photo = new.keep((&self.db, &self.files), &self.keys, &customer).await?;
        let address = link(&self.secrets, &self.public, photo.id);
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = put_photo(&mut tx, (&call, &self.keys), scope, (&photo, &address)).await?;
        let known = customers::find(&mut *tx, scope, customer.id).await?.ok_or(Error::CustomerNotFound)?;
        Ok(tx.answer(tell(actor, known, self.clock.now())).await?)
    }

    async fn remove_photo(&self, request: Request<pb::RemovePhotoRequest>) -> Result<Response<pb::Customer>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        let (scope, customer) = self.record(actor, &request.customer).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let whose = (scope, customer.id);
        let customer = remove_photo(&mut tx, (&call, &self.keys), whose, self.clock.now()).await?;
        let known = customers::find(&mut *tx, scope, customer.id).await?.ok_or(Error::CustomerNotFound)?;
        Ok(tx.answer(tell(actor, known, self.clock.now())).await?)
    }

    async fn read_photo(&self, request: Request<pb::ReadPhotoRequest>) -> Result<Response<pb::PhotoPiece>, Status> {
        let request = request.into_inner();
        let id: PhotoId = request.id.parse().map_err(|_| Error::PhotoNotFound)?;
        if !is_good(&self.secrets, id, &request.signature) {
            return Err(Error::PhotoNotFound.into());
        }
        let photo = store::find(self.db.pool(), id).await?.ok_or(Error::PhotoNotFound)?;
        let mut connection = self.db.pool().acquire().await.map_err(Error::from)?;
        let key = self.keys.find(&mut connection, photo.realm, &[photo.sealed_for]).await?.remove(&photo.sealed_for);
        connection.finish();
        let key = key.ok_or(Error::PhotoNotFound)?;
        let number = |value: i64| u64::try_from(value).unwrap_or_default();
        let from = request.offset.clamp(0, photo.size);
        let length = request.length.clamp(0, PIECE).min(photo.size - from);
        let at = place(photo.realm, photo.id);
        let read = self.files.read_sealed((&at, number(photo.size)), &key, (number(from), number(length))).await;
        let data = read.map_err(Error::from)?.ok_or(Error::PhotoNotFound)?;
        Ok(Response::new(pb::PhotoPiece { data, media_type: photo.media_type, size: photo.size }))
    }
}
