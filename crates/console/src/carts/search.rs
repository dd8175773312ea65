//! Products to put into a cart, found by a part of their name or SKU (CA-4).
use kit::permission::Permission;
use proto::{
    base::v1::{Condition, Filter, PageRequest, filter::Node},
    carts::v1::Cart,
    catalog::v1::{BatchGetProductsRequest, ListProductsRequest, Plan, Product},
};

use crate::{
    console::Console,
    part::{Newest, Part},
    show::price,
    visit::SignedIn,
};

/// The most that are shown.
const ROWS: u32 = 20;
/// The most that are looked through, where other stores of a network sell some of them.
const LOOKED_THROUGH: u32 = 100;

/// What was searched for, and what there is of it.
#[derive(Default)]
pub struct Search {
    /// As it was typed.
    pub q: String,
    /// What was found; nothing was searched for without it.
    pub found: Option<Part<Newest<Found>>>,
}

/// A product that can be added.
pub struct Found {
    /// `prd_…`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// SKU.
    pub sku: String,
    /// How it can be bought: plan, empty for once, and words.
    pub choices: Vec<(String, String)>,
}

/// How a product can be bought: its plan, empty for once, and words with the price.
pub fn choices(product: &Product) -> Vec<(String, String)> {
    let once = product.price.as_ref().map(|once| (String::new(), format!("Once, {}", price(Some(once)))));
    let plans = product.plans.iter().filter(|plan| plan.active).map(|plan| (plan.id.clone(), words(plan)));
    once.into_iter().chain(plans).collect()
}

/// A plan in words, such as “Monthly, 12.00 EUR every month”.
pub fn words(plan: &Plan) -> String {
    let Plan { name, interval, count, .. } = plan;
    let amount = price(plan.price.as_ref());
    let often = if *count == 1 { interval.clone() } else { format!("{count} {interval}s") };
    format!("{name}, {amount} every {often}")
}

impl Search {
    /// What the store of a cart sells under a part of a name or SKU.
    pub async fn of(console: &Console, desk: &SignedIn, (cart, q): (&Cart, String)) -> Self {
        if q.trim().is_empty() {
            return Self::default();
        }
        let active = Condition { field: "active".to_owned(), op: "eq".to_owned(), values: vec!["true".to_owned()] };
        let limit = if desk.session.actor.store.is_some() { ROWS } else { LOOKED_THROUGH };
        let request = ListProductsRequest {
            query: q.trim().to_owned(),
            sort: vec!["name".to_owned()],
            page: Some(PageRequest { limit, ..PageRequest::default() }),
            filter: Some(Filter { node: Some(Node::Condition(active)) }),
        };
        let mut products = console.products.clone();
        let found = Part::load(desk, Permission::CatalogRead, products.list_products(desk.ask(request)), |answer| {
            // A cart that buys from nowhere yet takes what any store of the network sells.
            let here = |product: &Product| cart.store.is_empty() || product.store == cart.store;
            let here = answer.products.into_iter().filter(here);
            Newest::new(here.map(Found::new), answer.page.as_ref())
        });
        Self { found: Some(found.await), q }
    }
}

impl Found {
    fn new(product: Product) -> Self {
        Self { choices: choices(&product), id: product.id, name: product.name, sku: product.sku }
    }
}

/// The products in a cart as the catalog has them now; none where the reader may not see them or they cannot be had, and
/// the lines are shown without a choice of plans.
pub async fn products(console: &Console, desk: &SignedIn, cart: &Cart) -> Vec<Product> {
    let ids: Vec<String> = cart.lines.iter().map(|line| line.product.clone()).collect();
    if ids.is_empty() || cart.status != "open" || !desk.session.may(Permission::CatalogRead) {
        return Vec::new();
    }
    let asked = desk.ask(BatchGetProductsRequest { ids, ..BatchGetProductsRequest::default() });
    match console.products.clone().batch_get_products(asked).await {
        Ok(found) => found.into_inner().products,
        Err(error) => {
            tracing::warn!(error.detail = %error.message(), "the plans of products in a cart cannot be had");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::base::v1::Money;

    use super::*;

    fn plan(id: &str, count: u32, active: bool) -> Plan {
        let price = Some(Money { amount: 1_200, currency: "EUR".to_owned() });
        let (id, name, interval) = (id.to_owned(), "Club".to_owned(), "month".to_owned());
        Plan { id, name, interval, count, price, active, ..Plan::default() }
    }

    /// CA-4: what is sold once, by plan, or both can be chosen, and nothing that is not sold any more.
    #[test]
    fn plans_are_chosen_among() {
        let plans = vec![plan("plan_1", 1, true), plan("plan_2", 3, true), plan("plan_3", 1, false)];
        let by_plan = Product { plans, ..Product::default() };
        let words = [("plan_1", "Club, 12.00 EUR every month"), ("plan_2", "Club, 12.00 EUR every 3 months")];
        let words = words.map(|(id, words)| (id.to_owned(), words.to_owned()));
        assert_eq!(choices(&by_plan), words);
        let once = Some(Money { amount: 500, currency: "EUR".to_owned() });
        let both = choices(&Product { price: once, ..by_plan });
        assert_eq!((both.len(), &both[0]), (3, &(String::new(), "Once, 5.00 EUR".to_owned())));
    }
}
