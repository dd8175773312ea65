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
    // After orders: whoever issues a receipt holds its order.
    Table {
        name: "receipts",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain("realm_id id store_id transaction_id year position created_at"),
            told("order_id kind number content issued_at"),
            shown("contact", "name email phone billing shipping_address", COUNTRIES),
        ],
    },
    Table {
        name: "order_lines",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain("realm_id id position product_id"),
            told("order_id sku name quantity price subtotal kind"),
            told("discount tax included_tax tax_rate tax_included plan package contents fulfilled refunded"),
        ],
    },
    // Of whoever bought it, and of whom it is for.
    Table {
        name: "gifts",
        whose: Some(OF_GIFTS),
        deleted: None,
        columns: &[
            plain("realm_id line_id order_id store_id customer_id"),
            told("created_at"),
            shown("email name message", "lines.gift", "''"),
        ],
    },
    Table {
        name: "order_history",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain("realm_id position actor impersonator"),
            told("order_id status at kind"),
            shown("changes", "history.changes", "null"),
        ],
    },
    Table {
        name: "transactions",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain("realm_id position store_id payment_id refund_id gateway reference"),
            told("id order_id type status amount currency description created_at"),
        ],
    },
    Table {
        name: "manual_entries",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain("realm_id transaction_id actor"),
            told("order_id method created_at"),
            shown("reason", "transactions.reason", "''"),
            hidden("ip", "''"),
        ],
    },
    Table {
        name: "shipments",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain("realm_id id position actor"),
            told("order_id carrier lines created_at"),
            hidden("number url", "''"),
        ],
    },
    Table {
        name: "refunds",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[
            plain(
                "realm_id store_id payment_id gateway method failure notify actor impersonator lease_until updated_at",
            ),
            told("id order_id amount currency shipping lines state message created_at"),
            shown("reason", "refunds.reason", "''"),
        ],
    },
    Table {
        name: "order_links",
        whose: Some(OF_ORDERS),
        deleted: Some("true"),
        columns: &[plain("realm_id id created_by"), told("order_id created_at revoked_at"), hidden("token_hash", "")],
    },
    Table {
        name: "payment_links",
        whose: Some(OF_ORDERS),
        deleted: Some("true"),
        columns: &[
            plain("realm_id id created_by"),
            told("order_id sent created_at expires_at revoked_at"),
            hidden("token_hash", ""),
        ],
    },
    nobody("test_gateway_refunds", &[plain("store_id refund_id payment_id state amount currency created_at")]),
    Table {
        name: "voucher_uses",
        whose: Some(OF_ORDERS),
        deleted: None,
        columns: &[plain("realm_id store_id promotion_id customer_id"), told("order_id")],
    },
    Table {
        name: "library_entries",
        whose: Some(OF_CUSTOMER),
        deleted: Some("true"),
        columns: &[
            plain("realm_id position store_id customer_id origin_id root_id line_id refund_id origins actor giver_id"),
            told("product_id what order_id units units_back name downloads until at"),
            shown("note", "note", ""),
            shown("reason", "grounds.reason", ""),
        ],
    },
    nobody(
        "library_rebuilds",
        &[plain(
            "realm_id id store_id state done total changed last_id created_by lease_until created_at updated_at ended_at",
        )],
    ),
    Table {
        name: "downloads",
        whose: Some(OF_CUSTOMER),
        deleted: Some("true"),
        columns: &[
            plain("realm_id store_id customer_id file_id made_by"),
            told("id product_id file_name most_uses used expires_at created_at"),
        ],
    },
    Table {
        name: "download_uses",
        whose: Some(OF_CUSTOMER),
        deleted: Some("true"),
        columns: &[
            plain("realm_id position store_id customer_id file_id"),
            told("download_id product_id file_name requests bytes started_at last_at"),
            shown("ip", "ip networks", ""),
            shown("user_agent", "user_agent", ""),
        ],
    },
    Table {
        name: "subscriptions",
        whose: Some("realm_id = $1 and customer_id = $2"),
        deleted: None,
        columns: &[
            plain("realm_id store_id customer_id order_id line_id kind package gateway method state zone turn cycle"),
            plain("anchor_at noticed failures retry_at attempt_at charging_id draft_id version look_at updated_at"),
            told("id product_id sku name quantity currency terms next_terms target status starts_at renews_at"),
            told("tax_rate tax_included trial_ends_at cancelled_at ended_at created_at"),
            shown("reason", "reason", "''"),
            shown("attribution", "attribution.gclid attribution.metadata", CREDIT),
        ],
    },
    Table {
        name: "subscription_history",
        whose: Some(
            "realm_id = $1 and subscription_id in (
               select s.id from subscriptions s where s.realm_id = $1 and s.customer_id = $2)",
        ),
        deleted: None,
        columns: &[plain("realm_id position actor impersonator"), told("subscription_id kind status at")],
    },
    nobody("voucher_counts", &[plain("store_id promotion_id used")]),
    nobody("receipt_numbers", &[plain("store_id kind year last")]),
    nobody("receipts_due", &[plain("position realm_id order_id quiet look_at")]),
    nobody("order_numbers", &[plain("store_id last")]),
    nobody(
        "gateway_settings",
        &[plain(
            "store_id gateway enabled live publishable_key secret_key key_ending webhook_secret version updated_by updated_at",
        )],
    ),
    nobody(
        "stripe_payments",
        &[plain("store_id payment_id session intent voided page client_secret asked_at created_at")],
    ),
    nobody("stripe_methods", &[plain("store_id method stripe_customer created_at")]),
    nobody("stripe_departures", &[plain("store_id stripe_customer looks look_at created_at")]),
    nobody("stripe_events", &[plain("store_id id created_at")]),
    nobody("test_gateway_charges", &[plain("store_id payment_id state amount currency created_at")]),
];

const ORDER: &[Columns] = &[
    plain("realm_id store_id cart_id customer_id gateway version subscription_cycle"),
    told("subscription_id"),
    told("id number status payment_status fulfilment_status currency subtotal discount shipping tax total"),
    told("discounts delivery included_tax"),
    told("placed_at created_at updated_at"),
    shown("contact", "name email phone billing shipping_address grounds.giver_name", COUNTRIES),
    shown("ip", "ip", "''"),
    shown("user_agent", "user_agent", "''"),
    // A click and what else was noted lead to a person; who and what brought orders about is counted on.
    shown("attribution", "attribution.gclid attribution.metadata", CREDIT),
    shown("note", "note", "''"),
    shown("tags", "tags", "'{}'"),
];

/// What an erasure leaves of a contact: where something was shipped and billed to, for the books.
const COUNTRIES: &str = "jsonb_strip_nulls(jsonb_build_object(
    'shipping', case when jsonb_typeof(contact -> 'shipping') = 'object' then
      jsonb_build_object('country', coalesce(contact #>> '{shipping,country}', '')) end,
    'billing', case when jsonb_typeof(contact -> 'billing') = 'object' then
      jsonb_build_object('country', coalesce(contact #>> '{billing,country}', '')) end))";

/// What an erasure leaves of who and what brought something about.
const CREDIT: &str = "attribution - 'gclid' - 'metadata'";

/// What is a customer's.
const OF_CUSTOMER: &str = "realm_id = $1 and customer_id = $2";

/// What belongs to somebody's orders, placed or not: each has its index.
const OF_ORDERS: &str = "realm_id = $1 and order_id in (
    select o.id from orders o where o.realm_id = $1 and o.customer_id = $2 and o.placed_at is not null
    union all
    select o.id from orders o where o.realm_id = $1 and o.customer_id = $2 and o.placed_at is null)";

/// Gifts to somebody, and those in their orders: each has its index.
const OF_GIFTS: &str = "realm_id = $1 and line_id in (
    select to_them.line_id from gifts to_them where to_them.realm_id = $1 and to_them.customer_id = $2
    union all
    select of_them.line_id from orders o
    join gifts of_them on of_them.realm_id = o.realm_id and of_them.order_id = o.id
    where o.realm_id = $1 and o.customer_id = $2 and o.placed_at is not null
    union all
    select of_them.line_id from orders o
    join gifts of_them on of_them.realm_id = o.realm_id and of_them.order_id = o.id
    where o.realm_id = $1 and o.customer_id = $2 and o.placed_at is null)";

#[cfg(test)]
mod tests {
    use holdings::list::{faults, unkept};
    use proto::orders::v1::{DownloadPattern, DownloadUse, LibraryItem, Order, Receipt};

    use super::*;

    /// CU-15, ID-23: what is masked is what is kept, exported and erased.
    #[test]
    fn the_list_is_whole() {
        assert_eq!(faults(TABLES), Vec::<String>::new());
        assert_eq!(unkept::<Order>(TABLES), Vec::<&str>::new());
        assert_eq!(unkept::<Receipt>(TABLES), Vec::<&str>::new());
        assert_eq!(unkept::<LibraryItem>(TABLES), Vec::<&str>::new());
        assert_eq!(unkept::<DownloadUse>(TABLES), Vec::<&str>::new());
        assert_eq!(unkept::<DownloadPattern>(TABLES), Vec::<&str>::new());
    }
}
