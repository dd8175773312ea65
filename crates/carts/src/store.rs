//! All SQL about carts.
use chrono::{DateTime, Utc};
use kit::{
    address::Address,
    attribution::Attribution,
    db::on_unique,
    ids::{CartId, CustomerId, LineId, OrderId, PlanId, ProductId, RealmId, ShippingMethodId, StoreId},
    money,
    pool::Pool,
};
use serde::Deserialize;
use sqlx::{
    FromRow, PgExecutor, Postgres, QueryBuilder, Row as _,
    postgres::{PgArguments, PgRow},
    query::QueryScalar,
    types::Json,
};
use uuid::Uuid;

use crate::{
    Error,
    cart::{Cart, Front, Line, Status},
    close::CloseCart,
    code::Code,
    contact::Contact,
    gift::Gift,
    holder::Holding,
    idle::{Idle, PATIENCE},
    name::{ClientKey, Name},
    offer::{Label, Plan, Shown, Taxed},
    priced::{Bought, Delivered},
};

/// A cart with its lines in one row.
pub(crate) const SELECT: &str = "select c.*, coalesce((select jsonb_agg(jsonb_build_object(
        'id', l.id, 'position', l.position, 'product', l.product_id, 'quantity', l.quantity,
        'sku', l.sku, 'name', l.name, 'description', l.description, 'image_url', l.image_url, 'kind', l.kind,
        'package', l.package, 'plan_id', l.plan_id, 'plan', l.plan, 'price', l.price, 'discount', l.discount,
        'taxed', l.taxed, 'gift', l.gift) order by l.position)
      from cart_lines l where l.realm_id = c.realm_id and l.cart_id = c.id), '[]') as lines
    from carts c where ";

#[derive(sqlx::FromRow)]
struct Row {
    realm_id: RealmId,
    id: CartId,
    front_id: Uuid,
    client_key: Option<ClientKey>,
    store_id: Option<StoreId>,
    currency: Option<String>,
    customer_id: Option<CustomerId>,
    claimed: bool,
    status: String,
    order_id: Option<OrderId>,
    merged_into: Option<CartId>,
    email: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    shipping: Option<Json<Address>>,
    billing: Option<Json<Address>>,
    version: i64,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    codes: Vec<String>,
    discounts: Json<Vec<Bought>>,
    shipping_method_id: Option<ShippingMethodId>,
    delivered: Option<Json<Delivered>>,
    attribution: Json<Attribution>,
    lines: Json<Vec<LineRow>>,
}

#[derive(Deserialize)]
struct LineRow {
    id: Uuid,
    position: i32,
    product: Uuid,
    quantity: i32,
    sku: Option<String>,
    name: Option<String>,
    description: Option<String>,
    image_url: Option<String>,
    kind: Option<String>,
    package: Option<String>,
    plan_id: Option<Uuid>,
    plan: Option<Plan>,
    price: Option<i64>,
    discount: i64,
    taxed: Option<Taxed>,
    gift: Option<Gift>,
}

impl TryFrom<LineRow> for Line {
    type Error = Error;

    fn try_from(row: LineRow) -> Result<Self, Error> {
        let label = Label {
            sku: row.sku.unwrap_or_default(),
            name: row.name.unwrap_or_default(),
            description: row.description.unwrap_or_default(),
            image_url: row.image_url.unwrap_or_default(),
            kind: row.kind.unwrap_or_default(),
            package: row.package.unwrap_or_default(),
        };
        Ok(Self {
            id: LineId::from_uuid(row.id),
            position: row.position,
            product: ProductId::from_uuid(row.product),
            plan: row.plan_id.map(PlanId::from_uuid),
            quantity: row.quantity.try_into()?,
            gift: row.gift,
            shown: Shown {
                label,
                price: row.price,
                plan: row.plan,
                discount: row.discount,
                taxed: row.taxed.unwrap_or_default(),
            },
        })
    }
}

impl TryFrom<Row> for Cart {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |what| Error::Kit(kit::Error::Internal(format!("{} has a broken {what}", row.id)));
        let currency = row.currency.as_deref().map(money::currency).transpose().map_err(|_| broken("currency"))?;
        let contact = row.email.map(|email| Contact {
            email,
            name: row.name.unwrap_or_default(),
            phone: row.phone.unwrap_or_default(),
            shipping: row.shipping.map(|address| address.0),
            billing: row.billing.map(|address| address.0),
        });
        Ok(Self {
            id: row.id,
            realm: row.realm_id,
            front: row.front_id,
            client_key: row.client_key,
            shop: row.store_id.zip(currency),
            customer: row.customer_id,
            claimed: row.claimed,
            status: Status::parse(&row.status).ok_or_else(|| broken("status"))?,
            order: row.order_id,
            merged_into: row.merged_into,
            contact,
            lines: row.lines.0.into_iter().map(Line::try_from).collect::<Result<_, _>>()?,
            codes: row.codes.iter().filter_map(|code| code.parse().ok()).collect(),
            discounts: row.discounts.0,
            method: row.shipping_method_id,
            delivered: row.delivered.map(|delivered| delivered.0),
            attribution: row.attribution.0,
            version: row.version,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The cart with this id, in `realm` unless a service asks.
pub async fn find(db: impl PgExecutor<'_>, realm: Option<RealmId>, id: CartId) -> Result<Option<Cart>, Error> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push("c.id = ").push_bind(id);
    if let Some(realm) = realm {
        sql.push(" and c.realm_id = ").push_bind(realm);
    }
    one(db, sql).await
}

/// The cart with this key of a client of `front`: the open one, else the newest.
pub async fn find_by_key(db: impl PgExecutor<'_>, front: Front, key: &ClientKey) -> Result<Option<Cart>, Error> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push("c.realm_id = ").push_bind(front.realm).push(" and c.front_id = ").push_bind(front.id());
    sql.push(" and c.client_key = ").push_bind(key.clone());
    sql.push(" order by c.status = 'open' desc, c.created_at desc limit 1");
    one(db, sql).await
}

/// The cart that `name` means to clients of `front`, or to a service, which knows ids only.
pub async fn find_named(pool: &Pool, front: Option<Front>, name: &Name) -> Result<Option<Cart>, Error> {
    match (name, front) {
        (Name::Id(id), _) => find(pool, front.map(|front| front.realm), *id).await,
        (Name::Key(key), Some(front)) => find_by_key(pool, front, key).await,
        (Name::Key(_), None) => Ok(None),
    }
}

pub(crate) async fn one(db: impl PgExecutor<'_>, mut sql: QueryBuilder<Postgres>) -> Result<Option<Cart>, Error> {
    let row: Option<Row> = sql.build_query_as().fetch_optional(db).await?;
    row.map(Cart::try_from).transpose()
}

/// The carts that `sql` finds, planned once, or each time with the values at hand.
pub(crate) async fn many(
    db: impl PgExecutor<'_>,
    mut sql: QueryBuilder<Postgres>,
    planned_once: bool,
) -> Result<Vec<Cart>, Error> {
    let rows: Vec<Row> = sql.build_query_as().persistent(planned_once).fetch_all(db).await?;
    rows.into_iter().map(Cart::try_from).collect()
}

/// Adds a cart without lines.
pub async fn insert(db: impl PgExecutor<'_>, cart: &Cart) -> Result<(), Error> {
    sqlx::query(
        "insert into carts (realm_id, id, front_id, client_key, store_id, currency, customer_id, claimed, status,
                            version, expires_at, created_at, updated_at, look_at, attribution)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(cart.realm)
    .bind(cart.id)
    .bind(cart.front)
    .bind(&cart.client_key)
    .bind(cart.store())
    .bind(cart.shop.map(|(_, currency)| currency.code()))
    .bind(cart.customer)
    .bind(cart.claimed)
    .bind(cart.status.slug())
    .bind(cart.version)
    .bind(cart.expires_at)
    .bind(cart.created_at)
    .bind(cart.updated_at)
    .bind(cart.updated_at + PATIENCE)
    .bind(Json(&cart.attribution))
    .execute(db)
    .await
    .map_err(on_unique("carts_client_key", || Error::ClientKeyTaken))?;
    Ok(())
}

/// Marks the cart that holds `key` as expired if it is, so that a fresh one can have the key; answers it.
pub async fn free_key(
    db: impl PgExecutor<'_>,
    front: Front,
    key: &ClientKey,
    now: DateTime<Utc>,
) -> Result<Option<Idle>, Error> {
    let freed = sqlx::query_as(
        "update carts set status = 'expired', version = version + 1, recover_at = null
         where realm_id = $1 and front_id = $2 and client_key = $3 and status = 'open' and expires_at <= $4
         returning realm_id, id, store_id, customer_id, version - 1 as version, updated_at, expires_at, abandoned_at,
           exists (select from cart_lines l where l.realm_id = carts.realm_id and l.cart_id = carts.id) as filled,
           recovery_id is not null as reminded",
    );
    Ok(freed.bind(front.realm).bind(front.id()).bind(key).bind(now).fetch_optional(db).await?)
}

/// Writes a cart with its lines, unless it is no longer of the version `seen`; whether it was.
pub async fn put(db: impl PgExecutor<'_>, cart: &Cart, seen: i64) -> Result<bool, Error> {
    let sql = sqlx::query_scalar(
        "with kept as (
           update carts set store_id = $3, currency = $4, customer_id = $5, status = $6, order_id = $7, email = $8,
             name = $9, phone = $10, shipping = $11, billing = $12, version = $13, expires_at = $14, updated_at = $15,
             claimed = $16, codes = $31, look_at = least(look_at, $15 + $32), shipping_method_id = $33,
             attribution = $35
           where realm_id = $1 and id = $2 and version = $17 returning id),
         gone as (delete from cart_lines where realm_id = $1 and cart_id in (select id from kept) and id <> all($18)),
         put as (
           insert into cart_lines as old (realm_id, cart_id, id, position, product_id, quantity, sku, name, description,
                                          image_url, kind, price, package, plan_id, plan, gift)
           select $1, kept.id, l.* from kept, unnest($18::uuid[], $19::int[], $20::uuid[], $21::int[], $22::text[],
             $23::text[], $24::text[], $25::text[], $26::text[], $27::bigint[], $28::text[],
             $29::uuid[], $30::jsonb[], $34::jsonb[]) as l
           on conflict (realm_id, cart_id, id) do update set quantity = excluded.quantity, sku = excluded.sku,
             name = excluded.name, description = excluded.description, image_url = excluded.image_url,
             kind = excluded.kind, price = excluded.price, package = excluded.package, plan_id = excluded.plan_id,
             plan = excluded.plan, gift = excluded.gift
           where (old.quantity, old.sku, old.name, old.description, old.image_url, old.kind, old.price, old.package,
               old.plan_id, old.plan, old.gift)
             is distinct from (excluded.quantity, excluded.sku, excluded.name, excluded.description,
               excluded.image_url, excluded.kind, excluded.price, excluded.package, excluded.plan_id, excluded.plan,
               excluded.gift))
         select exists (select from kept)",
    );
    let codes: Vec<&str> = cart.codes.iter().map(Code::as_str).collect();
    Ok(bind_lines(bind(sql, cart).bind(seen), &cart.lines)
        .bind(codes)
        .bind(PATIENCE)
        .bind(cart.method)
        .bind(cart.lines.iter().map(|line| line.gift.as_ref().map(Json)).collect::<Vec<_>>())
        .bind(Json(&cart.attribution))
        .fetch_one(db)
        .await?)
}

type Put<'q> = QueryScalar<'q, Postgres, bool, PgArguments>;

fn bind<'q>(sql: Put<'q>, cart: &'q Cart) -> Put<'q> {
    let contact = cart.contact.as_ref();
    let text = |text: &'q String| Some(text).filter(|text| !text.is_empty());
    sql.bind(cart.realm)
        .bind(cart.id)
        .bind(cart.store())
        .bind(cart.shop.map(|(_, currency)| currency.code()))
        .bind(cart.customer)
        .bind(cart.status.slug())
        .bind(cart.order)
        .bind(contact.map(|contact| &contact.email))
        .bind(contact.and_then(|contact| text(&contact.name)))
        .bind(contact.and_then(|contact| text(&contact.phone)))
        .bind(contact.and_then(|contact| contact.shipping.as_ref().map(Json)))
        .bind(contact.and_then(|contact| contact.billing.as_ref().map(Json)))
        .bind(cart.version)
        .bind(cart.expires_at)
        .bind(cart.updated_at)
        .bind(cart.claimed)
}

fn bind_lines<'q>(sql: Put<'q>, lines: &'q [Line]) -> Put<'q> {
    let text = |of: fn(&Label) -> &str| lines.iter().map(|line| of(&line.shown.label)).collect::<Vec<_>>();
    sql.bind(lines.iter().map(|line| line.id.uuid()).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.position).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.product.uuid()).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.quantity.pieces().cast_signed()).collect::<Vec<_>>())
        .bind(text(|label| &label.sku))
        .bind(text(|label| &label.name))
        .bind(text(|label| &label.description))
        .bind(text(|label| &label.image_url))
        .bind(text(|label| &label.kind))
        .bind(lines.iter().map(|line| line.shown.price).collect::<Vec<_>>())
        .bind(text(|label| &label.package))
        .bind(lines.iter().map(|line| line.plan.map(PlanId::uuid)).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.shown.plan.as_ref().map(Json)).collect::<Vec<_>>())
}

/// Closes the carts that became orders, and answers which were not closed before, with who no longer has them. One
/// statement for all of them.
pub async fn close(db: impl PgExecutor<'_>, sold: &[CloseCart]) -> Result<Vec<(CartId, Option<Holding>)>, Error> {
    let closed = sqlx::query(
        "with sold as (
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::jsonb[],
                $12::jsonb[])
             as sold (realm_id, cart_id, order_id, customer_id, at, discounts, delivered)),
         were as (
           select c.realm_id, c.id, c.customer_id, c.status = 'open' and c.customer_id is not null and exists (
               select from cart_lines l where l.realm_id = c.realm_id and l.cart_id = c.id) as held
           from carts c join sold on c.realm_id = sold.realm_id and c.id = sold.cart_id
           order by c.realm_id, c.id for update of c),
         closed as (
           update carts c set status = 'closed', order_id = sold.order_id,
             customer_id = coalesce(c.customer_id, sold.customer_id), version = c.version + 1, updated_at = sold.at,
             discounts = sold.discounts, delivered = sold.delivered
           from sold join were on were.realm_id = sold.realm_id and were.id = sold.cart_id
           where c.realm_id = sold.realm_id and c.id = sold.cart_id and c.status <> 'closed'
           returning c.realm_id, c.id, c.store_id, were.customer_id, were.held, c.version, c.updated_at),
         priced as (
           update cart_lines l set price = paid.price, discount = paid.discount, taxed = paid.taxed
           from closed, unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::bigint[], $11::bigint[], $13::jsonb[],
                $14::bigint[])
             as paid (cart_id, product_id, plan_id, price, discount, taxed, place)
           where l.realm_id = closed.realm_id and l.cart_id = closed.id and paid.cart_id = closed.id
             and l.product_id = paid.product_id and l.plan_id is not distinct from paid.plan_id
             and paid.place = (
               select count(*) from cart_lines o
               where o.realm_id = l.realm_id and o.cart_id = l.cart_id and o.product_id = l.product_id
                 and o.plan_id is not distinct from l.plan_id and o.position < l.position)
             and (l.price, l.discount, l.taxed) is distinct from (paid.price, paid.discount, paid.taxed))
         select realm_id, id, store_id, customer_id, held, version, updated_at from closed",
    );
    let paid = || sold.iter().flat_map(|sold| sold.prices.iter().map(|(item, paid)| (sold.cart, item, paid)));
    let places = sold.iter().flat_map(CloseCart::places).collect::<Vec<_>>();
    let closed = closed
        .bind(sold.iter().map(|sold| sold.realm.uuid()).collect::<Vec<_>>())
        .bind(sold.iter().map(|sold| sold.cart.uuid()).collect::<Vec<_>>())
        .bind(sold.iter().map(|sold| sold.order.uuid()).collect::<Vec<_>>())
        .bind(sold.iter().map(|sold| sold.customer.uuid()).collect::<Vec<_>>())
        .bind(sold.iter().map(|sold| sold.at).collect::<Vec<_>>())
        .bind(sold.iter().map(|sold| Json(&sold.discounts)).collect::<Vec<_>>())
        .bind(paid().map(|(cart, ..)| cart.uuid()).collect::<Vec<_>>())
        .bind(paid().map(|(_, (product, _), _)| product.uuid()).collect::<Vec<_>>())
        .bind(paid().map(|(_, (_, plan), _)| plan.map(PlanId::uuid)).collect::<Vec<_>>())
        .bind(paid().map(|(.., paid)| paid.price).collect::<Vec<_>>())
        .bind(paid().map(|(.., paid)| paid.discount).collect::<Vec<_>>())
        .bind(sold.iter().map(|sold| sold.delivered.as_ref().map(Json)).collect::<Vec<_>>())
        .bind(paid().map(|(.., paid)| Json(paid.taxed)).collect::<Vec<_>>())
        .bind(places);
    let had = |row: &PgRow| {
        let held = row.try_get::<bool, _>("held")?.then(|| Holding::from_row(row)).transpose()?;
        Ok((row.try_get("id")?, held.map(|held| Holding { held: false, ..held })))
    };
    Ok(closed.fetch_all(db).await?.iter().map(had).collect::<Result<_, sqlx::Error>>()?)
}

/// Deletes a cart with its lines, unless it has changed since it was read; whether it had not.
pub async fn delete(db: impl PgExecutor<'_>, cart: &Cart) -> Result<bool, Error> {
    let deleted = sqlx::query("delete from carts where realm_id = $1 and id = $2 and version = $3")
        .bind(cart.realm)
        .bind(cart.id)
        .bind(cart.version)
        .execute(db)
        .await?;
    Ok(deleted.rows_affected() == 1)
}
