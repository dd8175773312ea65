//! What stands above every page about one customer: who it is, and the tabs.
use kit::permission::Permission;
use proto::customers::v1::{Customer, GetCustomerRequest};

use super::row::title;
use crate::{
    console::Console,
    problem::Problem,
    show::{Badge, Redacted, label},
    staff::Session,
    visit::SignedIn,
};

/// A tab: where it leads, what it is called, whether it is the one that is shown.
pub struct Tab {
    /// Behind the address of the customer.
    pub path: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Whether it is shown.
    pub here: bool,
}

/// What stands above the page.
#[expect(clippy::struct_excessive_bools, reason = "each shows something, or leaves it out")]
pub struct Head {
    /// The customer's id.
    pub id: String,
    /// What they are called by.
    pub title: String,
    /// Whether that is masked.
    pub masked: bool,
    /// Letters for the picture.
    pub initials: String,
    /// Where the photo is that was handed in; empty without one, and for whoever may not see it.
    pub photo: String,
    /// Lifecycle, registration, status.
    pub badges: Vec<Badge>,
    /// Whether every door is open to them.
    pub active: bool,
    /// Whether the reader may change the record, and what is masked for others with it.
    pub writes: bool,
    /// Whether the reader sees and so may change what is personal.
    pub sees_pii: bool,
    /// Whether the reader may erase them.
    pub erases: bool,
    /// Whether the reader may merge another record into theirs.
    pub merges: bool,
    /// The version that is seen.
    pub version: i64,
    /// Whether the reader may log in as them.
    pub impersonates: bool,
    /// The pages about them.
    pub tabs: Vec<Tab>,
}

/// The tabs there are.
const TABS: [(&str, &str); 11] = [
    ("", "Overview"),
    ("/purchases", "Purchases"),
    ("/tickets", "Tickets"),
    ("/messages", "Messages"),
    ("/library", "Library"),
    ("/timeline", "Timeline"),
    ("/notes", "Notes"),
    ("/addresses", "Addresses"),
    ("/consents", "Consent"),
    ("/sign-in", "Sign-in"),
    ("/edit", "Edit"),
];

impl Head {
    /// The head of `customer` for whoever has `session`, on the tab at `path`.
    pub fn new(customer: &Customer, session: &Session, path: &str) -> Self {
        let writes = session.may(Permission::CustomersWrite);
        let tabs = TABS.into_iter().filter(|(path, _)| writes || *path != "/edit");
        Self {
            id: customer.id.clone(),
            title: title(customer),
            masked: Redacted(&customer.redacted).has("name"),
            initials: label::initials(&title(customer)),
            photo: photo(customer),
            badges: [&customer.lifecycle, &customer.registration, &customer.status].map(|slug| Badge::new(slug)).into(),
            active: customer.status == "active",
            writes,
            sees_pii: session.sees_pii(),
            erases: session.may(Permission::CustomersDelete),
            merges: session.may(Permission::CustomersMerge),
            version: customer.version,
            impersonates: session.may(Permission::CustomersImpersonate),
            tabs: tabs.map(|(at, name)| Tab { path: at, name, here: at == path }).collect(),
        }
    }
}

/// Where the house itself shows a photo of `customer`: nothing is loaded from elsewhere.
fn photo(customer: &Customer) -> String {
    let place = customer.photo_url.find("/files/photos/").filter(|_| !Redacted(&customer.redacted).has("photo_url"));
    place.map(|place| customer.photo_url[place..].to_owned()).unwrap_or_default()
}

/// The customer `id`, as the reader sees them.
pub async fn customer(console: &Console, desk: &SignedIn, id: &str) -> Result<Customer, Problem> {
    let request = desk.ask(GetCustomerRequest { id: id.to_owned() });
    Ok(console.customers.clone().get_customer(request).await?.into_inner())
}

/// The address of the tab `path` of the customer `id`.
pub fn at(id: &str, path: &str) -> Result<String, Problem> {
    let id: kit::ids::CustomerId = id.parse().map_err(|_| Problem::not_found())?;
    Ok(format!("/console/customers/{id}{path}"))
}
