//! The RPCs of tax rates: authorise, parse, call, encode.
use kit::{
    Call,
    audit::{self, Entry},
    ids::TaxRateId,
    permission::Permission,
};
use proto::catalog::v1::{self as pb, tax_rate_service_server::TaxRateService};
use tonic::{Request, Response, Status};

use super::{
    store,
    tax_rate::{TaxRate, Terms},
};
use crate::{
    Error,
    tariff::{Desk, change_tariff},
};

/// Most tax rates of a store.
const MOST: usize = 500;

fn parse(id: &str) -> Result<TaxRateId, Error> {
    id.parse().map_err(|_| Error::RateNotFound)
}

#[tonic::async_trait]
impl TaxRateService for Desk {
    async fn list_tax_rates(
        &self,
        request: Request<pb::ListTaxRatesRequest>,
    ) -> Result<Response<pb::ListTaxRatesResponse>, Status> {
        let call = Call::of(&request)?;
        let seller = Desk::place(call.actor()?, Permission::CatalogRead)?;
        let rates = store::of_stores(self.db.pool(), &[seller], false).await?;
        let rates = rates.into_iter().map(|(_, rate)| rate.into()).collect();
        Ok(Response::new(pb::ListTaxRatesResponse { rates }))
    }

    async fn get_tax_rate(&self, request: Request<pb::GetTaxRateRequest>) -> Result<Response<pb::TaxRate>, Status> {
        let call = Call::of(&request)?;
        let seller = Desk::place(call.actor()?, Permission::CatalogRead)?;
        let id = parse(&request.get_ref().id)?;
        Ok(Response::new(store::find(self.db.pool(), seller, id).await?.into()))
    }

    async fn create_tax_rate(
        &self,
        request: Request<pb::CreateTaxRateRequest>,
    ) -> Result<Response<pb::TaxRate>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let seller = Desk::place(call.actor()?, Permission::CatalogWrite)?;
        let terms = Terms::parse(&request.into_inner().terms.unwrap_or_default())?;
        let id = TaxRateId::new(now);
        let rate = TaxRate { id, terms, version: 1, created_at: now, updated_at: now };
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        change_tariff(&mut tx, seller).await?;
        store::insert(&mut *tx, seller, &rate).await?;
        if store::of_stores(&mut *tx, &[seller], false).await?.len() > MOST {
            return Err(Error::TooMany(MOST).into());
        }
        let entry = Entry::new("tax_rate.created", ("tax_rate", id), now);
        audit::record(&mut tx, &call, entry.created(rate.terms.told())).map_err(Error::from)?;
        Ok(tx.answer(rate.into()).await?)
    }

    async fn update_tax_rate(
        &self,
        request: Request<pb::UpdateTaxRateRequest>,
    ) -> Result<Response<pb::TaxRate>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let seller = Desk::place(call.actor()?, Permission::CatalogWrite)?;
        let request = request.into_inner();
        let id = parse(&request.id)?;
        let terms = Terms::parse(&request.terms.unwrap_or_default())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        change_tariff(&mut tx, seller).await?;
        let mut rate = store::find(&mut *tx, seller, id).await?;
        call.check_version(rate.version)?;
        if rate.terms != terms {
            let before = std::mem::replace(&mut rate.terms, terms).told();
            rate.version += 1;
            rate.updated_at = now;
            store::update(&mut *tx, seller, &rate).await?;
            let entry = Entry::new("tax_rate.updated", ("tax_rate", id), now);
            audit::record(&mut tx, &call, entry.changed(before, rate.terms.told())).map_err(Error::from)?;
        }
        Ok(tx.answer(rate.into()).await?)
    }

    async fn delete_tax_rate(
        &self,
        request: Request<pb::DeleteTaxRateRequest>,
    ) -> Result<Response<pb::DeleteTaxRateResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let seller = Desk::place(call.actor()?, Permission::CatalogWrite)?;
        let id = parse(&request.get_ref().id)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        change_tariff(&mut tx, seller).await?;
        let rate = store::find(&mut *tx, seller, id).await?;
        call.check_version(rate.version)?;
        store::delete(&mut *tx, seller, id).await?;
        let entry = Entry::new("tax_rate.deleted", ("tax_rate", id), now);
        audit::record(&mut tx, &call, entry.removed(rate.terms.told())).map_err(Error::from)?;
        Ok(tx.answer(pb::DeleteTaxRateResponse {}).await?)
    }
}
