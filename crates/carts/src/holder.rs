//! Whose open cart with something in it a cart is: what others count somebody's open carts by (CU-4).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::timestamp,
    ids::{CartId, CustomerId, RealmId, StoreId},
    outbox,
    reconcile::{Claims, Place},
};
use proto::carts::v1::CartHolderChanged;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    Error,
    cart::{Cart, Status},
    idle::Idle,
};

/// A cart that somebody has, or no longer has.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Holding {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    #[sqlx(rename = "id")]
    pub(crate) cart: CartId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: Option<StoreId>,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    pub(crate) held: bool,
    pub(crate) version: i64,
    #[sqlx(rename = "updated_at")]
    pub(crate) at: DateTime<Utc>,
}

impl Holding {
    /// The event.
    #[must_use]
    pub fn changed(&self) -> CartHolderChanged {
        CartHolderChanged {
            realm: self.realm.into(),
            cart: self.cart.into(),
            store: self.store.map(String::from).unwrap_or_default(),
            customer: self.customer.into(),
            held: self.held,
            version: self.version,
            at: Some(timestamp(self.at)),
        }
    }
}

impl Cart {
    /// Who has it, if it is open and something is in it.
    #[must_use]
    pub fn holder(&self) -> Option<CustomerId> {
        self.customer.filter(|_| self.status == Status::Open && !self.lines.is_empty())
    }

    fn held(&self, customer: CustomerId) -> Holding {
        let held = self.holder() == Some(customer);
        let (store, at) = (self.store(), self.updated_at);
        Holding { realm: self.realm, cart: self.id, store, customer, held, version: self.version, at }
    }
}

impl Idle {
    /// That whoever had it has it no longer: it is over at `at`.
    #[must_use]
    pub fn let_go(&self, at: DateTime<Utc>) -> Option<Holding> {
        let customer = self.customer.filter(|_| self.filled)?;
        let Self { realm, id: cart, store, version, .. } = *self;
        Some(Holding { realm, cart, store, customer, held: false, version: version + 1, at })
    }
}

/// Whether somebody has the cart `c`, in SQL.
const HELD: &str = "c.status = 'open' and c.customer_id is not null and exists (
    select from cart_lines l where l.realm_id = c.realm_id and l.cart_id = c.id)";

/// A page of the carts that somebody has, behind `after`, of those that are as they were at `until`.
pub async fn page(
    db: &mut PgConnection,
    after: Place,
    (until, limit): (DateTime<Utc>, i64),
) -> Result<Vec<Holding>, Error> {
    let sql = format!(
        "select c.realm_id, c.id, c.store_id, c.customer_id, true as held, c.version, c.updated_at from carts c
         where (c.realm_id, c.id) > ($1, $2) and c.updated_at <= $3 and {HELD} order by c.realm_id, c.id limit $4"
    );
    let page = sqlx::query_as(AssertSqlSafe(sql)).bind(after.realm_id).bind(after.id).bind(until).bind(limit);
    Ok(page.fetch_all(db).await?)
}

/// Which of `claims`, counted from 0, say that somebody has a cart that nobody has.
pub async fn unfounded(db: &mut PgConnection, claims: &Claims) -> Result<Vec<u32>, Error> {
    let sql = format!(
        "select f.place from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         where not exists (select from carts c where c.realm_id = f.realm_id and c.id = f.id and {HELD})"
    );
    let places = sqlx::query_scalar(AssertSqlSafe(sql)).bind(&claims.realms).bind(&claims.ids);
    let places: Vec<i64> = places.fetch_all(db).await?;
    Ok(places.into_iter().filter_map(|place| u32::try_from(place - 1).ok()).collect())
}

/// Tells who has `cart` now, if that is not who had it `before`.
pub fn tell(tx: &mut Tx, before: Option<CustomerId>, cart: &Cart) {
    if let Some(customer) = cart.holder().or(before)
        && cart.holder() != before
    {
        outbox::publish(tx, &cart.held(customer).changed());
    }
}
