//! What the service keeps of people: every column of every table (CU-15, ID-23).
use holdings::{Table, hidden, plain, shown, told};

/// What is left of whom a line was for: that it was for somebody.
const GIFT: &str = "case when gift is not null then '{}'::jsonb end";

/// All it keeps. An erasure deletes carts that are open; of the others it leaves what was in them.
pub const TABLES: &[Table] = &[
    Table {
        name: "carts",
        whose: Some("realm_id = $1 and customer_id = $2"),
        deleted: Some("status = 'open'"),
        columns: &[
            plain(
                "realm_id front_id store_id customer_id claimed order_id version look_at recovery_id recover_at merged_into shipping_method_id",
            ),
            told("id currency status codes discounts delivered expires_at created_at updated_at abandoned_at"),
            // A client's own key may be anything, such as an address.
            hidden("client_key", "null"),
            shown("email", "email", "null"),
            shown("name", "name", "null"),
            shown("phone", "phone", "null"),
            shown("shipping", "shipping", "null"),
            shown("billing", "billing", "null"),
            // A click and what else was noted lead to a person; who and what brought carts about is counted on.
            shown("attribution", "gclid metadata", "attribution - 'gclid' - 'metadata'"),
        ],
    },
    Table {
        name: "cart_lines",
        whose: Some(
            "realm_id = $1 and cart_id in (select c.id from carts c where c.realm_id = $1 and c.customer_id = $2)",
        ),
        deleted: None,
        columns: &[
            plain("realm_id id position product_id plan_id description image_url"),
            told("cart_id quantity sku name kind package plan price discount taxed"),
            shown("gift", "gift", GIFT),
        ],
    },
    // What somebody else wants to give them is that one's cart: it says so little of it that it is not told.
    Table {
        name: "cart_lines",
        whose: Some(
            "realm_id = $1 and gift ->> 'canonical' = any($3)
               and cart_id in (select c.id from carts c where c.realm_id = $1 and c.created_at <= $5)",
        ),
        deleted: Some("cart_id in (select c.id from carts c where c.realm_id = $1 and c.status = 'open')"),
        columns: &[
            plain("realm_id id position product_id plan_id description image_url"),
            plain("cart_id quantity sku name kind package plan price discount taxed"),
            hidden("gift", GIFT),
        ],
    },
    Table {
        name: "wishes",
        whose: Some("realm_id = $1 and customer_id = $2"),
        deleted: Some("true"),
        columns: &[
            plain("realm_id customer_id store_id image_url"),
            told("product_id name wished_at bought_at order_id"),
        ],
    },
    Table {
        name: "checkout_links",
        whose: Some("realm_id = $1 and customer_id = $2"),
        deleted: Some("true"),
        columns: &[
            plain("realm_id id customer_id token_hash created_by"),
            told("cart_id sent_by created_at expires_at revoked_at"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use holdings::list::{faults, unkept};
    use proto::carts::v1::{Contact, Gift};

    use super::*;

    /// CU-15, ID-23: what is masked is what is kept, exported and erased.
    #[test]
    fn the_list_is_whole() {
        assert_eq!(faults(TABLES), Vec::<String>::new());
        assert_eq!(unkept::<Contact>(TABLES), Vec::<&str>::new());
        assert_eq!(unkept::<Gift>(TABLES), Vec::<&str>::new());
    }
}
