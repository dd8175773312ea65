//! What every list of the staff's side takes, for the documentation.
use utoipa::IntoParams;

/// Pages.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Pages {
    /// Members wanted, 1 to 100; 25 without it.
    #[param(example = 25)]
    limit: Option<u32>,
    /// `page.next` of a former answer: the members that follow.
    after: Option<String>,
    /// `page.prev` of a former answer: the members in front.
    before: Option<String>,
}

/// Totals.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Totals {
    /// `total` counts the members, as far as 10 000.
    #[param(example = "total")]
    include: Option<String>,
}

/// The default search.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Search {
    /// Default search, by part of a word.
    q: Option<String>,
}

/// Order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Sorts {
    /// Names of fields, separated by commas, `-` in front for descending.
    sort: Option<String>,
}

/// Filters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Filters {
    /// One per comparison, all of which must hold. Operators: `eq`, `ne`, `in`, `nin`, `lt`, `lte`, `gt`, `gte`,
    /// `contains`, `starts`, `exists`, `between`; several values are separated by commas.
    #[param(rename = "filter[field][op]")]
    filter: Option<String>,
}
