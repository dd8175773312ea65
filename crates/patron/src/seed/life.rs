//! What somebody did at a store, invented. Pure but for the random numbers.
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    ids::{CartId, CustomerId, LineId, OrderId, ProductId, RealmId, ReviewId, StoreId, TransactionId},
    money::Currency,
};
use rand::{Rng, rngs::SmallRng, seq::IndexedRandom};

use crate::people::{Person, person};

/// Where lives are spent.
pub struct Place {
    /// Customer base.
    pub realm: RealmId,
    /// Store.
    pub store: StoreId,
    /// What the store sells in.
    pub currency: Currency,
    /// What the realm's totals are sorted in.
    pub realm_currency: Currency,
    /// What it sells, at least one.
    pub products: Vec<Offer>,
    /// Domain of the invented e-mail addresses.
    pub domain: String,
    /// The present; everything lies before it.
    pub now: DateTime<Utc>,
}

/// Something to buy.
#[derive(Clone)]
pub struct Offer {
    /// Product.
    pub id: ProductId,
    /// SKU.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Price in minor units.
    pub price: i64,
    /// Physical or digital.
    pub kind: String,
}

/// A person and what they did.
pub struct Life {
    /// Who it is.
    pub id: CustomerId,
    /// As they wrote themselves.
    pub person: Person,
    /// When they were first seen.
    pub created_at: DateTime<Utc>,
    /// When they registered, if they did.
    pub registered_at: Option<DateTime<Utc>>,
    /// Whether staff made them inactive.
    pub inactive: bool,
    /// Tags in alphabetical order.
    pub tags: Vec<&'static str>,
    /// Network address they came from.
    pub ip: String,
    /// What they bought, oldest first.
    pub orders: Vec<Purchase>,
    /// A cart left open.
    pub cart: Option<OpenCart>,
    /// What they said about something they bought.
    pub review: Option<Review>,
}

/// An order, paid with the test gateway or on invoice.
pub struct Purchase {
    /// Order.
    pub id: OrderId,
    /// Cart it came from.
    pub cart: CartId,
    /// Lines.
    pub lines: Vec<Line>,
    /// Capture, unless it is an unpaid invoice.
    pub capture: Option<TransactionId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A cart that nobody has paid.
pub struct OpenCart {
    /// Cart.
    pub id: CartId,
    /// Lines.
    pub lines: Vec<Line>,
    /// When it was last touched.
    pub at: DateTime<Utc>,
}

/// A product and how many of it.
pub struct Line {
    /// Line.
    pub id: LineId,
    /// Product.
    pub offer: Offer,
    /// How many.
    pub quantity: i64,
}

/// A review of a product.
pub struct Review {
    /// Review.
    pub id: ReviewId,
    /// Product.
    pub product: ProductId,
    /// 1 to 5.
    pub rating: i16,
    /// Text.
    pub content: &'static str,
    /// When.
    pub at: DateTime<Utc>,
}

const TAGS: [&str; 6] = ["business", "friend", "newsletter", "press", "vip", "wholesale"];
const OPINIONS: [&str; 5] = [
    "It broke on the first day.",
    "Not what I had hoped for.",
    "Does what it should.",
    "Good value, would buy again.",
    "Exactly what I was looking for. Wonderful!",
];

impl Purchase {
    /// What it came to.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.offer.price * line.quantity).sum()
    }
}

impl Place {
    /// The life of person `number`.
    pub fn life(&self, rng: &mut SmallRng, number: u64) -> Life {
        let created_at = self.now - TimeDelta::minutes(rng.random_range(60..3 * 365 * 24 * 60));
        let orders = if rng.random_bool(0.8) { self.orders(rng, created_at) } else { Vec::new() };
        let registered = rng.random_bool(0.6);
        let review = orders.first().filter(|_| registered && rng.random_bool(0.2)).map(|order| review(rng, order));
        let tags: BTreeSet<_> = (0..rng.random_range(0..3)).filter_map(|_| TAGS.choose(rng).copied()).collect();
        Life {
            id: CustomerId::new(created_at),
            person: person(rng, number, &self.domain),
            created_at,
            registered_at: registered.then(|| created_at + TimeDelta::minutes(3)),
            inactive: rng.random_bool(0.02),
            tags: tags.into_iter().collect(),
            ip: format!("203.0.113.{}", rng.random_range(1..255)),
            cart: (orders.is_empty() || rng.random_bool(0.1)).then(|| self.open_cart(rng)),
            review,
            orders,
        }
    }

    fn orders(&self, rng: &mut SmallRng, since: DateTime<Utc>) -> Vec<Purchase> {
        let mut at = since + TimeDelta::minutes(20);
        let mut orders = Vec::new();
        while at < self.now && orders.len() < 12 {
            orders.push(Purchase {
                id: OrderId::new(at),
                cart: CartId::new(at),
                lines: self.lines(rng, at),
                capture: rng.random_bool(0.95).then(|| TransactionId::new(at)),
                at,
            });
            if rng.random_bool(0.55) {
                break;
            }
            at += TimeDelta::hours(rng.random_range(24..4_000));
        }
        orders
    }

    fn open_cart(&self, rng: &mut SmallRng) -> OpenCart {
        let at = self.now - TimeDelta::minutes(rng.random_range(1..90 * 24 * 60));
        OpenCart { id: CartId::new(at), lines: self.lines(rng, at), at }
    }

    /// One to three different products.
    fn lines(&self, rng: &mut SmallRng, at: DateTime<Utc>) -> Vec<Line> {
        let count = rng.random_range(1..=3);
        let offers = self.products.choose_multiple(rng, count).cloned().collect::<Vec<_>>();
        let line = |offer| Line { id: LineId::new(at), offer, quantity: rng.random_range(1..=3) };
        offers.into_iter().map(line).collect()
    }
}

fn review(rng: &mut SmallRng, order: &Purchase) -> Review {
    let rating: i16 = [1, 2, 3, 4, 4, 5, 5, 5].choose(rng).copied().unwrap_or(5);
    let content = OPINIONS[usize::from(rating.unsigned_abs()) - 1];
    let at = order.at + TimeDelta::hours(2);
    let product = order.lines.first().map_or(ProductId::new(at), |line| line.offer.id);
    Review { id: ReviewId::new(at), product, rating, content, at }
}
