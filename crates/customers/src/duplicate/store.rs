//! All SQL of duplicates.
use chrono::{DateTime, Utc};
use kit::{
    ids::{CustomerId, RealmId},
    page::Page,
};
use sqlx::{PgConnection, PgExecutor, types::Uuid};

use crate::{Error, customer::Customer};

/// Customer bases with records that changed by `until` and were not compared since.
pub async fn changed(db: impl PgExecutor<'_>, until: DateTime<Utc>) -> Result<Vec<RealmId>, Error> {
    // One look into the index for each customer base, however many records it has.
    let realms = "with recursive realms as (
           (select realm_id from customers order by realm_id limit 1)
           union all
           select (select c.realm_id from customers c where c.realm_id > r.realm_id order by c.realm_id limit 1)
           from realms r where r.realm_id is not null)
         select r.realm_id from realms r left join duplicate_searches s on s.realm_id = r.realm_id
         where exists (select from customers c where c.realm_id = r.realm_id and c.updated_at <= $1
                         and (c.updated_at, c.id) > (coalesce(s.changed_at, '-infinity'),
                                                     coalesce(s.customer_id, '00000000-0000-0000-0000-000000000000')))";
    Ok(sqlx::query_scalar(realms).bind(until).fetch_all(db).await?)
}

/// The next records to compare, with the time of their change. None while another process is at it.
pub async fn next(
    db: &mut PgConnection,
    realm: RealmId,
    (until, most): (DateTime<Utc>, i64),
) -> Result<Vec<(CustomerId, DateTime<Utc>)>, Error> {
    let alone = "select pg_try_advisory_xact_lock(hashtext('duplicates ' || current_schema()), hashtext($1::text))";
    if !sqlx::query_scalar::<_, bool>(alone).bind(realm.uuid()).fetch_one(&mut *db).await? {
        return Ok(Vec::new());
    }
    let place: Option<(DateTime<Utc>, Uuid)> =
        sqlx::query_as("select changed_at, customer_id from duplicate_searches where realm_id = $1")
            .bind(realm)
            .fetch_optional(&mut *db)
            .await?;
    let (at, id) = place.unwrap_or((DateTime::<Utc>::UNIX_EPOCH, Uuid::nil()));
    let next = "select id, updated_at from customers
                where realm_id = $1 and (updated_at, id) > ($2, $3) and updated_at <= $4
                order by updated_at, id limit $5";
    Ok(sqlx::query_as(next).bind(realm).bind(at).bind(id).bind(until).bind(most).fetch_all(db).await?)
}

/// Remembers that everything up to this change was compared.
pub async fn remember(
    db: &mut PgConnection,
    realm: RealmId,
    (id, at): (CustomerId, DateTime<Utc>),
) -> Result<(), Error> {
    let sql = "insert into duplicate_searches (realm_id, changed_at, customer_id) values ($1, $2, $3)
               on conflict (realm_id) do update set changed_at = excluded.changed_at, customer_id = excluded.customer_id";
    sqlx::query(sql).bind(realm).bind(at).bind(id).execute(db).await?;
    Ok(())
}

/// Brings up to date what `customers` are compared by. Mail boxes that are nobody's own are not.
pub async fn liken(db: &mut PgConnection, realm: RealmId, customers: &[Uuid]) -> Result<(), Error> {
    let liken = "insert into customer_likeness as l (realm_id, customer_id, phone, home, mail, mail_start)
         select $1, id, phone,
           case when name <> '' and coalesce(address ->> 'postal_code', '') <> ''
             then lower(regexp_replace(name, '\\s+', ' ', 'g')) || '|' || lower(address ->> 'postal_code') else '' end,
           mail, case when length(mail) >= 5 and mail <> all(array['contact', 'kontakt', 'office', 'sales', 'support',
             'hello', 'admin', 'service', 'accounting', 'billing', 'noreply']) then left(mail, 5) else '' end
         from (select c.*, regexp_replace(regexp_replace(split_part(email_canonical, '@', 1), '[+].*$', ''),
                 '[^[:alnum:]]', '', 'g') as mail
               from customers c where c.realm_id = $1 and c.id = any($2)) as c
         on conflict (realm_id, customer_id) do update
           set phone = excluded.phone, home = excluded.home, mail = excluded.mail, mail_start = excluded.mail_start
           where (l.phone, l.home, l.mail) is distinct from (excluded.phone, excluded.home, excluded.mail)";
    sqlx::query(liken).bind(realm).bind(customers).execute(db).await?;
    Ok(())
}

/// Finds the pairs that `customers` are in, up to 20 of a kind for each. Those that were known keep their time. E-mail
/// addresses are compared with their neighbours in the order of letters: half a dozen thousand may begin alike.
pub async fn compare(
    db: &mut PgConnection,
    realm: RealmId,
    customers: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let compare = "with asked as (
           select * from customer_likeness where realm_id = $1 and customer_id = any($2)),
         alike as (
           select a.customer_id as a, o.customer_id as b, 'same_phone' as reason from asked a cross join lateral (
             select customer_id from customer_likeness l where a.phone <> '' and l.phone <> '' and l.realm_id = $1
               and l.phone = a.phone and l.customer_id <> a.customer_id limit 20) as o
           union
           select a.customer_id, o.customer_id, 'same_name_and_postcode' from asked a cross join lateral (
             select customer_id from customer_likeness l where a.home <> '' and l.home <> '' and l.realm_id = $1
               and l.home = a.home and l.customer_id <> a.customer_id limit 20) as o
           union
           select a.customer_id, o.customer_id, 'similar_email' from asked a cross join lateral (
             (select customer_id, mail, mail_start from customer_likeness l
              where a.mail_start <> '' and l.mail_start <> '' and l.realm_id = $1
                and (l.mail collate \"C\", l.customer_id) > (a.mail, a.customer_id)
              order by l.mail collate \"C\", l.customer_id limit 20)
             union all
             (select customer_id, mail, mail_start from customer_likeness l
              where a.mail_start <> '' and l.mail_start <> '' and l.realm_id = $1
                and (l.mail collate \"C\", l.customer_id) < (a.mail, a.customer_id)
              order by l.mail collate \"C\" desc, l.customer_id desc limit 20)) as o
           where o.mail_start = a.mail_start and similarity(o.mail, a.mail) >= 0.7),
         pairs as (
           select least(a, b) as one_id, greatest(a, b) as other_id, array_agg(distinct reason order by reason) as reasons
           from alike group by 1, 2),
         gone as (
           delete from duplicates d where realm_id = $1 and (one_id = any($2) or other_id = any($2))
             and not exists (select from pairs p where p.one_id = d.one_id and p.other_id = d.other_id))
         insert into duplicates as d (realm_id, one_id, other_id, reasons, found_at)
         select $1, one_id, other_id, reasons, $3 from pairs
         on conflict (realm_id, one_id, other_id) do update set reasons = excluded.reasons
           where d.reasons <> excluded.reasons";
    sqlx::query(compare).bind(realm).bind(customers).bind(now).execute(db).await?;
    Ok(())
}

/// One of the two records of a pair.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    /// The record.
    #[sqlx(flatten)]
    pub customer: Customer,
    /// The older one of the pair.
    pub one_id: CustomerId,
    /// The other one.
    pub other_id: CustomerId,
    /// Why they are a pair.
    pub reasons: Vec<String>,
    /// When that was found.
    pub found_at: DateTime<Utc>,
}

/// The records of the pairs of a page, two by two, the older one of a pair first: in reading direction, one pair more than
/// it shows.
pub async fn page(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    page: &Page,
    from: Option<(DateTime<Utc>, CustomerId, CustomerId)>,
) -> Result<Vec<Row>, Error> {
    let forward = "select c.*, d.one_id, d.other_id, d.reasons, d.found_at from (
           select * from duplicates where realm_id = $1
             and ($2::timestamptz is null or (found_at, one_id, other_id) < ($2, $3, $4))
           order by found_at desc, one_id desc, other_id desc limit $5) as d
         join customers c on c.realm_id = $1 and c.id = any(array[d.one_id, d.other_id])
         order by d.found_at desc, d.one_id desc, d.other_id desc, c.id";
    let backward = "select c.*, d.one_id, d.other_id, d.reasons, d.found_at from (
           select * from duplicates where realm_id = $1
             and ($2::timestamptz is null or (found_at, one_id, other_id) > ($2, $3, $4))
           order by found_at, one_id, other_id limit $5) as d
         join customers c on c.realm_id = $1 and c.id = any(array[d.one_id, d.other_id])
         order by d.found_at, d.one_id, d.other_id, c.id";
    let sql = sqlx::query_as(if page.is_forward() { forward } else { backward });
    let (at, one, other) = from.map_or((None, None, None), |(at, one, other)| (Some(at), Some(one), Some(other)));
    let sql = sql.bind(realm).bind(at).bind(one.map(CustomerId::uuid)).bind(other.map(CustomerId::uuid));
    Ok(sql.bind(page.fetch()).fetch_all(db).await?)
}
