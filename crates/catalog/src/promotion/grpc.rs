//! The RPCs about offers and vouchers: authorise, parse, call, encode.
use kit::{
    Call, Db, Error as KitError,
    clock::Clock,
    denied::Denied,
    failure::Violation,
    ids::StoreId,
    money::{self, Currency},
    page::{self, Pager},
    permission::Permission,
    stores::Stores,
};
use proto::catalog::v1::{self as pb, promotion_service_server::PromotionService};
use tonic::{Request, Response, Status};

use super::{
    Promotion, Terms, create::create_promotion, delete::delete_promotion, list::Query, promotion::Kind,
    replace::replace_promotion, store, terms::code,
};
use crate::Error;

/// Most codes that can be looked up at once.
const CODES: usize = 1_000;

/// The server of these RPCs.
pub struct Promotions {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) stores: Stores,
}

impl Promotions {
    async fn currency(&self, store: StoreId) -> Result<Currency, Error> {
        let currency = &self.stores.get(store).await?.currency;
        Ok(money::currency(currency).map_err(|e| KitError::Internal(e.to_string()))?)
    }

    async fn terms(&self, store: StoreId, terms: Option<pb::PromotionTerms>) -> Result<Terms, Error> {
        Terms::parse(&terms.unwrap_or_default(), self.currency(store).await?)
    }
}

/// The promotion that a request names, locked when it is to be changed.
async fn named(
    db: impl sqlx::PgExecutor<'_>,
    store: StoreId,
    request: &pb::GetPromotionRequest,
    locked: bool,
) -> Result<Promotion, Error> {
    let id = Promotion::named(&request.id).ok_or(Error::PromotionNotFound)?;
    let found = store::find(db, (store, id), locked).await?;
    let meant = |found: &Promotion| {
        found.name() == request.id && Kind::parse(&request.kind).is_none_or(|kind| kind == found.kind())
    };
    found.filter(meant).ok_or(Error::PromotionNotFound)
}

#[tonic::async_trait]
impl PromotionService for Promotions {
    async fn create_promotion(&self, request: Request<pb::PromotionTerms>) -> Result<Response<pb::Promotion>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CatalogWrite)?;
        let seller = actor.store()?;
        let terms = self.terms(seller, Some(request.into_inner())).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let promotion = create_promotion(&mut tx, &call, (seller, terms), self.clock.now()).await?;
        Ok(tx.answer(promotion.into()).await?)
    }

    async fn replace_promotion(
        &self,
        request: Request<pb::ReplacePromotionRequest>,
    ) -> Result<Response<pb::Promotion>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CatalogWrite)?;
        let seller = actor.store()?;
        let pb::ReplacePromotionRequest { id, terms } = request.into_inner();
        let terms = self.terms(seller, terms).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let named = named(&mut *tx, seller, &pb::GetPromotionRequest { id, ..Default::default() }, true).await?;
        let promotion = replace_promotion(&mut tx, &call, (named, terms), self.clock.now()).await?;
        Ok(tx.answer(promotion.into()).await?)
    }

    async fn delete_promotion(
        &self,
        request: Request<pb::GetPromotionRequest>,
    ) -> Result<Response<pb::Promotion>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CatalogWrite)?;
        let seller = actor.store()?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let named = named(&mut *tx, seller, &request.into_inner(), true).await?;
        let promotion = delete_promotion(&mut tx, &call, named, self.clock.now()).await?;
        Ok(tx.answer(promotion.into()).await?)
    }

    async fn get_promotion(
        &self,
        request: Request<pb::GetPromotionRequest>,
    ) -> Result<Response<pb::Promotion>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CatalogRead)?;
        let found = named(self.db.pool(), actor.store()?, &request.into_inner(), false).await?;
        Ok(Response::new(found.into()))
    }

    async fn list_promotions(
        &self,
        request: Request<pb::ListPromotionsRequest>,
    ) -> Result<Response<pb::ListPromotionsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CatalogRead)?;
        let request = request.into_inner();
        let query = Query::parse(&request, actor.store()?)?;
        let context = query.context();
        let page = self.pager.read(request.page.as_ref(), &context)?;
        let rows = store::page(self.db.pool(), &query, &page).await?;
        let (rows, mut place) = self.pager.finish(&page, rows, &context, |promotion| vec![promotion.id.into()]);
        if page.total {
            place.total = page::total(store::count(self.db.pool(), &query).await?);
        }
        let promotions = rows.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListPromotionsResponse { promotions, page: Some(place) }))
    }

    async fn find_promotions(
        &self,
        request: Request<pb::FindPromotionsRequest>,
    ) -> Result<Response<pb::FindPromotionsResponse>, Status> {
        if !Call::of(&request)?.actor()?.is_system() {
            return Err(Denied::WrongCaller.into());
        }
        let request = request.into_inner();
        if request.codes.len() > CODES {
            return Err(Violation::new("/codes", "too_many", "at most 1000 codes at once").into());
        }
        let store = request.store.parse().map_err(|_| Violation::new("/store", "malformed", "name a store"))?;
        let codes: Vec<String> = request.codes.iter().filter_map(|text| code(text)).collect();
        let found = store::effective(self.db.pool(), store, &codes).await?;
        Ok(Response::new(pb::FindPromotionsResponse { promotions: found.into_iter().map(Into::into).collect() }))
    }
}
