//! What the service keeps of people: every column of every table (CU-15, ID-23, OR-10).
use holdings::{Columns, Table, hidden, nobody, plain, shown, told};

/// All it keeps. Orders, drafts among them, stay with their totals, lines and the countries they went to.
pub const TABLES: &[Table] = &[
    Table {
        name: "checkouts",
        whose: Some(
            "realm_id = $1 and (customer_id = $2 or (created_at <= $5 and lower(contact ->> 'email') = any($3))
               or cart_id in (select o.cart_id from orders o where o.realm_id = $1 and o.customer_id = $2
                                and o.placed_at is not null))",
        ),
        deleted: Some("true"),
        columns: &[
            plain("realm_id store_id cart_id gateway customer_id own_contact reveals"),
            told("amount currency created_at"),
            shown("contact", "name email phone billing shipping", ""),
            hidden("token_hash", ""),
        ],
    },
    Table {
        name: "payments",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain("realm_id id store_id order_id attempt reason actor lease_until updated_at"),
            told("gateway method amount currency state message created_at"),
            shown("ip", "ip transactions.ip", "''"),
        ],
    },
    Table {
        name: "orders",
        whose: Some(
            "realm_id = $1 and id in (
               select o.id from orders o where o.realm_id = $1 and o.customer_id = $2 and o.placed_at is not null
               union all
               select o.id from orders o where o.realm_id = $1 and o.customer_id = $2 and o.placed_at is null)",
        ),
        deleted: None,
        columns: ORDER,
    },
    Table {
        name: "order_lines",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[plain("realm_id id position product_id"), told("order_id sku name quantity price subtotal kind")],
    },
    Table {
        name: "order_history",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[plain("realm_id position actor"), told("order_id status at")],
    },
    Table {
        name: "transactions",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain("realm_id position store_id payment_id gateway reference"),
            told("id order_id type status amount currency description created_at"),
        ],
    },
    nobody("order_numbers", &[plain("store_id last")]),
    nobody("test_gateway_charges", &[plain("store_id payment_id state amount currency created_at")]),
];

const ORDER: &[Columns] = &[
    plain("realm_id store_id cart_id customer_id gateway version"),
    told("id number status payment_status fulfilment_status currency subtotal discount shipping tax total"),
    told("placed_at created_at updated_at"),
    shown("contact", "name email phone billing shipping_address", COUNTRIES),
    shown("ip", "ip", "''"),
    shown("user_agent", "user_agent", "''"),
];

/// What an erasure leaves of a contact: where something was shipped and billed to, for the books.
const COUNTRIES: &str = "jsonb_strip_nulls(jsonb_build_object(
    'shipping', case when jsonb_typeof(contact -> 'shipping') = 'object' then
      jsonb_build_object('country', coalesce(contact #>> '{shipping,country}', '')) end,
    'billing', case when jsonb_typeof(contact -> 'billing') = 'object' then
      jsonb_build_object('country', coalesce(contact #>> '{billing,country}', '')) end))";

/// What belongs to somebody's orders, placed or not: each has its index.
const OF_ORDERS: &str = "realm_id = $1 and order_id in (
    select o.id from orders o where o.realm_id = $1 and o.customer_id = $2 and o.placed_at is not null
    union all
    select o.id from orders o where o.realm_id = $1 and o.customer_id = $2 and o.placed_at is null)";

#[cfg(test)]
mod tests {
    use holdings::list::{faults, unkept};
    use proto::orders::v1::Order;

    use super::*;

    /// CU-15, ID-23: what is masked is what is kept, exported and erased.
    #[test]
    fn the_list_is_whole() {
        assert_eq!(faults(TABLES), Vec::<String>::new());
        assert_eq!(unkept::<Order>(TABLES), Vec::<&str>::new());
    }
}
