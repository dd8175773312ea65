//! Compares what reviews knows of purchases with the orders (RE-6).
use kit::{
    Tx,
    failure::Violation,
    ids::{CustomerId, RealmId},
    reconcile::{self, Claims},
};
use proto::{base::v1 as pb, orders::v1::OrderPlaced};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    bought::Bought,
    error::Error,
    store,
    subject::{Subject, SubjectKind},
};

/// Who bought what, by column, with the place of the order that says so.
#[derive(Default)]
struct Columns {
    realms: Vec<Uuid>,
    customers: Vec<Uuid>,
    kinds: Vec<&'static str>,
    subjects: Vec<Uuid>,
    places: Vec<i64>,
}

impl Columns {
    fn of(orders: &[OrderPlaced]) -> Result<Self, Violation> {
        let mut all = Self::default();
        for (place, order) in (1..).zip(orders) {
            let products = order.lines.iter().map(|line| (SubjectKind::Product, &line.product));
            for (kind, subject) in products.chain([(SubjectKind::Store, &order.store)]) {
                all.realms.push(reconcile::required(&order.realm)?);
                all.customers.push(reconcile::required(&order.customer)?);
                all.kinds.push(kind.slug());
                all.subjects.push(reconcile::required(subject)?);
                all.places.push(place);
            }
        }
        Ok(all)
    }
}

/// Which orders' purchases are not all known.
pub async fn compare(tx: &mut Tx, orders: &[OrderPlaced], repair: bool) -> Result<Vec<pb::Discrepancy>, Error> {
    let bought = Columns::of(orders)?;
    let missing: Vec<i64> = sqlx::query_scalar(
        "select distinct f.place from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bigint[])
           as f (realm_id, customer_id, kind, subject_id, place)
         where not exists (select from purchases p where p.realm_id = f.realm_id and p.customer_id = f.customer_id
           and p.subject_kind = f.kind and p.subject_id = f.subject_id)
           and not exists (select from erasures e where e.realm_id = f.realm_id and e.customer_id = f.customer_id)
         order by f.place",
    )
    .bind(bought.realms)
    .bind(bought.customers)
    .bind(bought.kinds)
    .bind(bought.subjects)
    .bind(bought.places)
    .fetch_all(&mut **tx)
    .await?;
    let (mut all, mut unknown) = (Vec::with_capacity(missing.len()), Vec::new());
    for place in missing {
        let Some(order) = usize::try_from(place - 1).ok().and_then(|place| orders.get(place)) else { continue };
        if repair {
            unknown.extend(Bought::of(order)?);
        }
        all.push(reconcile::discrepancy("missing_purchase", &*order.order, place, repair));
    }
    store::remember(&mut **tx, &unknown).await?;
    Ok(all)
}

#[derive(sqlx::FromRow)]
struct Row {
    realm_id: RealmId,
    customer_id: CustomerId,
    subject_kind: SubjectKind,
    subject_id: Uuid,
}

impl Row {
    fn place(&self) -> String {
        let (realm, customer) = (self.realm_id.uuid(), self.customer_id.uuid());
        format!("{}/{}/{}/{}", realm.simple(), customer.simple(), self.subject_kind.slug(), self.subject_id.simple())
    }

    fn claim(&self) -> pb::Claim {
        pb::Claim {
            realm: self.realm_id.into(),
            id: String::new(),
            customer: self.customer_id.into(),
            about: Subject::new(self.subject_kind, self.subject_id).to_string(),
        }
    }
}

/// Where a page begins: tenant, customer, kind, subject.
fn after(place: &str) -> Result<(Uuid, Uuid, &str, Uuid), Violation> {
    let malformed = || Violation::new("/after", "malformed", "no answer named this place");
    if place.is_empty() {
        return Ok((Uuid::nil(), Uuid::nil(), "", Uuid::nil()));
    }
    let parts: Vec<_> = place.split('/').collect();
    let [realm, customer, kind, subject] = parts[..] else { return Err(malformed()) };
    match (realm.parse(), customer.parse(), subject.parse()) {
        (Ok(realm), Ok(customer), Ok(subject)) => Ok((realm, customer, kind, subject)),
        _ => Err(malformed()),
    }
}

/// A page of purchases.
pub async fn claims(db: impl PgExecutor<'_>, request: &pb::ListClaimsRequest) -> Result<pb::ListClaimsResponse, Error> {
    let ((realm, customer, kind, subject), limit) = (after(&request.after)?, reconcile::limit(request.limit)?);
    let rows: Vec<Row> = sqlx::query_as(
        "select realm_id, customer_id, subject_kind, subject_id from purchases
         where (realm_id, customer_id, subject_kind, subject_id) > ($1, $2, $3, $4)
         order by realm_id, customer_id, subject_kind, subject_id limit $5",
    )
    .bind(realm)
    .bind(customer)
    .bind(kind)
    .bind(subject)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let next = reconcile::next(rows.len(), limit, rows.last().map(Row::place));
    Ok(pb::ListClaimsResponse { claims: rows.iter().map(Row::claim).collect(), next })
}

/// Purchases that no order supports.
pub async fn withdraw(tx: &mut Tx, request: &pb::WithdrawClaimsRequest) -> Result<Vec<pb::Discrepancy>, Error> {
    let claims = Claims::parse(&request.claims)?;
    let sql = if request.repair {
        "delete from purchases p using unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality
           as f (realm_id, customer_id, subject_id, place)
         where p.realm_id = f.realm_id and p.customer_id = f.customer_id and p.subject_id = f.subject_id
         returning f.place, p.customer_id"
    } else {
        "select f.place, p.customer_id from purchases p join unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality
           as f (realm_id, customer_id, subject_id, place)
         on p.realm_id = f.realm_id and p.customer_id = f.customer_id and p.subject_id = f.subject_id"
    };
    let found: Vec<(i64, CustomerId)> = sqlx::query_as(sql)
        .bind(&claims.realms)
        .bind(&claims.customers)
        .bind(&claims.abouts)
        .fetch_all(&mut **tx)
        .await?;
    let stray = |(place, customer)| reconcile::discrepancy("stray_purchase", customer, place, request.repair);
    Ok(found.into_iter().map(stray).collect())
}
