//! Which columns the personal fields of the record are kept in, and which columns tell nothing about the person.
use kit::personal;
use proto::customers::v1::Customer;

/// The personal fields, and the columns of each.
pub const COLUMNS: &[(&str, &[&str])] = &[
    ("name", &["name", "search"]),
    ("email", &["email", "email_canonical"]),
    ("phone", &["phone"]),
    ("photo_url", &["photo_url"]),
    ("business", &["business"]),
    ("fax", &["fax"]),
    ("contacts", &["contacts"]),
    ("slug", &["slug"]),
    ("meta", &["meta"]),
    ("ip", &["ip"]),
    ("address", &["address"]),
];

/// Columns of the record that tell nothing about the person behind it.
pub const IMPERSONAL: &[&str] = &[
    "realm_id",
    "id",
    "lifecycle",
    "registration",
    "status",
    "email_identifies",
    "phone_verified_at",
    "username",
    "language",
    "tags",
    "library_all",
    "directory",
    "consents",
    "orders_count",
    "spent_base",
    "first_order_at",
    "last_order_at",
    "reviews_count",
    "registered_at",
    "last_activity_at",
    "version",
    "created_at",
    "updated_at",
    "active_on",
];

/// The tables beside the record: of each its personal columns, and those that tell nothing about the person.
pub const TABLES: &[(&str, &[&str], &[&str])] = &[
    ("base_currencies", &[], &["realm_id", "owner_id", "currency"]),
    (
        "customer_addresses",
        &["address"],
        &[
            "realm_id",
            "id",
            "customer_id",
            "residential",
            "default_billing",
            "default_shipping",
            "version",
            "created_at",
            "updated_at",
        ],
    ),
    ("customer_consents", &[], &["realm_id", "id", "customer_id", "channel", "granted", "source", "actor", "at"]),
    ("customer_keys", &["key"], &["realm_id", "customer_id", "created_at", "destroyed_at"]),
    (
        "customer_notes",
        &["text"],
        &["realm_id", "id", "customer_id", "author", "written_by", "version", "created_at", "edited_at"],
    ),
    ("customer_orders", &[], &["realm_id", "order_id", "customer_id", "store_id", "number", "placed_at", "currency"]),
    (
        "customer_payments",
        &[],
        &["realm_id", "transaction_id", "customer_id", "store_id", "order_id", "currency", "amount", "captured_at"],
    ),
    ("customer_places", &["street"], &["realm_id", "id", "customer_id", "country", "city", "region", "postal_code"]),
    ("customer_products", &[], &["realm_id", "product_id", "order_id"]),
    ("customer_reviews", &[], &["realm_id", "review_id", "customer_id", "store_id", "deleted"]),
    ("customer_search", &["search"], &["realm_id", "id", "created_at"]),
    (
        "customer_spend",
        &[],
        &["realm_id", "customer_id", "store_id", "currency", "captured", "refunded", "orders_count"],
    ),
    (
        "jobs",
        &[],
        &[
            "realm_id",
            "id",
            "kind",
            "state",
            "customer_id",
            "done",
            "total",
            "services",
            "failure",
            "created_by",
            "created_at",
            "updated_at",
            "ended_at",
        ],
    ),
    ("job_steps", &[], &["realm_id", "job_id", "service", "counts", "at"]),
    (
        "customer_stores",
        &[],
        &[
            "realm_id",
            "store_id",
            "customer_id",
            "orders_count",
            "spent_base",
            "first_order_at",
            "last_order_at",
            "reviews_count",
        ],
    ),
    (
        "exports",
        &["search", "filter"],
        &[
            "realm_id",
            "id",
            "store_id",
            "kind",
            "format",
            "columns",
            "pii",
            "state",
            "done",
            "total",
            "failure",
            "attempts",
            "due_at",
            "file",
            "size",
            "created_by",
            "created_at",
            "ended_at",
            "expires_at",
        ],
    ),
    (
        "segments",
        &["filter"],
        &["realm_id", "id", "place_id", "name", "personal", "version", "created_at", "updated_at"],
    ),
];

/// Whether the field `name` is personal: a list neither filters nor sorts by it for whoever may not see it (ID-23).
#[must_use]
pub fn is_personal(name: &str) -> bool {
    personal::has::<Customer>(name)
}

#[cfg(test)]
mod tests {
    use kit::personal::Personal;

    use super::*;

    /// CU-15, ID-23: every personal field has its columns, and no column is of a field that is not personal.
    #[test]
    fn every_personal_field_has_its_columns() {
        let names: Vec<_> = Customer::FIELDS.iter().map(|field| field.name).collect();
        let kept: Vec<_> = COLUMNS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, kept);
    }
}
