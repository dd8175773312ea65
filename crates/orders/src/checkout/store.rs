//! All SQL of checkouts.
use std::time::Duration;

use chrono::TimeDelta;
use kit::{
    Db, Tx,
    clock::Clock,
    ids::{CustomerId, RealmId, StoreId},
};
use sqlx::{PgExecutor, Postgres, postgres::PgArguments, query::Query, types::Json};
use tokio_util::sync::CancellationToken;

use super::{Checkout, Token, draft::Draft};
use crate::{
    error::Error,
    order::{Client, Line, Order},
    payment::stripe,
};

/// How long a checkout is kept; its order stays.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Adds a checkout.
pub async fn insert(tx: &mut Tx, checkout: &Checkout) -> Result<(), Error> {
    sqlx::query(
        "insert into checkouts (realm_id, token_hash, store_id, cart_id, gateway, amount, currency, customer_id,
           own_contact, contact, reveals, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(checkout.realm)
    .bind(checkout.token.hash())
    .bind(checkout.store)
    .bind(checkout.cart)
    .bind(checkout.gateway)
    .bind(checkout.shown.amount)
    .bind(checkout.shown.currency.code())
    .bind(checkout.customer)
    .bind(checkout.own_contact)
    .bind(Json(&checkout.contact))
    .bind(checkout.reveals)
    .bind(checkout.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The checkout of a token, within a realm and, when the caller has one, a store.
pub async fn find(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    store: Option<StoreId>,
    token: Token,
) -> Result<Option<Checkout>, Error> {
    let checkout = sqlx::query_as(
        "select * from checkouts where realm_id = $1 and token_hash = $2 and ($3::uuid is null or store_id = $3)",
    );
    Ok(checkout.bind(realm).bind(token.hash()).bind(store).fetch_optional(db).await?)
}

/// Writes a draft with its lines and its payment, whose lease begins. False when somebody else was quicker: then there is
/// an order, or a live payment, to look at. One statement, and so one transaction.
pub async fn start(db: impl PgExecutor<'_>, draft: &Draft, clock: &Clock) -> Result<bool, Error> {
    let sql = sqlx::query(
        "with draft as (
           insert into orders as o (realm_id, id, store_id, cart_id, customer_id, number, status, payment_status,
             fulfilment_status, currency, subtotal, discount, shipping, tax, total, contact, ip, user_agent, gateway,
             version, placed_at, created_at, updated_at, discounts, delivery, included_tax, attribution)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $45, $47, $48, $57)
           on conflict on constraint orders_cart do update set customer_id = excluded.customer_id,
             status = excluded.status, payment_status = excluded.payment_status, currency = excluded.currency,
             subtotal = excluded.subtotal, discount = excluded.discount, shipping = excluded.shipping,
             tax = excluded.tax, total = excluded.total, contact = excluded.contact, ip = excluded.ip,
             user_agent = excluded.user_agent, gateway = excluded.gateway, version = excluded.version,
             updated_at = excluded.updated_at, discounts = excluded.discounts, delivery = excluded.delivery,
             included_tax = excluded.included_tax, attribution = excluded.attribution
             where o.id = excluded.id and o.version = $24
           returning o.id),
         gone as (delete from order_lines where realm_id = $1 and order_id in (select id from draft)),
         lines as (
           insert into order_lines
             (realm_id, order_id, id, position, product_id, sku, name, quantity, price, subtotal, kind, discount, tax,
              plan, package, contents, included_tax, tax_rate, tax_included)
           select $1, draft.id, l.id, l.place - 1, l.product, l.sku, l.name, l.quantity, l.price, l.subtotal, l.kind,
             l.discount, l.tax, l.plan, l.package, l.contents, l.included_tax, l.tax_rate, l.tax_included
           from draft, unnest($25::uuid[], $26::uuid[], $27::text[], $28::text[], $29::bigint[], $30::bigint[],
                              $31::bigint[], $32::text[], $41::bigint[], $42::bigint[], $43::jsonb[], $44::text[],
                              $46::jsonb[], $49::bigint[], $50::integer[], $51::boolean[])
                  with ordinality as l (id, product, sku, name, quantity, price, subtotal, kind, discount, tax, plan,
                                        package, contents, included_tax, tax_rate, tax_included, place)),
         ungiven as (delete from gifts where realm_id = $1 and order_id in (select id from draft)),
         given as (
           insert into gifts (realm_id, line_id, order_id, store_id, customer_id, email, name, message, created_at)
           select $1, g.line, draft.id, $3, g.customer, g.email, g.name, g.message, $38
           from draft, unnest($52::uuid[], $53::uuid[], $54::text[], $55::text[], $56::text[])
             as g (line, customer, email, name, message)),
         history as (
           insert into order_history (realm_id, order_id, position, status, actor, at)
           select $1, id, 1, $7, $37, $38 from draft where $24 is null)
         insert into payments (realm_id, id, store_id, order_id, attempt, gateway, method, amount, currency, state,
           actor, ip, lease_until, created_at, updated_at)
         select $1, $33, $3, draft.id, coalesce(last.attempt, 0) + 1, $19, $34, $35, $10, $36, $37, $17,
           coalesce($39, statement_timestamp()) + $40, $38, $38
         from draft cross join lateral (
           select max(attempt) as attempt from payments where realm_id = $1 and order_id = draft.id) as last",
    );
    let Draft { order, lines, payment, seen, .. } = draft;
    let sql = bind_lines(bind_order(sql, order).bind(seen), lines);
    let sql = sql.bind(payment.id).bind(&payment.method).bind(payment.amount.amount).bind(payment.state);
    let sql = sql.bind(&payment.actor).bind(payment.created_at).bind(clock.shared()).bind(payment.state.lease());
    let sql = bind_extras(sql, lines).bind(Json(&order.discounts));
    let sql = sql.bind(lines.iter().map(|line| line.contents.as_ref().map(Json)).collect::<Vec<_>>());
    let sql = bind_taxes(sql.bind(order.delivery.as_ref().map(Json)).bind(order.totals.included_tax), lines);
    let sql = bind_gifts(sql, lines);
    let sql = sql.bind(Json(&order.attribution));
    Ok(sql.execute(db).await?.rows_affected() == 1)
}

/// Where a customer's newest order came from that did not come from nowhere; none where there is none.
pub async fn last_client(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    customer: CustomerId,
) -> Result<Option<Client>, Error> {
    let last = sqlx::query_as(
        "select ip, user_agent from orders
         where realm_id = $1 and customer_id = $2 and placed_at is not null and ip <> ''
         order by placed_at desc, id desc limit 1",
    );
    let last: Option<(String, String)> = last.bind(realm).bind(customer).fetch_optional(db).await?;
    Ok(last.map(|(ip, agent)| Client { ip, agent }))
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

fn bind_order<'q>(sql: Statement<'q>, order: &'q Order) -> Statement<'q> {
    sql.bind(order.realm)
        .bind(order.id)
        .bind(order.store)
        .bind(order.cart)
        .bind(order.customer)
        .bind(&order.number)
        .bind(order.standing.status)
        .bind(order.standing.payment)
        .bind(order.standing.fulfilment)
        .bind(order.totals.currency.code())
        .bind(order.totals.subtotal)
        .bind(order.totals.discount)
        .bind(order.totals.shipping)
        .bind(order.totals.tax)
        .bind(order.totals.total)
        .bind(Json(&order.contact))
        .bind(&order.client.ip)
        .bind(&order.client.agent)
        .bind(order.gateway)
        .bind(order.version)
        .bind(order.placed_at)
        .bind(order.created_at)
        .bind(order.updated_at)
}

fn bind_lines<'q>(sql: Statement<'q>, lines: &'q [Line]) -> Statement<'q> {
    sql.bind(lines.iter().map(|line| line.id.uuid()).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.product.uuid()).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| &*line.sku).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| &*line.name).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| i64::from(line.quantity)).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.price).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.subtotal).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| &*line.kind).collect::<Vec<_>>())
}

fn bind_extras<'q>(sql: Statement<'q>, lines: &'q [Line]) -> Statement<'q> {
    sql.bind(lines.iter().map(|line| line.discount).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.tax).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.plan.as_ref().map(Json)).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| &*line.package).collect::<Vec<_>>())
}

fn bind_taxes<'q>(sql: Statement<'q>, lines: &'q [Line]) -> Statement<'q> {
    sql.bind(lines.iter().map(|line| line.included_tax).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.tax_rate.rate.cast_signed()).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.tax_rate.included).collect::<Vec<_>>())
}

/// Lines for somebody else.
fn bind_gifts<'q>(sql: Statement<'q>, lines: &'q [Line]) -> Statement<'q> {
    let gifts = || lines.iter().filter_map(|line| line.gift.as_ref().map(|gift| (line.id, gift)));
    let known = || gifts().filter_map(|(line, gift)| Some((line, gift.recipient?, gift)));
    sql.bind(known().map(|(line, ..)| line.uuid()).collect::<Vec<_>>())
        .bind(known().map(|(_, recipient, _)| recipient.uuid()).collect::<Vec<_>>())
        .bind(known().map(|(.., gift)| &*gift.email).collect::<Vec<_>>())
        .bind(known().map(|(.., gift)| &*gift.name).collect::<Vec<_>>())
        .bind(known().map(|(.., gift)| &*gift.message).collect::<Vec<_>>())
}

/// Drops old checkouts until `stop`: they hold personal data of people who may never have bought.
pub async fn forget(db: Db, clock: Clock, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(Duration::from_mins(10))).await.is_some() {
        if let Err(error) = stripe::store::forget(db.pool(), clock.now()).await {
            tracing::warn!(error.detail = ?error, "ids of old events could not be dropped");
        }
        let old = sqlx::query("delete from checkouts where created_at < $1").bind(clock.now() - KEPT);
        if let Err(error) = old.execute(db.pool()).await {
            tracing::warn!(error.detail = %error, "old checkouts could not be dropped");
        }
    }
}
