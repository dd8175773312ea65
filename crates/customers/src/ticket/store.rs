//! The SQL of single tickets and of what is written in them.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::Clock,
    ids::{CustomerId, OrderId, RealmId, StoreId, TicketCommentId, TicketId},
    page::Page,
};
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};

use super::{Comment, Ticket, links::Matter, viewer::Viewer};
use crate::Error;

/// A ticket with whose it is, as lists show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// The ticket.
    #[sqlx(flatten)]
    pub ticket: Ticket,
    /// The customer's name; empty when they were erased.
    pub customer_name: String,
    /// The customer's e-mail address.
    pub customer_email: String,
}

/// The columns of rows; a source `t` and [`CUSTOMERS`] follow.
pub const COLUMNS: &str = "select t.*, coalesce(c.name, '') as customer_name, coalesce(c.email, '') as customer_email";
/// Joins whose they are. Conditions follow.
pub const CUSTOMERS: &str = " left join customers c on c.realm_id = t.realm_id and c.id = t.customer_id";

/// The ticket `id`, if `viewer` may see it.
pub async fn find(db: impl PgExecutor<'_>, viewer: &Viewer, id: TicketId) -> Result<Option<Row>, Error> {
    let find = format!("{COLUMNS} from tickets t {CUSTOMERS} where t.realm_id = any($1) and t.id = $2");
    let row: Option<Row> =
        sqlx::query_as(AssertSqlSafe(find)).bind(viewer.realms()).bind(id).fetch_optional(db).await?;
    Ok(row.filter(|row| viewer.sees(&row.ticket)))
}

/// The same, knowing nothing but where.
pub async fn find_in(db: impl PgExecutor<'_>, realm: RealmId, id: TicketId) -> Result<Option<Row>, Error> {
    let find = format!("{COLUMNS} from tickets t {CUSTOMERS} where t.realm_id = $1 and t.id = $2");
    Ok(sqlx::query_as(AssertSqlSafe(find)).bind(realm).bind(id).fetch_optional(db).await?)
}

/// A ticket, locked until the transaction ends.
pub async fn lock(db: &mut PgConnection, realm: RealmId, id: TicketId) -> Result<Option<Ticket>, Error> {
    let lock = "select * from tickets where realm_id = $1 and id = $2 for update";
    Ok(sqlx::query_as(lock).bind(realm).bind(id).fetch_optional(db).await?)
}

/// The newest ticket that goes on from `id`.
pub async fn follower(db: impl PgExecutor<'_>, realm: RealmId, id: TicketId) -> Result<Option<TicketId>, Error> {
    let follower = "select id from tickets where realm_id = $1 and follows_id = $2 order by id desc limit 1";
    Ok(sqlx::query_scalar(follower).bind(realm).bind(id).fetch_optional(db).await?)
}

/// The next number of a store; nobody else has it.
pub async fn number(db: &mut PgConnection, realm: RealmId, store: StoreId) -> Result<i64, Error> {
    let next = "insert into ticket_numbers as known (realm_id, store_id, last) values ($1, $2, 1)
                on conflict (realm_id, store_id) do update set last = known.last + 1 returning last";
    Ok(sqlx::query_scalar(next).bind(realm).bind(store).fetch_one(db).await?)
}

/// Adds a ticket.
pub async fn insert(db: &mut PgConnection, ticket: &Ticket) -> Result<(), Error> {
    sqlx::query(
        "insert into tickets (realm_id, id, store_id, number, customer_id, subject, status, priority, assignee_id,
           channel, order_id, products, tags, follows_id, version, created_at, updated_at, solved_at, closes_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(ticket.realm)
    .bind(ticket.id)
    .bind(ticket.store)
    .bind(ticket.number)
    .bind(ticket.customer)
    .bind(&ticket.subject)
    .bind(ticket.status)
    .bind(ticket.priority)
    .bind(ticket.assignee)
    .bind(ticket.channel)
    .bind(ticket.order)
    .bind(&ticket.products)
    .bind(&ticket.tags)
    .bind(ticket.follows)
    .bind(ticket.version)
    .bind(ticket.created_at)
    .bind(ticket.updated_at)
    .bind(ticket.solved_at)
    .bind(ticket.closes_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Writes what a ticket is since.
pub async fn save(db: &mut PgConnection, ticket: &Ticket) -> Result<(), Error> {
    sqlx::query(
        "update tickets set (subject, status, priority, assignee_id, order_id, products, tags, version, updated_at,
           solved_at, closes_at) = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         where realm_id = $1 and id = $2",
    )
    .bind(ticket.realm)
    .bind(ticket.id)
    .bind(&ticket.subject)
    .bind(ticket.status)
    .bind(ticket.priority)
    .bind(ticket.assignee)
    .bind(ticket.order)
    .bind(&ticket.products)
    .bind(&ticket.tags)
    .bind(ticket.version)
    .bind(ticket.updated_at)
    .bind(ticket.solved_at)
    .bind(ticket.closes_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Adds what was written: what staff note goes into a table of its own.
pub async fn write(db: &mut PgConnection, comment: &Comment) -> Result<(), Error> {
    let write = if comment.public {
        "insert into ticket_comments (realm_id, id, ticket_id, author, written_by, text, created_at, by_customer)
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    } else {
        "insert into ticket_notes (realm_id, id, ticket_id, author, written_by, text, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    };
    let write = sqlx::query(write).bind(comment.realm).bind(comment.id).bind(comment.ticket).bind(&comment.author);
    let write = write.bind(&comment.written_by).bind(&comment.text).bind(comment.created_at);
    let write = if comment.public { write.bind(comment.by_customer) } else { write };
    write.execute(db).await?;
    Ok(())
}

/// A public comment of a ticket.
pub async fn find_comment(
    db: impl PgExecutor<'_>,
    (realm, ticket): (RealmId, TicketId),
    id: TicketCommentId,
) -> Result<Option<Comment>, Error> {
    let find = "select *, true as public from ticket_comments where realm_id = $1 and ticket_id = $2 and id = $3";
    Ok(sqlx::query_as(find).bind(realm).bind(ticket).bind(id).fetch_optional(db).await?)
}

/// What was written in a ticket, oldest first; `notes` among it, which customers never see.
pub async fn thread(
    db: impl PgExecutor<'_>,
    (realm, ticket): (RealmId, TicketId),
    notes: bool,
    page: &Page,
) -> Result<Vec<Comment>, Error> {
    let from = page.cursor.as_ref().and_then(|cursor| cursor.key.first());
    let from = from.and_then(|id| id.parse::<TicketCommentId>().ok()).map(TicketCommentId::uuid);
    let (side, direction) = if page.is_forward() { (">", "asc") } else { ("<", "desc") };
    let rows = format!(
        "realm_id = $1 and ticket_id = $2 and ($3::uuid is null or id {side} $3) order by id {direction} limit $4"
    );
    let comments = format!(
        "(select realm_id, id, ticket_id, true as public, by_customer, author, written_by, text, created_at
          from ticket_comments where {rows})"
    );
    let notes = if notes {
        format!(
            " union all (select realm_id, id, ticket_id, false, false, author, written_by, text, created_at
              from ticket_notes where {rows})"
        )
    } else {
        String::new()
    };
    let thread = format!("select * from ({comments}{notes}) written order by id {direction} limit $4");
    let thread = sqlx::query_as(AssertSqlSafe(thread)).bind(realm).bind(ticket).bind(from).bind(page.fetch());
    Ok(thread.fetch_all(db).await?)
}

/// How many tickets a customer has opened since `since`.
pub async fn opened_since(
    db: &mut PgConnection,
    (realm, customer): (RealmId, CustomerId),
    since: DateTime<Utc>,
) -> Result<i64, Error> {
    let opened = "select count(*) from tickets
                  where realm_id = $1 and customer_id = $2 and created_at > $3 and channel <> 'staff'";
    Ok(sqlx::query_scalar(opened).bind(realm).bind(customer).bind(since).fetch_one(db).await?)
}

/// How often the customer has written in a ticket since `since`.
pub async fn heard_since(
    db: &mut PgConnection,
    (realm, ticket): (RealmId, TicketId),
    since: DateTime<Utc>,
) -> Result<i64, Error> {
    let heard = "select count(*) from ticket_comments
                 where realm_id = $1 and ticket_id = $2 and created_at > $3 and by_customer";
    Ok(sqlx::query_scalar(heard).bind(realm).bind(ticket).bind(since).fetch_one(db).await?)
}

/// Whether `order` is known to be one of the customer's in this store.
pub async fn has_order(db: impl PgExecutor<'_>, matter: Matter, order: OrderId) -> Result<bool, Error> {
    let has = "select exists (select from customer_orders
               where realm_id = $1 and order_id = $2 and customer_id = $3 and store_id = $4)";
    let has = sqlx::query_scalar(has).bind(matter.realm).bind(order).bind(matter.customer);
    Ok(has.bind(matter.store).fetch_one(db).await?)
}

/// Solved tickets whose days are over, locked; others at work are not waited for.
pub async fn due(db: &mut PgConnection, clock: &Clock) -> Result<Vec<Ticket>, Error> {
    let due = "select * from tickets where closes_at <= coalesce($1, statement_timestamp())
               order by closes_at limit 100 for update skip locked";
    Ok(sqlx::query_as(due).bind(clock.shared()).fetch_all(db).await?)
}

/// Closes all tickets of somebody who is forgotten: there is nobody to answer any more.
pub async fn close_all(
    db: &mut PgConnection,
    (realm, customer): (RealmId, CustomerId),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let close = "update tickets set status = 'closed', closes_at = null, version = version + 1, updated_at = $3
                 where realm_id = $1 and customer_id = $2 and status <> 'closed'";
    sqlx::query(close).bind(realm).bind(customer).bind(now).execute(db).await?;
    Ok(())
}

/// How far back attempts count.
pub const HOUR: TimeDelta = TimeDelta::hours(1);
