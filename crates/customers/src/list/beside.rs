//! Conditions on what stands beside the record, or is indexed in another form than it is shown in.
use chrono::{DateTime, Days, Utc};
use kit::ids::{ProductId, StoreId};
use sqlx::types::Uuid;

use super::{
    condition::{Sql, separated},
    field::Field,
    filter::Op,
    search::{escape, pattern},
};
use crate::customer::Scope;

/// Whether the field is of an address.
pub const fn is_place(field: Field) -> bool {
    matches!(field, Field::Country | Field::City | Field::Region | Field::PostalCode | Field::Street)
}

const fn is_negative(op: Op) -> bool {
    matches!(op, Op::Ne | Op::Nin)
}

/// Those with an address like this; or, negated, those without any.
pub fn places(sql: &mut Sql, (field, op): (Field, Op), texts: &[String], scope: Scope) {
    let column = field.sql("p");
    if is_negative(op) {
        sql.push(
            "not exists (select from customer_places p where p.realm_id = c.realm_id and p.customer_id = c.id and (",
        );
        push_place(sql, field, if op == Op::Ne { Op::Eq } else { Op::In }, (&column, texts));
    } else {
        sql.push("c.id in (select p.customer_id from customer_places p where p.realm_id = ").push_bind(scope.realm);
        sql.push(" and (");
        push_place(sql, field, op, (&column, texts));
    }
    sql.push("))");
}

fn push_place(sql: &mut Sql, field: Field, op: Op, (column, texts): (&str, &[String])) {
    if field == Field::Country {
        sql.push(column).push(" = any(").push_bind(texts.to_vec()).push(")");
    } else {
        pieces(sql, column, op, texts);
    }
}

/// Those who gave such a part of an address, or gave none.
pub fn has_place(sql: &mut Sql, field: Field, there: bool) {
    sql.push(if there { "exists" } else { "not exists" });
    sql.push(" (select from customer_places p where p.realm_id = c.realm_id and p.customer_id = c.id and ");
    sql.push(field.sql("p")).push(" > ' ')");
}

/// Those of a company like this. Its index holds those who have one.
pub fn business(sql: &mut Sql, column: &str, op: Op, texts: &[String]) {
    if !is_negative(op) {
        sql.push("c.business <> '' and ");
    }
    pieces(sql, column, op, texts);
}

/// A text in small letters behind a space, which an index holds in pieces of three letters.
fn pieces(sql: &mut Sql, column: &str, op: Op, texts: &[String]) {
    if is_negative(op) {
        sql.push("not ");
    }
    sql.push(column);
    match op {
        Op::Contains => sql.push(" like lower(").push_bind(pattern(&texts[0])),
        Op::Starts => sql.push(" like lower(").push_bind(format!(" {}%", escape(&texts[0]))),
        _ => sql
            .push(" = any(")
            .push_bind(texts.iter().map(|text| format!(" {}", text.to_lowercase())).collect::<Vec<_>>()),
    };
    sql.push(")");
}

/// Those who bought one of these, in the store of `scope` if it is one; or none of them.
pub fn products(sql: &mut Sql, op: Op, ids: &[ProductId], scope: Scope) {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let bought = "customer_products p join customer_orders o on o.realm_id = p.realm_id and o.order_id = p.order_id";
    if is_negative(op) {
        sql.push("not exists (select from ").push(bought);
        sql.push(" where o.realm_id = c.realm_id and o.customer_id = c.id");
    } else {
        sql.push("c.id in (select o.customer_id from ").push(bought);
        sql.push(" where p.realm_id = ").push_bind(scope.realm);
    }
    sql.push(" and p.product_id = any(").push_bind(ids).push(")");
    if let Some(store) = scope.store {
        sql.push(" and o.store_id = ").push_bind(StoreId::uuid(store));
    }
    sql.push(")");
}

/// Those with a subscription that stands so, in the store of `scope` if it is one; or with none.
pub fn subscriptions(sql: &mut Sql, op: Op, statuses: &[String], scope: Scope) {
    if is_negative(op) {
        sql.push(
            "not exists (select from customer_subscriptions u where u.realm_id = c.realm_id and u.customer_id = c.id",
        );
    } else {
        sql.push("c.id in (select u.customer_id from customer_subscriptions u where u.realm_id = ");
        sql.push_bind(scope.realm);
    }
    sql.push(" and u.status = any(").push_bind(statuses.to_vec()).push(")");
    if let Some(store) = scope.store {
        sql.push(" and u.store_id = ").push_bind(StoreId::uuid(store));
    }
    sql.push(")");
}

/// Those who agreed to marketing on one of these channels; or on none of them.
pub fn consents(sql: &mut Sql, op: Op, channels: &[String]) {
    sql.push(if is_negative(op) { "not (" } else { "c.consents <> '{}' and (" });
    separated(sql, channels, " or ", |sql, channel| {
        // The index knows the whole pair. A channel is one of five, so the planner may see it.
        sql.push(format!("c.consents @> '{{\"{channel}\": true}}'"));
    });
    sql.push(")");
}

/// Adds what the record's own age can tell of what happened to it, and `and`: nobody bought, registered or
/// was changed before there was a record of them, but for what clocks may differ by.
pub fn since(sql: &mut Sql, op: Op, times: &[DateTime<Utc>]) {
    let to = match (op, times) {
        (Op::Lt | Op::Lte | Op::Eq, [at]) | (Op::Between, [_, at]) => at.checked_add_days(Days::new(1)),
        _ => None,
    };
    if let Some(to) = to {
        sql.push("c.created_at <= ").push_bind(to).push(" and ");
    }
}

/// Adds what the indexes of days can tell of moments, and `and`. Nobody's last sign of life is older than their record,
/// which lets a list of the newest begin where the first of them can be.
pub fn on_days(sql: &mut Sql, op: Op, times: &[DateTime<Utc>]) {
    let (from, to) = match (op, times) {
        (Op::Lt | Op::Lte, [at]) => (None, Some(*at)),
        (Op::Gt | Op::Gte, [at]) => (Some(*at), None),
        (Op::Eq, [at]) => (Some(*at), Some(*at)),
        (Op::Between, [from, to]) => (Some(*from), Some(*to)),
        _ => (None, None),
    };
    if let Some(from) = from {
        sql.push("c.active_on >= ").push_bind(from.date_naive()).push(" and ");
    }
    if let Some(to) = to {
        sql.push("c.active_on <= ").push_bind(to.date_naive()).push(" and c.created_at <= ").push_bind(to);
        sql.push(" and ");
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::ids::{RealmId, SubscriptionId};
    use sqlx::{AssertSqlSafe, PgConnection};
    use testing::Rig;

    use super::*;
    use crate::list::{
        filter::{Filter, Values},
        tree::{self, Ground},
    };

    /// How the newest customers that meet `filter` are found.
    async fn plan(db: &mut PgConnection, scope: Scope, filter: &Filter) -> anyhow::Result<String> {
        let mut sql = Sql::new("explain select c.id from customers c where c.realm_id = ");
        tree::push(sql.push_bind(scope.realm).push(" and "), filter, Ground { figures: "c", scope });
        sql.push(" order by c.created_at desc, c.id desc limit 26");
        Ok(sql.build_query_scalar::<String>().persistent(false).fetch_all(db).await?.join("\n"))
    }

    /// CU-5: whose subscription is past due is looked up, not looked for, in a realm and in a store of it; and so is who
    /// came back, though none of the newest did.
    #[tokio::test]
    async fn an_index_finds_what_few_of_the_newest_meet() -> anyhow::Result<()> {
        let rig = Rig::new(crate::NAME, &crate::MIGRATOR).await?;
        let (realm, store) = (RealmId::from_uuid(rig.actors.realm.uuid()), rig.actors.store);
        let mut db = rig.env.db(crate::NAME)?.begin_own().await?;
        let any = SubscriptionId::new(DateTime::UNIX_EPOCH).uuid();
        let fill = format!(
            "insert into customers (realm_id, id, lifecycle, registration, email, email_canonical, slug, orders_count,
               last_activity_at, created_at, updated_at)
             select '{0}', md5('c' || n)::uuid, 'customer', 'guest', n::text, n::text, n::text, n / 1000,
               now(), now() - n * interval '1 minute', now() from generate_series(1, 3000) n;
             insert into customer_subscriptions
             select '{0}', md5('s' || n)::uuid, md5('c' || n)::uuid, '{1}', '{any}',
               case when n % 100 = 0 then 'past_due' else 'active' end, 1 from generate_series(1, 3000) n;
             analyze customers; analyze customer_subscriptions;",
            realm.uuid(),
            store.uuid()
        );
        sqlx::raw_sql(AssertSqlSafe(fill)).execute(&mut *db).await?;
        for store in [None, Some(store)] {
            let past_due = Filter::Test(Field::Subscription, Op::Eq, Values::Text(vec!["past_due".to_owned()]));
            let plan = plan(&mut db, Scope { realm, store }, &past_due).await?;
            assert!(plan.contains("customer_subscriptions_status"), "{plan}");
        }
        let came_back = Filter::Test(Field::OrdersCount, Op::Gte, Values::Number(vec![2]));
        let plan = plan(&mut db, Scope { realm, store: None }, &came_back).await?;
        assert!(plan.contains("customers_came_back") && !came_back.leans(), "{plan}");
        Ok(())
    }
}
