//! What the service keeps of people: nothing (CU-15).
use holdings::{Table, nobody, plain};

/// Every column of every table.
pub const TABLES: &[Table] = &[nobody(
    "products",
    &[plain(
        "store_id id sku name description images price currency kind package active version created_at updated_at search",
    )],
)];
