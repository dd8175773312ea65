//! A row and a column of the customer list.
use chrono_tz::Tz;
use proto::{base::v1::Address, customers::v1::Customer};

use super::query::ListQuery;
use crate::show::{Badge, Moment, Redacted, label, prices};

/// Further columns that one can choose (CU-5): name and heading.
pub const MORE: [(&str, &str); 9] = [
    ("tags", "Tags"),
    ("phone", "Phone"),
    ("address", "Address"),
    ("activity", "Activity"),
    ("engagement", "Buys"),
    ("registered", "Registered"),
    ("active", "Last active"),
    ("updated", "Changed"),
    ("ip", "Network address"),
];

/// A customer as a row of the list.
pub struct Row {
    /// `cus_…`.
    pub id: String,
    /// What the row is called by: the name, or else whatever there is.
    pub title: String,
    /// E-mail address.
    pub email: String,
    /// Letters for the picture.
    pub initials: String,
    /// Whether personal data is masked in it.
    pub masked: bool,
    /// "Guest" or "Registered".
    pub registration: Badge,
    /// "Lead" or "Customer".
    pub lifecycle: Badge,
    /// Shown only when they are inactive.
    pub inactive: bool,
    /// Orders placed.
    pub orders: i64,
    /// What they spent, per currency.
    pub spent: Vec<String>,
    /// Last purchase.
    pub last_order: Option<Moment>,
    /// When the record was made.
    pub created: Option<Moment>,
    /// What stands in the columns that were chosen.
    pub more: Vec<String>,
}

impl Row {
    /// The row of `customer` with the columns that `query` chose, with times in `zone`.
    pub fn new(customer: Customer, query: &ListQuery, zone: Tz) -> Self {
        let more = query.chosen().map(|name| further(&customer, name, zone)).collect();
        let redacted = Redacted(&customer.redacted);
        Self {
            more,
            masked: redacted.has("email") || redacted.has("name"),
            title: title(&customer),
            initials: label::initials(if customer.name.is_empty() { &customer.email } else { &customer.name }),
            registration: Badge::new(&customer.registration),
            lifecycle: Badge::new(&customer.lifecycle),
            inactive: customer.status == "inactive",
            orders: customer.orders_count,
            spent: prices(&customer.total_spent),
            last_order: Moment::new(customer.last_order_at.as_ref(), zone),
            created: Moment::new(customer.created_at.as_ref(), zone),
            id: customer.id,
            email: customer.email,
        }
    }
}

/// What stands in the further column `name`.
fn further(customer: &Customer, name: &str, zone: Tz) -> String {
    let day = |at| Moment::new(at, zone).map(|at| at.day).unwrap_or_default();
    match name {
        "tags" => customer.tags.join(", "),
        "phone" => customer.phone.clone(),
        "address" => customer.address.as_ref().map(place).unwrap_or_default(),
        "activity" => label::words(&customer.activity),
        "engagement" => label::words(&customer.engagement),
        "registered" => day(customer.registered_at.as_ref()),
        "active" => day(customer.last_activity_at.as_ref()),
        "updated" => day(customer.updated_at.as_ref()),
        _ => customer.ip.clone(),
    }
}

fn place(address: &Address) -> String {
    let parts = [&address.postal_code, &address.city, &address.country];
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

/// What a customer is called by: the name, or else whatever there is.
pub fn title(customer: &Customer) -> String {
    let names = [&customer.name, &customer.business, &customer.username, &customer.email, &customer.id];
    names.into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default()
}

/// A column of the list.
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Classes: numbers stand right, narrow screens do without what matters less.
    pub class: &'static str,
    /// Where a click on the heading leads; empty when it cannot be sorted by.
    pub link: String,
    /// `aria-sort`: "ascending", "descending" or "none".
    pub order: &'static str,
}

/// The columns of a list, for somebody who sees personal data or not: without, nothing can be sorted by it (ID-23).
/// Leads have bought nothing, so what orders give is left out.
pub fn columns(query: &ListQuery, sees_pii: bool) -> Vec<Column> {
    let person = [("Name", if sees_pii { "name" } else { "" }), ("State", "")];
    let orders = [("Orders", "orders_count"), ("Spent", "total_spent"), ("Last order", "last_order_at")];
    let orders = orders.into_iter().filter(|_| query.tab != "leads");
    let fields = person.into_iter().chain(orders).chain([("Added", "created_at")]);
    let more = query.chosen().filter_map(|name| MORE.iter().find(|(known, _)| *known == name));
    let more = more.map(|(_, title)| Column { title, class: "", link: String::new(), order: "none" });
    fields.map(|(title, field)| column(query, title, field)).chain(more).collect()
}

fn column(query: &ListQuery, title: &'static str, field: &str) -> Column {
    let (ascending, descending) = (field.to_owned(), format!("-{field}"));
    let newest_first = query.sort.is_empty() && field == "created_at";
    let order = if field.is_empty() {
        "none"
    } else if query.sort == ascending {
        "ascending"
    } else if query.sort == descending || newest_first {
        "descending"
    } else {
        "none"
    };
    // Names start at A, everything else with the largest or newest.
    let next = match (order, field) {
        ("descending", _) | ("none", "name") => ascending,
        _ => descending,
    };
    let link = if field.is_empty() { String::new() } else { query.sorted(&next) };
    let class = match field {
        "total_spent" => "number",
        "orders_count" => "number d-none d-md-table-cell",
        "" if title == "State" => "d-none d-md-table-cell",
        "last_order_at" => "d-none d-lg-table-cell",
        "created_at" if query.tab != "leads" => "d-none d-lg-table-cell",
        _ => "",
    };
    Column { title, class, link, order }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(sort: &str) -> Vec<&'static str> {
        let query = ListQuery { sort: sort.to_owned(), ..ListQuery::default() };
        columns(&query, true).iter().map(|column| column.order).collect()
    }

    /// CU-5: sort by name, total spent, order count, last order.
    #[test]
    fn headings_say_how_the_list_is_sorted() {
        assert_eq!(orders("name"), ["ascending", "none", "none", "none", "none", "none"]);
        assert_eq!(orders("-total_spent"), ["none", "none", "none", "descending", "none", "none"]);
        assert_eq!(orders(""), ["none", "none", "none", "none", "none", "descending"]);
    }

    #[test]
    fn a_second_click_turns_the_order_round() {
        let link =
            |sort: &str| columns(&ListQuery { sort: sort.to_owned(), ..ListQuery::default() }, true)[2].link.clone();
        assert_eq!(link(""), "/console/customers?sort=-orders_count");
        assert_eq!(link("-orders_count"), "/console/customers?sort=orders_count");
    }

    /// ID-23: nobody sorts by what they may not see.
    #[test]
    fn names_are_not_sorted_by_those_who_do_not_see_them() {
        assert!(columns(&ListQuery::default(), false)[0].link.is_empty());
        assert!(!columns(&ListQuery::default(), true)[0].link.is_empty());
    }
}
