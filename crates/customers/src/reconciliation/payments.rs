//! Captured payments, compared with those that are counted (CU-4).
use chrono::{DateTime, Utc};
use kit::ids::TransactionId;
use proto::orders::v1::PaymentCaptured;
use sqlx::{Arguments, error::BoxDynError, postgres::PgArguments};
use uuid::Uuid;

use super::counted::Counted;
use crate::{Error, consumer};

/// A page of facts by column.
#[derive(Default)]
pub struct Payments {
    realms: Vec<Uuid>,
    ids: Vec<Uuid>,
    customers: Vec<Uuid>,
    stores: Vec<Uuid>,
    orders: Vec<Uuid>,
    currencies: Vec<String>,
    amounts: Vec<i64>,
    moments: Vec<DateTime<Utc>>,
}

impl Counted for Payments {
    type Event = PaymentCaptured;

    const UNKNOWN: &'static str = "payment_of_unknown_customer";
    const STRAY: &'static str = "stray_payment";
    const DIFFERING: &'static str =
        "select f.place, f.transaction_id as id, f.realm_id, f.customer_id, o.customer_id as counted_for,
           case when c.id is null then 'payment_of_unknown_customer' when o.order_id is null then 'missing_payment'
             else 'wrong_payment' end as kind
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[],
             $8::timestamptz[]) with ordinality
           as f (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         left join customer_payments o on o.realm_id = f.realm_id and o.transaction_id = f.transaction_id
         where (o.customer_id, o.store_id, o.order_id, o.currency, o.amount, o.captured_at)
           is distinct from (f.customer_id, f.store_id, f.order_id, f.currency, f.amount, f.captured_at)
           and not exists (select from erased_customers e where e.realm_id = f.realm_id and e.id = f.customer_id)
         order by f.place";
    const UPSERT: &'static str = "insert into customer_payments as o
           (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at)
         select f.* from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[],
             $8::timestamptz[])
           as f (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at)
         join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         on conflict (realm_id, transaction_id) do update
           set (customer_id, store_id, order_id, currency, amount, captured_at) = (excluded.customer_id,
             excluded.store_id, excluded.order_id, excluded.currency, excluded.amount, excluded.captured_at)
         where (o.customer_id, o.store_id, o.order_id, o.currency, o.amount, o.captured_at) is distinct from
           (excluded.customer_id, excluded.store_id, excluded.order_id, excluded.currency, excluded.amount,
            excluded.captured_at)";
    const PAGE: &'static str = "select realm_id, transaction_id, customer_id from customer_payments where (realm_id, transaction_id) > ($1, $2)
         order by realm_id, transaction_id limit $3";
    const FOUND: &'static str = "select f.place, o.realm_id, o.transaction_id, o.customer_id
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         join customer_payments o on o.realm_id = f.realm_id and o.transaction_id = f.id order by f.place";
    const DROP: &'static str =
        "delete from customer_payments o using unnest($1::uuid[], $2::uuid[]) as f (realm_id, id)
             where o.realm_id = f.realm_id and o.transaction_id = f.id";

    fn push(&mut self, event: PaymentCaptured) -> Result<(), Error> {
        let payment = consumer::payment(&event)?;
        self.realms.push(payment.realm.uuid());
        self.ids.push(payment.transaction.uuid());
        self.customers.push(payment.customer.uuid());
        self.stores.push(payment.store.uuid());
        self.orders.push(payment.order.uuid());
        self.currencies.push(payment.amount.currency.code().to_owned());
        self.amounts.push(payment.amount.amount);
        self.moments.push(payment.at);
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
        arguments.add(&self.orders)?;
        arguments.add(&self.currencies)?;
        arguments.add(&self.amounts)?;
        arguments.add(&self.moments)?;
        Ok(arguments)
    }

    fn id(id: Uuid) -> String {
        TransactionId::from_uuid(id).into()
    }
}
