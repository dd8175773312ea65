//! What every list of the staff's side takes, for the documentation.
use utoipa::IntoParams;

/// Pages.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Pages {
    /// Members wanted, 1 to 100; 25 without it.
    #[param(example = 25, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `page.next` of a former answer: the members that follow.
    #[param(format = "cursor")]
    after: Option<String>,
    /// `page.prev` of a former answer: the members in front.
    #[param(format = "cursor")]
    before: Option<String>,
}

/// Totals.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Totals {
    /// `total` counts the members, as far as 10 000.
    #[param(example = "total", pattern = "^(total)?$")]
    include: Option<String>,
}

/// The default search of customers.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct CustomerSearch {
    /// Default search, by part of a word; it needs a letter or a digit.
    #[param(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    q: Option<String>,
}

/// The default search of products.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct ProductSearch {
    /// Part of a name or SKU.
    #[param(max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    q: Option<String>,
}

/// The default search of offers and vouchers.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct PromotionSearch {
    /// Part of a name or code.
    #[param(max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    q: Option<String>,
}

/// The default search of orders.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct OrderSearch {
    /// An order number, or its beginning.
    #[param(max_length = 40, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    q: Option<String>,
}

/// The default search of tickets.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct TicketSearch {
    /// A number, an id, or a part of what was written; it needs a letter or a digit.
    #[param(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    q: Option<String>,
}

/// Orders of tickets.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct TicketSorts {
    /// A field, `-` in front for descending.
    #[param(pattern = r"^(-?(created_at|updated_at))?$")]
    sort: Option<String>,
}

/// Orders of carts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct CartSorts {
    /// A field, `-` in front for descending; `-created_at` without it.
    #[param(pattern = r"^(-?(created_at|updated_at))?$")]
    sort: Option<String>,
}

/// Orders of customers.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct CustomerSorts {
    /// Names of fields, each once, separated by commas, `-` in front for descending.
    #[param(
        pattern = r"^(-?(id|name|total_spent|orders_count|registered_at|last_order_at|created_at|updated_at)(,-?(id|name|total_spent|orders_count|registered_at|last_order_at|created_at|updated_at))*)?$"
    )]
    sort: Option<String>,
}

/// Orders of products.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct ProductSorts {
    /// A field, `-` in front for descending.
    #[param(pattern = r"^(-?(name|sku|price|created_at))?$")]
    sort: Option<String>,
}

/// Orders of reviews.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct ReviewSorts {
    /// A field, `-` in front for descending.
    #[param(pattern = r"^(-?(created_at|rating))?$")]
    sort: Option<String>,
}

/// Filters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Filters {
    /// One parameter for each comparison, all of which must hold: `filter[field][operator]=value`, with several values
    /// separated by commas. The schema says which fields take which operators.
    #[param(value_type = Option<Object>)]
    filter: Option<()>,
}
