//! The RPCs of ways to ship: authorise, parse, call, encode.
use kit::{
    Call,
    audit::{self, Entry},
    ids::ShippingMethodId,
    permission::Permission,
};
use proto::catalog::v1::{self as pb, shipping_method_service_server::ShippingMethodService};
use tonic::{Request, Response, Status};

use super::{
    shipping_method::{ShippingMethod, Terms},
    store,
};
use crate::{
    Error,
    tariff::{Desk, change_tariff},
};

/// Most ways of a store to ship.
const MOST: usize = 100;

fn parse(id: &str) -> Result<ShippingMethodId, Error> {
    id.parse().map_err(|_| Error::MethodNotFound)
}

#[tonic::async_trait]
impl ShippingMethodService for Desk {
    async fn list_shipping_methods(
        &self,
        request: Request<pb::ListShippingMethodsRequest>,
    ) -> Result<Response<pb::ListShippingMethodsResponse>, Status> {
        let call = Call::of(&request)?;
        let seller = Desk::place(call.actor()?, Permission::CatalogRead)?;
        let methods = store::of_stores(self.db.pool(), &[seller], false).await?;
        let methods = methods.into_iter().map(|(_, method)| method.into()).collect();
        Ok(Response::new(pb::ListShippingMethodsResponse { methods }))
    }

    async fn get_shipping_method(
        &self,
        request: Request<pb::GetShippingMethodRequest>,
    ) -> Result<Response<pb::ShippingMethod>, Status> {
        let call = Call::of(&request)?;
        let seller = Desk::place(call.actor()?, Permission::CatalogRead)?;
        let id = parse(&request.get_ref().id)?;
        Ok(Response::new(store::find(self.db.pool(), seller, id).await?.into()))
    }

    async fn create_shipping_method(
        &self,
        request: Request<pb::CreateShippingMethodRequest>,
    ) -> Result<Response<pb::ShippingMethod>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let seller = Desk::place(call.actor()?, Permission::CatalogWrite)?;
        let terms = request.into_inner().terms.unwrap_or_default();
        let terms = Terms::parse(terms, self.currency(seller).await?)?;
        let id = ShippingMethodId::new(now);
        let method = ShippingMethod { id, terms, version: 1, created_at: now, updated_at: now };
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        change_tariff(&mut tx, seller).await?;
        store::insert(&mut *tx, seller, &method).await?;
        if store::of_stores(&mut *tx, &[seller], false).await?.len() > MOST {
            return Err(Error::TooMany(MOST).into());
        }
        let entry = Entry::new("shipping_method.created", ("shipping_method", id), now);
        audit::record(&mut tx, &call, entry.created(method.terms.told())).map_err(Error::from)?;
        Ok(tx.answer(method.into()).await?)
    }

    async fn update_shipping_method(
        &self,
        request: Request<pb::UpdateShippingMethodRequest>,
    ) -> Result<Response<pb::ShippingMethod>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let seller = Desk::place(call.actor()?, Permission::CatalogWrite)?;
        let request = request.into_inner();
        let id = parse(&request.id)?;
        let terms = Terms::parse(request.terms.unwrap_or_default(), self.currency(seller).await?)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        change_tariff(&mut tx, seller).await?;
        let mut method = store::find(&mut *tx, seller, id).await?;
        call.check_version(method.version)?;
        if method.terms != terms {
            let before = std::mem::replace(&mut method.terms, terms).told();
            method.version += 1;
            method.updated_at = now;
            store::update(&mut *tx, seller, &method).await?;
            let entry = Entry::new("shipping_method.updated", ("shipping_method", id), now);
            audit::record(&mut tx, &call, entry.changed(before, method.terms.told())).map_err(Error::from)?;
        }
        Ok(tx.answer(method.into()).await?)
    }

    async fn delete_shipping_method(
        &self,
        request: Request<pb::DeleteShippingMethodRequest>,
    ) -> Result<Response<pb::DeleteShippingMethodResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let seller = Desk::place(call.actor()?, Permission::CatalogWrite)?;
        let id = parse(&request.get_ref().id)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        change_tariff(&mut tx, seller).await?;
        let method = store::find(&mut *tx, seller, id).await?;
        call.check_version(method.version)?;
        store::delete(&mut *tx, seller, id).await?;
        let entry = Entry::new("shipping_method.deleted", ("shipping_method", id), now);
        audit::record(&mut tx, &call, entry.removed(method.terms.told())).map_err(Error::from)?;
        Ok(tx.answer(pb::DeleteShippingMethodResponse {}).await?)
    }
}
