//! A product and what makes its fields valid. Pure.
use std::fmt;

use chrono::{DateTime, Utc};
use kit::{
    audit::json,
    clock::timestamp,
    failure::Violation,
    ids::{ProductId, RealmId, StoreId},
    money::{Currency, Money},
};
use proto::catalog::v1 as pb;

use super::{fields::text, plan::Plans, renewal::Renewal};

/// Something a store sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Id.
    pub id: ProductId,
    /// Who sells it.
    pub store: StoreId,
    /// Of all its prices.
    pub currency: Currency,
    /// What it is.
    pub details: Details,
    /// Whether it is in an order.
    pub sold: bool,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What staff can change about a product; physical stays physical, and digital digital.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Stock keeping unit, unique in the store.
    pub sku: String,
    /// Display name.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Addresses of images, the first is the main one.
    pub images: Vec<String>,
    /// One-time price in minor units; none when it is sold by plan only.
    pub price: Option<i64>,
    /// Subscription plans.
    pub plans: Plans,
    /// What subscriptions renew.
    pub renewal: Renewal,
    /// Physical or digital.
    pub kind: Kind,
    /// Digital products inside it.
    pub contents: Vec<ProductId>,
    /// Which tax rates it takes.
    pub tax_class: TaxClass,
    /// How many downloads of each of its files a buyer has; 0 for any number (OR-9).
    pub download_limit: u32,
    /// Whether it can be bought.
    pub active: bool,
}

/// How a product reaches its buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By shipping.
    Physical,
    /// By download.
    Digital(Package),
}

/// What a digital product consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// Its own files.
    File,
    /// Other products, sold as one.
    Bundle,
    /// Files and other products.
    Combo,
}

impl Kind {
    /// Reads kind and package as the API writes them; an empty package of a digital product is `file`.
    pub fn parse(kind: &str, package: &str) -> Result<Self, Violation> {
        match (kind, package) {
            ("physical", "") => Ok(Self::Physical),
            ("physical", _) => Err(Violation::new("/package", "not_allowed", "a physical product has no package")),
            ("digital", "" | "file") => Ok(Self::Digital(Package::File)),
            ("digital", "bundle") => Ok(Self::Digital(Package::Bundle)),
            ("digital", "combo") => Ok(Self::Digital(Package::Combo)),
            ("digital", _) => Err(Violation::new("/package", "unknown", "package is file, bundle or combo")),
            _ => Err(Violation::new("/kind", "unknown", "kind is physical or digital")),
        }
    }

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Digital(_) => "digital",
        }
    }

    /// Whether other products can be inside.
    #[must_use]
    pub const fn holds_others(self) -> bool {
        matches!(self, Self::Digital(Package::Bundle | Package::Combo))
    }

    /// The package as the API writes it; `None` for physical products.
    #[must_use]
    pub const fn package(self) -> Option<&'static str> {
        match self {
            Self::Physical => None,
            Self::Digital(Package::File) => Some("file"),
            Self::Digital(Package::Bundle) => Some("bundle"),
            Self::Digital(Package::Combo) => Some("combo"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

/// Classes of products that places tax differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TaxClass {
    #[default]
    Standard,
    Reduced,
    Zero,
}

impl TaxClass {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Reduced => "reduced",
            Self::Zero => "zero",
        }
    }

    /// Reads what the API writes; an empty one is `standard`.
    pub fn parse(slug: &str, pointer: &'static str) -> Result<Self, Violation> {
        let class = [Self::Standard, Self::Reduced, Self::Zero].into_iter().find(|class| class.slug() == slug);
        let unknown = || Violation::new(pointer, "unknown", "a tax class is standard, reduced or zero");
        if slug.is_empty() { Ok(Self::Standard) } else { class.ok_or_else(unknown) }
    }
}

/// Most images of a product.
pub const IMAGES: usize = 20;
/// Most products directly inside another.
pub const CONTENTS: usize = 100;
/// Most downloads of a file that a buyer may have.
const DOWNLOADS: u32 = 10_000;

impl Details {
    /// The least that it can be had for: once, or by a plan.
    #[must_use]
    pub fn from_price(&self) -> Option<i64> {
        self.price.into_iter().chain(self.plans.cheapest()).min()
    }

    /// As the audit tells of them.
    #[must_use]
    pub fn told(&self, currency: Currency) -> serde_json::Value {
        json!({
            "sku": self.sku,
            "name": self.name,
            "description": self.description,
            "images": self.images,
            "price": self.price,
            "currency": currency.code(),
            "plans": self.plans,
            "renewal_targets": self.renewal.targets,
            "renewal_target_changeable": self.renewal.changeable,
            "package": self.kind.package(),
            "contents": self.contents.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "tax_class": self.tax_class.slug(),
            "download_limit": self.download_limit,
            "active": self.active,
        })
    }

    /// What is wrong with these, field by field; nothing when they are valid.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        violations.extend(text("/sku", &self.sku, 1, 64));
        violations.extend(text("/name", &self.name, 1, 200));
        violations.extend(text("/description", &self.description, 0, 10_000));
        if self.from_price().is_none() {
            violations.push(Violation::new("/price", "needed", "a product has a price, or a plan that is active"));
        }
        if self.images.len() > IMAGES {
            violations.push(Violation::new("/images", "too_many", "at most 20 images"));
        }
        for (i, image) in self.images.iter().take(IMAGES).enumerate() {
            let is_address = image.starts_with("https://") || image.starts_with("http://");
            let is_plain = !image.chars().any(|c| c.is_control() || c.is_whitespace());
            if !(is_address && is_plain) || image.chars().count() > 2_000 {
                let pointer = format!("/images/{i}");
                violations.push(Violation::new(pointer, "malformed", "an image is an http or https address"));
            }
        }
        if self.download_limit > DOWNLOADS {
            let detail = "at most 10000 downloads, or 0 for any number";
            violations.push(Violation::new("/download_limit", "out_of_range", detail));
        }
        if self.contents.len() > CONTENTS {
            violations.push(Violation::new("/contents", "too_many", "at most 100 products inside another"));
        }
        if !self.contents.is_empty() && !self.kind.holds_others() {
            let detail = "only a bundle or a combo has other products inside";
            violations.push(Violation::new("/contents", "not_allowed", detail));
        }
        violations
    }
}

impl Product {
    /// The product as shop fronts and customers see it: without the plans that cannot be subscribed to.
    #[must_use]
    pub fn on_display(self) -> pb::Product {
        let mut shown = pb::Product::from(self);
        shown.plans.retain(|plan| plan.active);
        shown
    }

    /// The event that it is new in the customer base `realm`.
    #[must_use]
    pub fn created(&self, realm: RealmId) -> pb::ProductCreated {
        pb::ProductCreated {
            realm: realm.into(),
            store: self.store.into(),
            product: self.id.into(),
            active: self.details.active,
            version: self.version,
            at: Some(timestamp(self.created_at)),
        }
    }

    /// The event that it was changed.
    #[must_use]
    pub fn changed(&self, realm: RealmId) -> pb::ProductChanged {
        pb::ProductChanged {
            realm: realm.into(),
            store: self.store.into(),
            product: self.id.into(),
            active: self.details.active,
            version: self.version,
            at: Some(timestamp(self.updated_at)),
        }
    }

    /// The event that it was deleted at `at`.
    #[must_use]
    pub fn deleted(&self, realm: RealmId, at: DateTime<Utc>) -> pb::ProductDeleted {
        pb::ProductDeleted {
            realm: realm.into(),
            store: self.store.into(),
            product: self.id.into(),
            version: self.version,
            at: Some(timestamp(at)),
        }
    }
}

impl From<Product> for pb::Product {
    fn from(product: Product) -> Self {
        let (details, currency) = (product.details, product.currency);
        Self {
            id: product.id.into(),
            store: product.store.into(),
            sku: details.sku,
            name: details.name,
            description: details.description,
            images: details.images,
            price: details.price.map(|price| Money::new(price, currency).into()),
            kind: details.kind.slug().to_owned(),
            package: details.kind.package().unwrap_or_default().to_owned(),
            active: details.active,
            version: product.version,
            created_at: Some(timestamp(product.created_at)),
            updated_at: Some(timestamp(product.updated_at)),
            currency: currency.code().to_owned(),
            plans: details.plans.shown(currency),
            renewal_targets: details.renewal.shown(),
            renewal_target_changeable: details.renewal.changeable,
            contents: details.contents.into_iter().map(String::from).collect(),
            tax_class: details.tax_class.slug().to_owned(),
            download_limit: details.download_limit,
            tariff_version: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details() -> Details {
        Details {
            sku: "MUG-1".into(),
            name: "Mug".into(),
            description: String::new(),
            images: Vec::new(),
            price: Some(1999),
            plans: Plans::default(),
            renewal: Renewal::default(),
            kind: Kind::Physical,
            contents: Vec::new(),
            tax_class: TaxClass::default(),
            download_limit: 0,
            active: true,
        }
    }

    /// CA-1: a digital product has a package kind, a physical one has none.
    #[test]
    fn kinds_and_packages_agree() {
        for (kind, package, expected) in [
            ("physical", "", Ok(Kind::Physical)),
            ("digital", "", Ok(Kind::Digital(Package::File))),
            ("digital", "bundle", Ok(Kind::Digital(Package::Bundle))),
            ("digital", "combo", Ok(Kind::Digital(Package::Combo))),
            ("physical", "file", Err("/package")),
            ("digital", "box", Err("/package")),
            ("ghost", "", Err("/kind")),
        ] {
            let parsed = Kind::parse(kind, package).map_err(|violation| violation.pointer.into_owned());
            assert_eq!(parsed, expected.map_err(str::to_owned), "{kind} {package}");
        }
    }

    /// CA-1: it is sold once, by plan, or both, never neither; only bundles and combos have something inside.
    #[test]
    fn a_product_can_be_had_somehow() {
        let pointers = |details: &Details| -> Vec<String> {
            details.violations().into_iter().map(|violation| violation.pointer.into_owned()).collect()
        };
        assert_eq!(pointers(&Details { price: None, ..details() }), ["/price"]);
        let inside = ProductId::from_uuid(uuid::Uuid::nil());
        for (kind, valid) in [("physical", false), ("file", false), ("bundle", true), ("combo", true)] {
            let kind = if kind == "physical" { Kind::parse(kind, "") } else { Kind::parse("digital", kind) };
            let kind = kind.expect("a kind");
            let filled = Details { kind, contents: vec![inside], ..details() };
            assert_eq!(filled.violations().is_empty(), valid, "{kind:?}");
            let crowded = Details { kind, contents: vec![inside; CONTENTS + 1], ..details() };
            assert!(pointers(&crowded).contains(&"/contents".to_owned()), "{kind:?}");
        }
    }

    /// However many images are wrong, the answer stays short.
    #[test]
    fn many_faults_do_not_make_a_long_answer() {
        let images = vec!["x".to_owned(); 200_000];
        assert_eq!(Details { images, ..details() }.violations().len(), IMAGES + 1);
    }

    #[test]
    fn every_faulty_field_is_named() {
        let faulty = Details {
            name: String::new(),
            description: "x".repeat(10_001),
            images: vec!["ftp://example.com/a.png".into(), "https://example.com/\0.png".into()],
            price: None,
            ..details()
        };
        let pointers: Vec<_> = faulty.violations().into_iter().map(|v| v.pointer.into_owned()).collect();
        assert_eq!(pointers, ["/name", "/description", "/price", "/images/0", "/images/1"]);
        assert!(details().violations().is_empty());
    }
}
