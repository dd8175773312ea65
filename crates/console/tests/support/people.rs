//! Stands in for customers: sixty people of many countries, one of them with markup for a name.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{Call, clock, denied::Denied, permission::Permission, redact};
use proto::{
    base::v1::{Address, Filter, Money, Page, filter::Node},
    customers::v1::{
        ContactMethod, Customer, EnsureCustomerRequest, EnsureCustomerResponse, FindCustomerRequest,
        FindCustomerResponse, GetCustomerRequest, ListCustomersRequest, ListCustomersResponse, RegisterCustomerRequest,
        UpdateOwnProfileRequest, customer_service_server::CustomerService,
    },
};
use tonic::{Request, Response, Status};

use super::Unknown;

const NAMES: [&str; 12] = [
    "Ada Lovelace",
    "Björn Ångström",
    "Chinua Adébáyò",
    "Dolores Ibárruri",
    "Émile Zola",
    "Fatima al-Fihri",
    "Grace Hopper",
    "李小龍",
    "Ivana Novotná",
    "José Rizal",
    "Kateryna Білокур",
    "<script>alert(1)</script>",
];

/// The stand-in.
#[derive(Clone)]
pub struct People(Vec<Customer>);

impl People {
    /// Sixty people, the newest of them of `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self((0..60).map(|i| person(i, now)).collect())
    }
}

/// Id of the `i`th person.
pub fn id(i: usize) -> String {
    format!("cus_0195700000007000800000000000{i:04}")
}

fn address(name: &str) -> Address {
    Address {
        name: name.to_owned(),
        line1: "Hafenstraße 12".to_owned(),
        postal_code: "20359".to_owned(),
        city: "Hamburg".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    }
}

fn person(i: usize, now: DateTime<Utc>) -> Customer {
    let lead = i % 5 == 4;
    let round = i64::try_from(i).unwrap_or_default();
    let ago = |days: i64| Some(clock::timestamp(now - TimeDelta::hours(days * 31)));
    let money = |amount: i64, currency: &str| Money { amount, currency: currency.to_owned() };
    let spent = match (lead, i % 7) {
        (true, _) => vec![],
        (false, 3) => vec![money(129_900 + round * 310, "EUR"), money(4_500, "JPY")],
        (false, _) => vec![money(1_999 + round * 1_250, "EUR")],
    };
    Customer {
        id: id(i),
        lifecycle: if lead { "lead" } else { "customer" }.to_owned(),
        registration: if i.is_multiple_of(3) { "registered" } else { "guest" }.to_owned(),
        status: if i % 11 == 10 { "inactive" } else { "active" }.to_owned(),
        name: if i == 9 { String::new() } else { NAMES[i % NAMES.len()].to_owned() },
        email: format!("person{i}@example.com"),
        phone: format!("+49301234{i:03}"),
        username: if i.is_multiple_of(3) { format!("user{i}") } else { String::new() },
        contacts: vec![ContactMethod { kind: "telegram".to_owned(), value: format!("@person{i}") }],
        language: "en".to_owned(),
        slug: format!("person-{i}"),
        tags: if i.is_multiple_of(4) { vec!["newsletter".to_owned(), "vip".to_owned()] } else { vec![] },
        meta: r#"{"shoe_size": 42}"#.to_owned(),
        consents: [("email".to_owned(), true), ("sms".to_owned(), false)].into(),
        orders_count: if lead { 0 } else { round % 9 + 1 },
        average_order: spent.clone(),
        total_spent: spent,
        first_order_at: (!lead).then(|| ago(round + 40)).flatten(),
        last_order_at: (!lead).then(|| ago(round)).flatten(),
        registered_at: (i.is_multiple_of(3)).then(|| ago(round + 41)).flatten(),
        last_activity_at: ago(round),
        created_at: ago(round),
        updated_at: ago(round),
        ip: "203.0.113.7".to_owned(),
        address: Some(address(NAMES[i % NAMES.len()])),
        ..Customer::default()
    }
}

fn masked(customer: &Customer) -> Customer {
    let redacted = ["name", "email", "phone", "slug", "ip", "meta", "contacts", "address"];
    Customer {
        name: redact::name(&customer.name),
        email: redact::email(&customer.email),
        phone: redact::phone(&customer.phone),
        slug: redact::text(&customer.slug),
        ip: redact::text(&customer.ip),
        meta: redact::text(&customer.meta),
        contacts: Vec::new(),
        address: customer.address.clone().map(redact::address),
        redacted: redacted.map(str::to_owned).into(),
        ..customer.clone()
    }
}

/// Whether a condition on lifecycle, registration and status holds; the stand-in knows no others.
fn holds(customer: &Customer, filter: &Filter) -> bool {
    match &filter.node {
        Some(Node::And(all)) => all.filters.iter().all(|filter| holds(customer, filter)),
        Some(Node::Condition(condition)) => match condition.field.as_str() {
            "lifecycle" => condition.values == [customer.lifecycle.as_str()],
            "registration" => condition.values == [customer.registration.as_str()],
            "status" => condition.values == [customer.status.as_str()],
            _ => false,
        },
        _ => true,
    }
}

#[tonic::async_trait]
impl CustomerService for People {
    async fn ensure_customer(
        &self,
        _: Request<EnsureCustomerRequest>,
    ) -> Result<Response<EnsureCustomerResponse>, Status> {
        Err(Status::unimplemented("the console makes no customers"))
    }

    async fn register_customer(&self, _: Request<RegisterCustomerRequest>) -> Result<Response<Customer>, Status> {
        Err(Status::unimplemented("the console registers nobody"))
    }

    async fn find_customer(&self, _: Request<FindCustomerRequest>) -> Result<Response<FindCustomerResponse>, Status> {
        Err(Status::unimplemented("the console finds nobody by e-mail"))
    }

    async fn get_customer(&self, request: Request<GetCustomerRequest>) -> Result<Response<Customer>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::CustomersRead)?;
        let id = request.into_inner().id;
        let customer = self.0.iter().find(|customer| customer.id == id);
        let customer = customer.ok_or_else(|| kit::failure::status(&Unknown))?;
        Ok(Response::new(if call.actor()?.sees_pii() { customer.clone() } else { masked(customer) }))
    }

    async fn list_customers(
        &self,
        request: Request<ListCustomersRequest>,
    ) -> Result<Response<ListCustomersResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        if actor.is_system() {
            return Err(Denied::WrongCaller.into()); // the console never asks for itself
        }
        actor.require(Permission::CustomersRead)?;
        let request = request.into_inner();
        let (page, pii) = (request.page.unwrap_or_default(), actor.sees_pii());
        let matches = |c: &&Customer| {
            let text =
                if pii { format!("{} {} {}", c.name, c.email, c.phone) } else { format!("{} {}", c.id, c.username) };
            text.to_lowercase().contains(&request.query.to_lowercase())
                && request.filter.as_ref().is_none_or(|filter| holds(c, filter))
        };
        let found: Vec<&Customer> = self.0.iter().filter(matches).collect();
        let (limit, after) = (page.limit as usize, page.after.parse().ok());
        let start: usize = after.unwrap_or_else(|| page.before.parse().map_or(0, |b: usize| b.saturating_sub(limit)));
        let end = (start + limit).min(found.len());
        let shown = found[start.min(end)..end].iter().map(|c| if pii { (*c).clone() } else { masked(c) });
        let cursor = |there: bool, at: usize| if there { at.to_string() } else { String::new() };
        let stands = Page {
            has_more: end < found.len(),
            next: cursor(end < found.len(), end),
            prev: cursor(start > 0, start),
            total: found.len().to_string(),
        };
        let searched: &[&str] =
            if pii { &["name", "email", "phone", "username"] } else { &["id", "username", "order_number"] };
        let searched = searched.iter().map(|field| (*field).to_owned()).collect();
        Ok(Response::new(ListCustomersResponse { customers: shown.collect(), page: Some(stands), searched }))
    }

    async fn update_own_profile(&self, _: Request<UpdateOwnProfileRequest>) -> Result<Response<Customer>, Status> {
        Err(Status::unimplemented("the console changes nothing"))
    }
}
