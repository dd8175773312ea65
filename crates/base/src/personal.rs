//! Which fields are personal, by the names that contracts and histories have for them (ID-23).

/// Personal whoever it is about.
const OF_ANYBODY: [&str; 15] = [
    "email",
    "phone",
    "fax",
    "contacts",
    "photo_url",
    "address",
    "addresses",
    "billing",
    "shipping",
    "shipping_address",
    "line1",
    "line2",
    "ip",
    "user_agent",
    "author_name",
];

/// Personal in what is about a customer; elsewhere a product or a role may have such a field.
const OF_CUSTOMERS: [&str; 8] = ["name", "business", "slug", "meta", "text", "content", "subject", "to"];

/// Whether the field `name` is personal, in something that is `about_customer` or is not.
#[must_use]
pub fn is_personal(name: &str, about_customer: bool) -> bool {
    OF_ANYBODY.contains(&name) || (about_customer && OF_CUSTOMERS.contains(&name))
}
