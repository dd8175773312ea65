//! Subscriptions, compared with those that are counted (CU-4). A row may know something later than the fact that it is
//! compared with, and then stands as it does.
use kit::ids::SubscriptionId;
use proto::orders::v1::SubscriptionStarted;
use sqlx::{Arguments, error::BoxDynError, postgres::PgArguments};
use uuid::Uuid;

use super::counted::Counted;
use crate::{Error, activity::subscription::Status, consumer};

/// A page of facts by column.
#[derive(Default)]
pub struct Subscriptions {
    realms: Vec<Uuid>,
    ids: Vec<Uuid>,
    customers: Vec<Uuid>,
    stores: Vec<Uuid>,
    products: Vec<Uuid>,
    statuses: Vec<Status>,
    versions: Vec<i64>,
}

impl Counted for Subscriptions {
    type Event = SubscriptionStarted;

    const UNKNOWN: &'static str = "subscription_of_unknown_customer";
    const STRAY: &'static str = "stray_subscription";
    const DIFFERING: &'static str =
        "select f.place, f.subscription_id as id, f.realm_id, f.customer_id, s.customer_id as counted_for,
           case when c.id is null then 'subscription_of_unknown_customer'
             when s.subscription_id is null then 'missing_subscription' else 'wrong_subscription' end as kind
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[])
           with ordinality as f (realm_id, subscription_id, customer_id, store_id, product_id, status, version, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         left join customer_subscriptions s on s.realm_id = f.realm_id and s.subscription_id = f.subscription_id
         where ((s.customer_id, s.store_id, s.product_id) is distinct from (f.customer_id, f.store_id, f.product_id)
             or s.status <> f.status and s.version <= f.version)
           and not exists (select from erased_customers e where e.realm_id = f.realm_id and e.id = f.customer_id)
         order by f.place";
    const UPSERT: &'static str = "insert into customer_subscriptions as s
           (realm_id, subscription_id, customer_id, store_id, product_id, status, version)
         select f.* from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[])
           as f (realm_id, subscription_id, customer_id, store_id, product_id, status, version)
         join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         on conflict (realm_id, subscription_id) do update
           set (customer_id, store_id, product_id, status, version) = (excluded.customer_id, excluded.store_id,
             excluded.product_id, case when s.version <= excluded.version then excluded.status else s.status end,
             greatest(s.version, excluded.version))";
    const PAGE: &'static str = "select realm_id, subscription_id, customer_id from customer_subscriptions
         where (realm_id, subscription_id) > ($1, $2) order by realm_id, subscription_id limit $3";
    const FOUND: &'static str = "select f.place, s.realm_id, s.subscription_id, s.customer_id
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         join customer_subscriptions s on s.realm_id = f.realm_id and s.subscription_id = f.id order by f.place";
    const DROP: &'static str =
        "delete from customer_subscriptions s using unnest($1::uuid[], $2::uuid[]) as f (realm_id, id)
             where s.realm_id = f.realm_id and s.subscription_id = f.id";

    fn push(&mut self, event: SubscriptionStarted) -> Result<(), Error> {
        let subscription = consumer::begun(&event)?;
        self.realms.push(subscription.realm.uuid());
        self.ids.push(subscription.id.uuid());
        self.customers.push(subscription.customer.uuid());
        self.stores.push(subscription.store.uuid());
        self.products.push(subscription.product.uuid());
        self.statuses.push(subscription.status);
        self.versions.push(subscription.version);
        Ok(())
    }

    fn people(&self) -> (&[Uuid], &[Uuid]) {
        (&self.realms, &self.customers)
    }

    fn arguments(&self) -> Result<PgArguments, BoxDynError> {
        let mut arguments = PgArguments::default();
        arguments.add(&self.realms)?;
        arguments.add(&self.ids)?;
        arguments.add(&self.customers)?;
        arguments.add(&self.stores)?;
        arguments.add(&self.products)?;
        arguments.add(self.statuses.iter().map(|status| status.slug()).collect::<Vec<_>>())?;
        arguments.add(&self.versions)?;
        Ok(arguments)
    }

    fn id(id: Uuid) -> String {
        SubscriptionId::from_uuid(id).into()
    }
}
