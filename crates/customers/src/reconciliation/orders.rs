//! Placed orders, compared with those that are counted (CU-1, CU-4).
use chrono::{DateTime, Utc};
use kit::ids::OrderId;
use proto::orders::v1::OrderPlaced;
use sqlx::{Arguments, error::BoxDynError, postgres::PgArguments};
use uuid::Uuid;

use super::counted::Counted;
use crate::{Error, consumer};

/// A page of facts by column.
#[derive(Default)]
pub struct Orders {
    realms: Vec<Uuid>,
    ids: Vec<Uuid>,
    customers: Vec<Uuid>,
    stores: Vec<Uuid>,
    numbers: Vec<String>,
    currencies: Vec<String>,
    moments: Vec<DateTime<Utc>>,
    /// Ids of what was bought, in order and separated by commas.
    products: Vec<String>,
}

impl Counted for Orders {
    type Event = OrderPlaced;

    const UNKNOWN: &'static str = "order_of_unknown_customer";
    const STRAY: &'static str = "stray_order";
    const DIFFERING: &'static str =
        "select f.place, f.order_id as id, f.realm_id, f.customer_id, o.customer_id as counted_for,
           case when c.id is null then 'order_of_unknown_customer' when o.order_id is null then 'missing_order'
             else 'wrong_order' end as kind
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
           with ordinality
           as f (realm_id, order_id, customer_id, store_id, number, currency, placed_at, products, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         left join customer_orders o on o.realm_id = f.realm_id and o.order_id = f.order_id
         cross join lateral (
           select coalesce(string_agg(p.product_id::text, ',' order by p.product_id), '') as products
           from customer_products p where p.realm_id = f.realm_id and p.order_id = f.order_id) as bought
         where (o.customer_id, o.store_id, o.number, o.currency, o.placed_at, bought.products)
           is distinct from (f.customer_id, f.store_id, f.number, f.currency, f.placed_at, f.products)
           and not exists (select from erased_customers e where e.realm_id = f.realm_id and e.id = f.customer_id)
         order by f.place";
    const UPSERT: &'static str = "with f as (
           select f.* from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
             $7::timestamptz[], $8::text[])
             as f (realm_id, order_id, customer_id, store_id, number, currency, placed_at, products)
           join customers c on c.realm_id = f.realm_id and c.id = f.customer_id),
         put as (
           insert into customer_orders as o (realm_id, order_id, customer_id, store_id, number, currency, placed_at)
           select realm_id, order_id, customer_id, store_id, number, currency, placed_at from f
           on conflict (realm_id, order_id) do update set (customer_id, store_id, number, currency, placed_at)
             = (excluded.customer_id, excluded.store_id, excluded.number, excluded.currency, excluded.placed_at)
           where (o.customer_id, o.store_id, o.number, o.currency, o.placed_at) is distinct from
             (excluded.customer_id, excluded.store_id, excluded.number, excluded.currency, excluded.placed_at)),
         stray as (
           delete from customer_products p using f where p.realm_id = f.realm_id and p.order_id = f.order_id
             and p.product_id::text <> all(string_to_array(f.products, ',')))
         insert into customer_products (realm_id, product_id, order_id)
         select f.realm_id, product.id::uuid, f.order_id
         from f cross join unnest(string_to_array(f.products, ',')) as product (id) where product.id <> ''
         on conflict do nothing";
    const PAGE: &'static str =
        "select realm_id, order_id, customer_id from customer_orders where (realm_id, order_id) > ($1, $2)
         order by realm_id, order_id limit $3";
    const FOUND: &'static str = "select f.place, o.realm_id, o.order_id, o.customer_id
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         join customer_orders o on o.realm_id = f.realm_id and o.order_id = f.id order by f.place";
    const DROP: &'static str = "delete from customer_orders o using unnest($1::uuid[], $2::uuid[]) as f (realm_id, id)
             where o.realm_id = f.realm_id and o.order_id = f.id";

    fn push(&mut self, event: OrderPlaced) -> Result<(), Error> {
        let order = consumer::order(event)?;
        self.realms.push(order.realm.uuid());
        self.ids.push(order.order.uuid());
        self.customers.push(order.customer.uuid());
        self.stores.push(order.store.uuid());
        self.numbers.push(order.number);
        self.currencies.push(order.currency.code().to_owned());
        self.moments.push(order.at);
        let products: Vec<String> = order.products.iter().map(|product| product.uuid().to_string()).collect();
        self.products.push(products.join(","));
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
        arguments.add(&self.numbers)?;
        arguments.add(&self.currencies)?;
        arguments.add(&self.moments)?;
        arguments.add(&self.products)?;
        Ok(arguments)
    }

    fn id(id: Uuid) -> String {
        OrderId::from_uuid(id).into()
    }
}
