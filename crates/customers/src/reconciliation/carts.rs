//! Open carts, compared with those that are counted (CU-4). A row may know something later than the fact that it is
//! compared with, and then stands as it does.
use kit::ids::{CartId, StoreId};
use proto::carts::v1::CartHolderChanged;
use sqlx::{Arguments, error::BoxDynError, postgres::PgArguments};
use uuid::Uuid;

use super::counted::Counted;
use crate::{Error, consumer};

/// A page of facts by column.
#[derive(Default)]
pub struct Carts {
    realms: Vec<Uuid>,
    ids: Vec<Uuid>,
    customers: Vec<Uuid>,
    stores: Vec<Option<Uuid>>,
    versions: Vec<i64>,
}

impl Counted for Carts {
    type Event = CartHolderChanged;

    const UNKNOWN: &'static str = "cart_of_unknown_customer";
    const STRAY: &'static str = "stray_cart";
    const DIFFERING: &'static str = "select f.place, f.cart_id as id, f.realm_id, f.customer_id,
           h.customer_id as counted_for, case when c.id is null then 'cart_of_unknown_customer'
             when h.cart_id is null then 'missing_cart' else 'wrong_cart' end as kind
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[])
           with ordinality as f (realm_id, cart_id, customer_id, store_id, version, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         left join customer_carts h on h.realm_id = f.realm_id and h.cart_id = f.cart_id
         where (h.cart_id is null or h.version <= f.version and (h.customer_id <> f.customer_id or not h.held))
           and not exists (select from erased_customers e where e.realm_id = f.realm_id and e.id = f.customer_id)
         order by f.place";
    const UPSERT: &'static str = "insert into customer_carts as h
           (realm_id, cart_id, customer_id, store_id, version, held)
         select f.*, true from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[])
           as f (realm_id, cart_id, customer_id, store_id, version)
         join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         on conflict (realm_id, cart_id) do update
           set (customer_id, store_id, held, version) =
             (excluded.customer_id, excluded.store_id, true, excluded.version)
           where h.version <= excluded.version";
    const PAGE: &'static str = "select realm_id, cart_id, customer_id from customer_carts
         where (realm_id, cart_id) > ($1, $2) and held order by realm_id, cart_id limit $3";
    const FOUND: &'static str = "select f.place, h.realm_id, h.cart_id, h.customer_id
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         join customer_carts h on h.realm_id = f.realm_id and h.cart_id = f.id and h.held order by f.place";
    const DROP: &'static str = "update customer_carts h set held = false
         from unnest($1::uuid[], $2::uuid[]) as f (realm_id, id) where h.realm_id = f.realm_id and h.cart_id = f.id";

    fn push(&mut self, event: CartHolderChanged) -> Result<(), Error> {
        let cart = consumer::cart(&event)?;
        self.realms.push(cart.realm.uuid());
        self.ids.push(cart.id.uuid());
        self.customers.push(cart.customer.uuid());
        self.stores.push(cart.store.map(StoreId::uuid));
        self.versions.push(cart.version);
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
        arguments.add(&self.versions)?;
        Ok(arguments)
    }

    fn id(id: Uuid) -> String {
        CartId::from_uuid(id).into()
    }
}
