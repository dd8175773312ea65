//! The rows that lives leave in the tables of every service.
use std::collections::BTreeSet;

use kit::ids::{LineId, RealmId, StoreId, TransactionId};
use serde_json::json;
use sqlx::PgConnection;

use super::life::{Life, Line, OpenCart, Purchase, Review};
use crate::copy::Rows;

/// Rows of every service, not yet sent.
#[derive(Default)]
pub struct Tables {
    /// Of customers.
    pub customers: Customers,
    /// Of carts.
    pub carts: Carts,
    /// Of orders.
    pub orders: Orders,
    /// Of reviews.
    pub reviews: Reviews,
}

impl Tables {
    /// Adds what `lives` left behind; their orders are numbered from `first` on.
    pub fn add(&mut self, realm: RealmId, store: StoreId, currency: &str, lives: &[Life], first: i64) {
        let shop = Shop { realm, store, currency };
        let mut number = first;
        for life in lives {
            self.customers.add(&shop, life);
            for purchase in &life.orders {
                self.customers.add_order(&shop, life, purchase, number);
                self.carts.add_closed(&shop, life, purchase);
                self.orders.add(&shop, life, purchase, number);
                number += 1;
            }
            if let Some(cart) = &life.cart {
                self.carts.add_open(&shop, life, cart);
            }
            self.reviews.add(&shop, life);
        }
    }
}

struct Shop<'a> {
    realm: RealmId,
    store: StoreId,
    currency: &'a str,
}

/// Sends several tables in the order of their references.
macro_rules! tables {
    ($(#[$doc:meta])* $name:ident { $($table:ident: $statement:literal,)+ }) => {
        $(#[$doc])*
        pub struct $name { $($table: Rows,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($table: Rows::new($statement),)+ }
            }
        }

        impl $name {
            /// Sends the rows and forgets them.
            pub async fn send(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
                $(self.$table.send(connection).await?;)+
                Ok(())
            }
        }
    };
}

tables! {
    /// Rows of customers.
    Customers {
        people: "copy customers (realm_id, id, lifecycle, registration, status, name, email, email_canonical, phone,
            language, slug, tags, ip, address, orders_count, spent_base, first_order_at, last_order_at, reviews_count,
            registered_at, last_activity_at, created_at, updated_at) from stdin",
        stores: "copy customer_stores (realm_id, store_id, customer_id, orders_count, spent_base, first_order_at,
            last_order_at, reviews_count) from stdin",
        orders: "copy customer_orders (realm_id, order_id, customer_id, store_id, number, placed_at, currency)
            from stdin",
        products: "copy customer_products (realm_id, product_id, order_id) from stdin",
        payments: "copy customer_payments (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount,
            captured_at) from stdin",
        spend: "copy customer_spend (realm_id, customer_id, store_id, currency, captured, orders_count)
            from stdin",
        reviews: "copy customer_reviews (realm_id, review_id, customer_id, store_id, deleted) from stdin",
        carts: "copy customer_carts (realm_id, cart_id, customer_id, store_id, held, version) from stdin",
    }
}

/// What a customer's record sums up.
struct Sums {
    orders: usize,
    spent: i64,
    first: Option<String>,
    last: Option<String>,
    reviews: i32,
}

impl Sums {
    fn of(life: &Life) -> Self {
        let at = |order: &Purchase| order.at.to_rfc3339();
        Self {
            orders: life.orders.len(),
            spent: life.orders.iter().filter(|order| order.capture.is_some()).map(Purchase::total).sum(),
            first: life.orders.first().map(at),
            last: life.orders.last().map(at),
            reviews: i32::from(life.review.is_some()),
        }
    }
}

impl Customers {
    fn add(&mut self, shop: &Shop<'_>, life: &Life) {
        let sums = Sums::of(life);
        self.add_person(shop, life, &sums);
        let (realm, store, id) = (shop.realm.uuid(), shop.store.uuid(), life.id.uuid());
        let row = self.stores.row().set(realm).set(store).set(id).set(sums.orders).set(sums.spent);
        drop(row.maybe(sums.first.as_ref()).maybe(sums.last.as_ref()).set(sums.reviews));
        if sums.orders > 0 {
            let row = self.spend.row().set(realm).set(id).set(store);
            drop(row.set(shop.currency).set(sums.spent).set(sums.orders));
        }
        if let Some(review) = &life.review {
            let row = self.reviews.row().set(realm).set(review.id.uuid()).set(id);
            drop(row.set(store).set(false));
        }
        if let Some(cart) = &life.cart {
            let row = self.carts.row().set(realm).set(cart.id.uuid()).set(id);
            drop(row.set(store).set(true).set(2));
        }
    }

    fn add_person(&mut self, shop: &Shop<'_>, life: &Life, sums: &Sums) {
        let (id, person, created) = (life.id.uuid(), &life.person, life.created_at.to_rfc3339());
        let active = sums.last.as_ref().unwrap_or(&created);
        let row = self.people.row().set(shop.realm.uuid()).set(id);
        let row = row.set(if sums.orders > 0 { "customer" } else { "lead" });
        let row = row.set(if life.registered_at.is_some() { "registered" } else { "guest" });
        let row = row.set(if life.inactive { "inactive" } else { "active" });
        let row = row.set(&person.name).set(&person.email).set(&person.email).set(&person.phone).set(person.language);
        let row = row.set(format_args!("c-{}", id.simple())).set(format_args!("{{{}}}", life.tags.join(",")));
        let row = row.set(&life.ip).set(&person.address).set(sums.orders).set(sums.spent);
        let row = row.maybe(sums.first.as_ref()).maybe(sums.last.as_ref()).set(sums.reviews);
        drop(row.maybe(life.registered_at.map(|at| at.to_rfc3339())).set(active).set(&created).set(active));
    }

    fn add_order(&mut self, shop: &Shop<'_>, life: &Life, order: &Purchase, number: i64) {
        let row = self.orders.row().set(shop.realm.uuid()).set(order.id.uuid()).set(life.id.uuid());
        drop(row.set(shop.store.uuid()).set(number).set(order.at.to_rfc3339()).set(shop.currency));
        for product in order.lines.iter().map(|line| line.offer.id.uuid()).collect::<BTreeSet<_>>() {
            drop(self.products.row().set(shop.realm.uuid()).set(product).set(order.id.uuid()));
        }
        if let Some(capture) = order.capture {
            let row = self.payments.row().set(shop.realm.uuid()).set(capture.uuid()).set(life.id.uuid());
            let row = row.set(shop.store.uuid()).set(order.id.uuid()).set(shop.currency);
            drop(row.set(order.total()).set(order.at.to_rfc3339()));
        }
    }
}

tables! {
    /// Rows of carts.
    Carts {
        all: "copy carts (realm_id, id, front_id, store_id, currency, customer_id, status, order_id, email, name,
            phone, shipping, version, expires_at, created_at, updated_at) from stdin",
        lines: "copy cart_lines (realm_id, cart_id, id, position, product_id, quantity, sku, name, kind, price)
            from stdin",
    }
}

impl Carts {
    fn add_closed(&mut self, shop: &Shop<'_>, life: &Life, order: &Purchase) {
        let cart = OpenCart { id: order.cart, lines: Vec::new(), at: order.at };
        self.add_cart(shop, life, &cart, Some(order));
        self.add_lines(shop, &cart, &order.lines);
    }

    fn add_open(&mut self, shop: &Shop<'_>, life: &Life, cart: &OpenCart) {
        self.add_cart(shop, life, cart, None);
        self.add_lines(shop, cart, &cart.lines);
    }

    fn add_cart(&mut self, shop: &Shop<'_>, life: &Life, cart: &OpenCart, order: Option<&Purchase>) {
        drop(
            self.all
                .row()
                .set(shop.realm.uuid())
                .set(cart.id.uuid())
                .set(shop.store.uuid())
                .set(shop.store.uuid())
                .set(shop.currency)
                .set(life.id.uuid())
                .set(if order.is_some() { "closed" } else { "open" })
                .maybe(order.map(|order| order.id.uuid()))
                .set(&life.person.email)
                .set(&life.person.name)
                .set(&life.person.phone)
                .set(&life.person.address)
                .set(2)
                .set((cart.at + chrono::TimeDelta::days(90)).to_rfc3339())
                .set(cart.at.to_rfc3339())
                .set(cart.at.to_rfc3339()),
        );
    }

    fn add_lines(&mut self, shop: &Shop<'_>, cart: &OpenCart, lines: &[Line]) {
        for (position, line) in (1..).zip(lines) {
            let row = self.lines.row().set(shop.realm.uuid()).set(cart.id.uuid()).set(line.id.uuid());
            let row = row.set(position).set(line.offer.id.uuid()).set(line.quantity).set(&line.offer.sku);
            drop(row.set(&line.offer.name).set(&line.offer.kind).set(line.offer.price));
        }
    }
}

tables! {
    /// Rows of orders.
    Orders {
        placed: "copy orders (realm_id, id, store_id, cart_id, customer_id, number, status, payment_status,
            fulfilment_status, currency, subtotal, discount, shipping, tax, total, contact, ip, user_agent, gateway,
            version, placed_at, created_at, updated_at) from stdin",
        lines: "copy order_lines (realm_id, order_id, id, position, product_id, sku, name, quantity, price, subtotal,
            kind) from stdin",
        history: "copy order_history (realm_id, order_id, position, status, actor, at) from stdin",
        payments: "copy payments (realm_id, id, store_id, order_id, gateway, method, amount, currency, state, actor, ip,
            lease_until, created_at, updated_at) from stdin",
        transactions: "copy transactions (realm_id, id, store_id, order_id, payment_id, type, status, amount, currency,
            gateway, reference, description, created_at) from stdin",
    }
}

impl Orders {
    fn add(&mut self, shop: &Shop<'_>, life: &Life, order: &Purchase, number: i64) {
        self.add_order(shop, life, order, number);
        for (position, line) in (0..).zip(&order.lines) {
            let row = self.lines.row().set(shop.realm.uuid()).set(order.id.uuid()).set(LineId::new(order.at).uuid());
            let row = row.set(position).set(line.offer.id.uuid()).set(&line.offer.sku).set(&line.offer.name);
            let row = row.set(line.quantity).set(line.offer.price).set(line.offer.price * line.quantity);
            drop(row.set(&line.offer.kind));
        }
        for (position, status) in [(1, "pending"), (2, "placed")] {
            let row = self.history.row().set(shop.realm.uuid()).set(order.id.uuid()).set(position);
            drop(row.set(status).set(format_args!("anonymous {}", shop.store)).set(order.at.to_rfc3339()));
        }
        self.add_payment(shop, life, order);
    }

    fn add_order(&mut self, shop: &Shop<'_>, life: &Life, order: &Purchase, number: i64) {
        let (person, at, total) = (&life.person, order.at.to_rfc3339(), order.total());
        let contact = json!({ "email": person.email, "name": person.name, "phone": person.phone,
                              "shipping": person.address, "billing": null });
        let row = self.placed.row().set(shop.realm.uuid()).set(order.id.uuid()).set(shop.store.uuid());
        let row = row.set(order.cart.uuid()).set(life.id.uuid()).set(number).set("placed");
        let row = row.set(if order.capture.is_some() { "paid" } else { "pending" }).set("unfulfilled");
        let row = row.set(shop.currency).set(total).set(0).set(0).set(0).set(total).set(contact).set(&life.ip);
        drop(row.set("Mozilla/5.0").set(gateway(order)).set(2).set(&at).set(&at).set(&at));
    }

    fn add_payment(&mut self, shop: &Shop<'_>, life: &Life, order: &Purchase) {
        let at = order.at.to_rfc3339();
        let payment = order.capture.unwrap_or_else(|| TransactionId::new(order.at)).uuid();
        let row = self.payments.row().set(shop.realm.uuid()).set(payment).set(shop.store.uuid());
        let row = row.set(order.id.uuid()).set(gateway(order)).set("").set(order.total()).set(shop.currency);
        let row = row.set(if order.capture.is_some() { "captured" } else { "accepted" });
        drop(row.set(format_args!("anonymous {}", shop.store)).set(&life.ip).set(&at).set(&at).set(&at));
        if let Some(capture) = order.capture {
            let row = self.transactions.row().set(shop.realm.uuid()).set(capture.uuid()).set(shop.store.uuid());
            let row = row.set(order.id.uuid()).set(payment).set("payment").set("succeeded").set(order.total());
            drop(row.set(shop.currency).set("test").set(payment.simple()).set("Paid with the test gateway").set(&at));
        }
    }
}

/// What an order was paid with.
fn gateway(order: &Purchase) -> &'static str {
    if order.capture.is_some() { "test" } else { "manual" }
}

tables! {
    /// Rows of reviews.
    Reviews {
        written: "copy reviews (realm_id, id, store_id, subject_kind, subject_id, subject_store_id, author_id,
            author_name, rating, content, created_at, updated_at) from stdin",
        purchases: "copy purchases (realm_id, customer_id, subject_kind, subject_id) from stdin",
    }
}

impl Reviews {
    fn add(&mut self, shop: &Shop<'_>, life: &Life) {
        let mut bought: Vec<_> = life.orders.iter().flat_map(|order| &order.lines).map(|line| line.offer.id).collect();
        bought.sort_unstable();
        bought.dedup();
        let bought = bought.into_iter().map(|product| ("product", product.uuid()));
        let store = (!life.orders.is_empty()).then(|| ("store", shop.store.uuid()));
        for (kind, subject) in bought.chain(store) {
            drop(self.purchases.row().set(shop.realm.uuid()).set(life.id.uuid()).set(kind).set(subject));
        }
        if let Some(review) = &life.review {
            self.add_review(shop, life, review);
        }
    }

    fn add_review(&mut self, shop: &Shop<'_>, life: &Life, review: &Review) {
        let mut names = life.person.name.split_whitespace();
        let first = names.next().unwrap_or_default();
        let initial = names.next_back().and_then(|last| last.chars().next());
        let public = initial.map_or_else(|| first.to_owned(), |initial| format!("{first} {initial}."));
        let row = self.written.row().set(shop.realm.uuid()).set(review.id.uuid()).set(shop.store.uuid());
        let row = row.set("product").set(review.product.uuid()).set(shop.store.uuid()).set(life.id.uuid());
        let row = row.set(public).set(review.rating).set(review.content);
        drop(row.set(review.at.to_rfc3339()).set(review.at.to_rfc3339()));
    }
}
