//! What the service keeps of people: nothing (CU-15).
use holdings::{Table, nobody, plain};

/// Every column of every table.
pub const TABLES: &[Table] = &[
    nobody(
        "products",
        &[plain(
            "store_id id sku name description images price currency kind package active version created_at updated_at search
             from_price plans renewal_targets renewal_target_changeable contents tax_class download_limit sold",
        )],
    ),
    nobody(
        "promotions",
        &[plain(
            "store_id id name code percent amount currency products min_quantity minimum starts_at ends_at active alone \
             position max_uses max_uses_per_customer version created_at updated_at search",
        )],
    ),
    nobody(
        "product_files",
        &[plain("store_id id product_id role position name media_type size digest bytes_id created_at updated_at")],
    ),
    nobody("loose_product_bytes", &[plain("store_id bytes_id due_at")]),
    nobody("tariffs", &[plain("store_id version")]),
    nobody(
        "shipping_methods",
        &[plain(
            "store_id id name price free_from currency countries active position version created_at updated_at",
        )],
    ),
    nobody(
        "tax_rates",
        &[plain("store_id id name country region rate included class active version created_at updated_at")],
    ),
];
