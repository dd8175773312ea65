//! A product and what makes its fields valid. Pure.
use std::fmt;

use chrono::{DateTime, Utc};
use kit::{
    audit::json,
    clock::timestamp,
    failure::Violation,
    ids::{ProductId, StoreId},
    money::Money,
};
use proto::catalog::v1 as pb;

/// Something a store sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Id.
    pub id: ProductId,
    /// Who sells it.
    pub store: StoreId,
    /// Stock keeping unit, unique in the store.
    pub sku: String,
    /// What it is.
    pub details: Details,
    /// Physical or digital.
    pub kind: Kind,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What staff can change about a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Display name.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Addresses of images, the first is the main one.
    pub images: Vec<String>,
    /// One-time price, in the store's currency.
    pub price: Money,
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

/// Most images of a product.
const IMAGES: usize = 20;
/// Highest price, in minor units: far above any real one, and far enough below 64 bits for sums of many.
const DEAREST: i64 = 1_000_000_000_000;

impl Details {
    /// As the audit tells of them.
    #[must_use]
    pub fn told(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "description": self.description,
            "images": self.images,
            "price": self.price.amount,
            "currency": self.price.currency.code(),
            "active": self.active,
        })
    }

    /// What is wrong with these, field by field; nothing when they are valid.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        violations.extend(text("/name", &self.name, 1, 200));
        violations.extend(text("/description", &self.description, 0, 10_000));
        if !(0..=DEAREST).contains(&self.price.amount) {
            let detail = "a price is not negative, and at most 1000000000000 minor units";
            violations.push(Violation::new("/price/amount", "out_of_range", detail));
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
        violations
    }
}

/// What is wrong with a text of `least` to `most` characters without control characters.
pub(super) fn text(pointer: &'static str, text: &str, least: usize, most: usize) -> Option<Violation> {
    let length = text.chars().count();
    if length < least {
        Some(Violation::new(pointer, "required", "this must not be empty"))
    } else if length > most {
        Some(Violation::new(pointer, "too_long", format!("at most {most} characters")))
    } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        Some(Violation::new(pointer, "malformed", "no control characters"))
    } else {
        None
    }
}

impl From<Product> for pb::Product {
    fn from(product: Product) -> Self {
        let details = product.details;
        Self {
            id: product.id.into(),
            store: product.store.into(),
            sku: product.sku,
            name: details.name,
            description: details.description,
            images: details.images,
            price: Some(details.price.into()),
            kind: product.kind.slug().to_owned(),
            package: product.kind.package().unwrap_or_default().to_owned(),
            active: details.active,
            version: product.version,
            created_at: Some(timestamp(product.created_at)),
            updated_at: Some(timestamp(product.updated_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use kit::money::Currency;

    use super::*;

    fn details() -> Details {
        let price = Money::new(1999, Currency::EUR);
        Details { name: "Mug".into(), description: String::new(), images: Vec::new(), price, active: true }
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

    /// CA-11: a price has bounds, so that what is added up from prices stays within 64 bits.
    #[test]
    fn prices_have_bounds() {
        for (amount, valid) in [(-1, false), (0, true), (DEAREST, true), (DEAREST + 1, false), (i64::MAX, false)] {
            let priced = Details { price: Money::new(amount, Currency::EUR), ..details() };
            assert_eq!(priced.violations().is_empty(), valid, "{amount}");
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
            price: Money::new(-1, Currency::EUR),
            active: true,
        };
        let pointers: Vec<_> = faulty.violations().into_iter().map(|v| v.pointer.into_owned()).collect();
        assert_eq!(pointers, ["/name", "/description", "/price/amount", "/images/0", "/images/1"]);
        assert!(details().violations().is_empty());
    }
}
