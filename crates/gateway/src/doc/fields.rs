//! The fields that each list can be filtered by, with their operators and values.
use super::choices::{HOOK_EVENTS, TEMPLATES};

/// The values of a field.
#[derive(Clone, Copy)]
pub enum Values {
    Text,
    Choice(&'static [&'static str]),
    Number,
    Time,
    Id(&'static str),
    /// Text of which a letter or a digit is needed.
    Words,
    /// An ISO 3166-1 alpha-2 code.
    Country,
    /// An ISO 4217 code.
    Currency,
    /// Yes or no.
    Flag,
    /// A number of days.
    Days,
}

/// No number in a filter is larger.
pub const LARGE: i64 = 999_999_999_999_999_999;

/// Its name, its values and the operators that compare it.
pub type Field = (&'static str, Values, &'static [&'static str]);

const EQUAL: &[&str] = &["eq"];
const ANY_OF: &[&str] = &["eq", "ne", "in", "nin"];
const TEXT: &[&str] = &["eq", "ne", "in", "nin", "contains", "starts", "exists"];
const SET: &[&str] = &["eq", "ne", "in", "nin", "contains", "exists"];
const COUNT: &[&str] = &["eq", "ne", "in", "nin", "lt", "lte", "gt", "gte", "between"];
const SPAN: &[&str] = &["eq", "ne", "lt", "lte", "gt", "gte", "between"];
const EVENT: &[&str] = &["eq", "ne", "lt", "lte", "gt", "gte", "between", "exists"];

const CHANNELS: &[&str] = &["email", "sms", "push", "phone", "post"];

const SUBSCRIPTION: &[&str] = &["active", "past_due", "paused", "cancelled", "expired"];

/// Of customers and leads.
pub const CUSTOMERS: &[Field] = &[
    ("id", Values::Id("cus"), ANY_OF),
    ("name", Values::Text, TEXT),
    ("email", Values::Text, TEXT),
    ("phone", Values::Text, TEXT),
    ("username", Values::Text, TEXT),
    ("lifecycle", Values::Choice(&["lead", "customer"]), ANY_OF),
    ("registration", Values::Choice(&["guest", "registered"]), ANY_OF),
    ("status", Values::Choice(&["active", "inactive"]), ANY_OF),
    ("tags", Values::Text, SET),
    ("orders_count", Values::Number, COUNT),
    ("total_spent", Values::Number, COUNT),
    ("created_at", Values::Time, SPAN),
    ("updated_at", Values::Time, SPAN),
    ("registered_at", Values::Time, EVENT),
    ("last_order_at", Values::Time, EVENT),
    ("last_activity_at", Values::Time, SPAN),
    ("country", Values::Country, ANY_OF),
    ("city", Values::Words, TEXT),
    ("region", Values::Words, TEXT),
    ("postal_code", Values::Words, TEXT),
    ("street", Values::Words, TEXT),
    ("business", Values::Words, TEXT),
    ("consent", Values::Choice(CHANNELS), ANY_OF),
    ("products", Values::Id("prd"), ANY_OF),
    ("subscription", Values::Choice(SUBSCRIPTION), ANY_OF),
    ("repeat", Values::Flag, EQUAL),
    ("at_risk", Values::Days, EQUAL),
    ("segment", Values::Id("seg"), ANY_OF),
];
/// What a segment asks for: all of these but segments.
pub const SAVED: &[Field] = match CUSTOMERS.split_last() {
    Some((_, fields)) => fields,
    None => &[],
};

/// Of orders.
pub const ORDERS: &[Field] = &[
    ("status", Values::Choice(&["pending", "placed", "completed", "cancelled"]), ANY_OF),
    ("payment_status", Values::Choice(&["pending", "paid", "partially_refunded", "refunded", "failed"]), ANY_OF),
    ("fulfilment_status", Values::Choice(&["unfulfilled", "partial", "fulfilled"]), ANY_OF),
    ("placed_at", Values::Time, SPAN),
    ("total", Values::Number, SPAN),
    ("number", Values::Text, &["eq", "ne", "in", "nin", "starts"]),
    AGENT,
    AFFILIATE,
    FUNNEL,
    CAMPAIGN,
    SOURCE,
];
const PRODUCTS: &[Field] = &[
    ("kind", Values::Choice(&["physical", "digital"]), ANY_OF),
    ("package", Values::Choice(&["file", "bundle", "combo"]), ANY_OF),
    ("active", Values::Flag, EQUAL),
    ("plans", Values::Flag, &["exists"]),
    ("price", Values::Number, SPAN),
];

/// Of the ledger.
pub const TRANSACTIONS: &[Field] = &[
    ("type", Values::Choice(&["authorization", "capture", "payment", "refund", "void"]), ANY_OF),
    ("status", Values::Choice(&["succeeded", "failed"]), ANY_OF),
    ("gateway", Values::Choice(&["test", "manual", "stripe"]), ANY_OF),
    ("amount", Values::Number, SPAN),
    ("created_at", Values::Time, SPAN),
    ("order", Values::Id("ord"), EQUAL),
];

/// Of subscriptions.
pub const SUBSCRIPTIONS: &[Field] = &[
    ("status", Values::Choice(SUBSCRIPTION), ANY_OF),
    ("product", Values::Id("prd"), EQUAL),
    ("renews_at", Values::Time, SPAN),
    ("created_at", Values::Time, SPAN),
];
const CUSTOMER: Field = ("customer", Values::Id("cus"), EQUAL);

/// Of carts.
pub const CARTS: &[Field] = &[
    CUSTOMER,
    CART_STATUS,
    ("product", Values::Id("prd"), &["eq", "in"]),
    ("abandoned", Values::Flag, EQUAL),
    ("currency", Values::Currency, ANY_OF),
    ("store", Values::Id("sto"), EQUAL),
    ("created_at", Values::Time, MOMENT),
    ("updated_at", Values::Time, MOMENT),
    ("expires_at", Values::Time, MOMENT),
    ("abandoned_at", Values::Time, MOMENT),
    AGENT,
    AFFILIATE,
    FUNNEL,
    CAMPAIGN,
    SOURCE,
];
const ONE_OF: &[&str] = &["eq", "in"];
const AGENT: Field = ("agent", Values::Id("stf"), ONE_OF);
const AFFILIATE: Field = ("affiliate", Values::Text, ONE_OF);
const FUNNEL: Field = ("funnel", Values::Text, ONE_OF);
const CAMPAIGN: Field = ("utm_campaign", Values::Text, ONE_OF);
const SOURCE: Field = ("utm_source", Values::Text, ONE_OF);
const CART_STATUS: Field = ("status", Values::Choice(&["open", "closed", "expired"]), EQUAL);
const TEMPLATE: Field = ("template", Values::Choice(TEMPLATES), EQUAL);
const MESSAGE_STATUS: Field = ("status", Values::Choice(&["queued", "sent", "delivered", "bounced", "failed"]), EQUAL);
const DELIVERIES: &[Field] = &[
    ("state", Values::Choice(&["pending", "delivered", "failed"]), EQUAL),
    ("event", Values::Choice(HOOK_EVENTS), EQUAL),
    ("created_at", Values::Time, &["gt", "gte", "lt", "lte", "between"]),
];
const SUBJECT: Field = ("subject", Values::Id("(prd|sto)"), EQUAL);
const AUTHOR: Field = ("author", Values::Id("cus"), EQUAL);
const AUDIT: &[Field] = &[
    ("actor", Values::Text, EQUAL),
    ("impersonator", Values::Text, EQUAL),
    ("action", Values::Text, EQUAL),
    ("target", Values::Text, EQUAL),
    ("ip", Values::Text, EQUAL),
    ("request_id", Values::Text, EQUAL),
    ("at", Values::Time, &["gt", "gte", "lt", "lte", "between"]),
];

const VERDICTS: &[Field] = &[
    ("kind", Values::Choice(&["unused", "spam"]), EQUAL),
    ("reason", Values::Choice(REASONS), EQUAL),
    ("score", Values::Number, &["gte"]),
];
const REASONS: &[&str] = &[
    "blocked",
    "url_in_name",
    "contact_in_name",
    "disposable_domain",
    "advert_in_name",
    "mixed_scripts",
    "gibberish_name",
    "burst",
    "email_series",
    "small_burst",
];
const MOMENT: &[&str] = &["lt", "lte", "gt", "gte", "between"];
const TICKETS: &[Field] = &[
    ("status", Values::Choice(&["new", "open", "pending", "solved", "closed"]), ANY_OF),
    ("priority", Values::Choice(&["low", "normal", "high", "urgent"]), ANY_OF),
    ("channel", Values::Choice(&["portal", "api", "staff"]), ANY_OF),
    ("assignee", Values::Id("stf"), &["eq", "in", "exists"]),
    ("tags", Values::Text, EQUAL),
    CUSTOMER,
    ("store", Values::Id("sto"), EQUAL),
    ("created_at", Values::Time, MOMENT),
    ("updated_at", Values::Time, MOMENT),
];

/// The name of what a list is filtered by, and its fields, by operation.
pub const LISTS: &[(&str, &str, &[Field])] = &[
    ("admin_list_customers", "CustomerFilters", CUSTOMERS),
    ("admin_list_leads", "CustomerFilters", CUSTOMERS),
    ("admin_list_orders", "OrderFilters", ORDERS),
    ("admin_list_customer_orders", "OrderFilters", ORDERS),
    ("admin_list_products", "ProductFilters", PRODUCTS),
    ("admin_list_transactions", "TransactionFilters", TRANSACTIONS),
    ("admin_list_customer_transactions", "TransactionFilters", TRANSACTIONS),
    ("admin_list_subscriptions", "SubscriptionFilters", SUBSCRIPTIONS),
    ("admin_list_customer_subscriptions", "SubscriptionFilters", SUBSCRIPTIONS),
    ("admin_list_carts", "CartFilters", CARTS),
    ("admin_list_customer_carts", "CartFilters", CARTS),
    ("admin_list_messages", "MessageFilters", &[CUSTOMER, TEMPLATE, MESSAGE_STATUS]),
    ("admin_list_customer_messages", "CustomerMessageFilters", &[TEMPLATE, MESSAGE_STATUS]),
    ("admin_list_suppressions", "SuppressionFilters", &[CUSTOMER]),
    ("admin_list_reviews", "ReviewFilters", &[SUBJECT, AUTHOR]),
    ("admin_list_customer_reviews", "CustomerReviewFilters", &[SUBJECT]),
    ("admin_list_webhook_deliveries", "WebhookDeliveryFilters", DELIVERIES),
    ("admin_list_tickets", "TicketFilters", TICKETS),
    ("admin_list_customer_tickets", "TicketFilters", TICKETS),
    ("admin_list_verdicts", "VerdictFilters", VERDICTS),
    ("admin_list_timeline", "TimelineFilters", &[("kind", Values::Text, EQUAL)]),
    ("admin_list_audit", "AuditFilters", AUDIT),
    ("admin_export_audit", "AuditFilters", AUDIT),
];
