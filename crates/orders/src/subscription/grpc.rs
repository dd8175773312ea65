//! The RPCs of subscriptions (OR-7).
use kit::{
    Call, Db, Error as Kit,
    clock::Clock,
    ids::{CustomerId, PlanId, SubscriptionId},
    page::{self, Pager},
    permission::Permission,
    reads::Reads,
    transport::Transport,
};
use proto::{
    identity::v1::shopper_service_client::ShopperServiceClient,
    orders::v1::{self as pb, subscription_service_server::SubscriptionService},
};
use tonic::{Request, Response, Status};

use super::{
    Subscription,
    catalog::{self, Catalog},
    change::{self, Kind, id, method},
    list::{self, Wanted},
    reach::Reach,
    store, view,
};
use crate::{
    error::Error,
    order::{filter, view::Sight},
};

/// Answers [`SubscriptionService`].
#[derive(Clone)]
pub struct Subscriptions {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Makes cursors.
    pub pager: Pager,
    /// Takes notes of who reads whose personal data.
    pub reads: Reads,
    /// What can be subscribed to.
    pub catalog: Catalog,
    /// Who somebody in the account portal is.
    pub shoppers: ShopperServiceClient<Transport>,
}

/// What staff need to change one.
const WRITE: Permission = Permission::SubscriptionsWrite;

type Answer = Result<Response<pb::Subscription>, Status>;

#[tonic::async_trait]
impl SubscriptionService for Subscriptions {
    async fn get_subscription(&self, request: Request<pb::GetSubscriptionRequest>) -> Answer {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let id = id(&request.into_inner().id)?;
        let reach = if actor.is_system() { None } else { Some(self.reach(&call, Permission::OrdersRead).await?) };
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let (found, sight) = match &reach {
            None => (store::find_anywhere(&mut *db, id).await?, Sight { clear: true, staff: true }),
            Some(reach) => {
                let found = store::find_within(&mut *db, &reach.realms(), id).await?;
                (found.filter(|found| reach.holds(found)), reach.sight)
            }
        };
        let found = found.ok_or(Error::SubscriptionNotFound)?;
        self.reads.note(&call, [found.customer]);
        let shown = view::show(&mut db, found, sight).await?;
        db.finish();
        Ok(Response::new(shown))
    }

    async fn list_subscriptions(
        &self,
        request: Request<pb::ListSubscriptionsRequest>,
    ) -> Result<Response<pb::ListSubscriptionsResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let reach = self.reach(&call, Permission::OrdersRead).await?;
        let wanted = wanted(&request, &reach)?;
        let context = format!("subscriptions {wanted:?}");
        let page = self.pager.read(request.page.as_ref(), &context).map_err(Error::from)?;
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let found = list::page(&mut *db, &wanted, &page).await?;
        let (found, mut shown) = self.pager.finish(&page, found, &context, list::key);
        if page.total {
            shown.total = page::total(list::count(&mut *db, &wanted).await?);
        }
        db.finish();
        self.reads.note(&call, found.iter().map(|found| found.customer));
        let subscriptions = found.into_iter().map(|found| found.encode(reach.sight)).collect();
        Ok(Response::new(pb::ListSubscriptionsResponse { subscriptions, page: Some(shown) }))
    }

    async fn cancel_subscription(&self, request: Request<pb::CancelSubscriptionRequest>) -> Answer {
        let call = Call::of(&request)?;
        let (actor, request) = (call.actor()?, request.into_inner());
        let reach = self.reach(&call, WRITE).await?;
        let id = id(&request.id)?;
        let (when, reason) = (change::when(actor, &request.when)?, change::reason(actor, &request.reason)?);
        Ok(self.change((&call, &reach), id, Kind::CANCELLED, |held, now| held.cancel(when, reason, now)).await?)
    }

    async fn pause_subscription(&self, request: Request<pb::PauseSubscriptionRequest>) -> Answer {
        let call = Call::of(&request)?;
        let (actor, request) = (call.actor()?, request.into_inner());
        let reach = self.reach(&call, WRITE).await?;
        let (id, reason) = (id(&request.id)?, change::reason(actor, &request.reason)?);
        Ok(self.change((&call, &reach), id, Kind::PAUSED, |held, now| held.pause(reason, now)).await?)
    }

    async fn resume_subscription(&self, request: Request<pb::ResumeSubscriptionRequest>) -> Answer {
        let call = Call::of(&request)?;
        let reach = self.reach(&call, WRITE).await?;
        let id = id(&request.into_inner().id)?;
        Ok(self.change((&call, &reach), id, Kind::RESUMED, Subscription::resume).await?)
    }

    async fn retry_subscription(&self, request: Request<pb::RetrySubscriptionRequest>) -> Answer {
        let call = Call::of(&request)?;
        call.actor()?.require(WRITE)?;
        let reach = self.reach(&call, WRITE).await?;
        let id = id(&request.into_inner().id)?;
        Ok(self.change((&call, &reach), id, Kind::RETRY, Subscription::retry).await?)
    }

    async fn set_renewal_target(&self, request: Request<pb::SetRenewalTargetRequest>) -> Answer {
        let call = Call::of(&request)?;
        let (actor, request) = (call.actor()?, request.into_inner());
        let (reach, id) = (self.reach(&call, WRITE).await?, id(&request.id)?);
        let found = self.reached(&reach, id).await?;
        let product = self.catalog.product(&call, &found).await?;
        if !actor.is_staff() && !product.as_ref().is_some_and(|product| product.renewal_target_changeable) {
            return Err(Error::RenewalTargetFixed.into());
        }
        let target = catalog::target(product.as_ref(), &request.target)?;
        Ok(self.change((&call, &reach), id, Kind::TARGET, |held, now| held.aim(target, now)).await?)
    }

    async fn change_plan(&self, request: Request<pb::ChangePlanRequest>) -> Answer {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        request.plan.parse::<PlanId>().map_err(|_| Error::PlanNotFound)?;
        let (reach, id) = (self.reach(&call, WRITE).await?, id(&request.id)?);
        let found = self.reached(&reach, id).await?;
        let product = self.catalog.product(&call, &found).await?;
        let act = |held: &mut Subscription, now| {
            let terms = catalog::terms(held, product.as_ref(), &request.plan)?;
            held.agree(terms, now)
        };
        Ok(self.change((&call, &reach), id, Kind::PLAN, act).await?)
    }

    async fn set_payment_method(&self, request: Request<pb::SetPaymentMethodRequest>) -> Answer {
        let call = Call::of(&request)?;
        let (actor, request) = (call.actor()?, request.into_inner());
        method(&request.payment_method)?;
        let reach = self.reach(&call, WRITE).await?;
        if !actor.is_staff() {
            actor.require_self()?;
        }
        let id = id(&request.id)?;
        let act = |held: &mut Subscription, now| {
            if !held.gateway.takes(&request.payment_method) {
                return Err(Error::PaymentMethodUnknown(held.gateway.slug()));
            }
            held.pay_by(request.payment_method, now)
        };
        Ok(self.change((&call, &reach), id, Kind::METHOD, act).await?)
    }
}

impl Subscriptions {
    async fn reach(&self, call: &Call, needed: Permission) -> Result<Reach, Error> {
        Reach::of(&self.shoppers, (call, needed)).await
    }

    /// The subscription `id`, which is within `reach`.
    async fn reached(&self, reach: &Reach, id: SubscriptionId) -> Result<Subscription, Error> {
        let found = store::find_within(self.db.pool(), &reach.realms(), id).await?;
        found.filter(|found| reach.holds(found)).ok_or(Error::SubscriptionNotFound)
    }
}

fn wanted(request: &pb::ListSubscriptionsRequest, reach: &Reach) -> Result<Wanted, Error> {
    let mut scopes = reach.scopes.clone();
    if !request.customer.is_empty() {
        let customer: CustomerId = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        if scopes.iter().any(|scope| scope.customer.is_some_and(|own| own != customer)) {
            return Err(Error::CustomerNotFound);
        }
        for scope in &mut scopes {
            scope.customer = Some(customer);
        }
    }
    let filter = filter::parse(request.filter.as_ref(), filter::SUBSCRIPTIONS);
    let filter = filter.map_err(|fault| Error::from(Kit::Invalid(vec![fault])))?;
    Ok(Wanted { scopes, filter })
}
