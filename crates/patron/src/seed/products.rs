//! What the invented people buy: the store's own products, or a few that are made for them.
use kit::service::Env;
use proto::{
    base::v1::Money,
    catalog::v1::{BrowseProductsRequest, CreateProductRequest, Product, product_service_client::ProductServiceClient},
    identity::v1::Store,
};

use super::life::Offer;

/// Name, price in hundredths, digital.
const RANGE: [(&str, i64, bool); 12] = [
    ("Stoneware mug", 1_450, false),
    ("Linen tea towel", 1_200, false),
    ("Olive wood spoon", 990, false),
    ("Beeswax candle", 1_850, false),
    ("Wool blanket", 8_900, false),
    ("Notebook, dotted", 1_299, false),
    ("Fountain pen", 4_500, false),
    ("Canvas tote", 2_250, false),
    ("Espresso beans, 1 kg", 2_490, false),
    ("Baking at home (e-book)", 1_590, true),
    ("Bread course (video)", 4_900, true),
    ("Field recordings (album)", 990, true),
];

/// The products of `store`, made now if it has none.
pub async fn of(env: &Env, store: &Store) -> anyhow::Result<Vec<Offer>> {
    let mut catalog = ProductServiceClient::new(env.peer("seed", "catalog")?);
    let request = BrowseProductsRequest { limit: 100, ..BrowseProductsRequest::default() };
    let known = catalog.browse_products(crate::for_store(env, store, request)?).await?.into_inner().products;
    if known.is_empty() { make(env, store).await } else { Ok(known.into_iter().map(offer).collect()) }
}

/// Adds the range to `store`.
async fn make(env: &Env, store: &Store) -> anyhow::Result<Vec<Offer>> {
    let mut catalog = ProductServiceClient::new(env.peer("seed", "catalog")?);
    let mut offers = Vec::new();
    for (number, (name, price, digital)) in (1..).zip(RANGE) {
        let price = match kit::money::currency(&store.currency)?.exponent() {
            Some(3) => price * 10,
            _ => price,
        };
        let request = CreateProductRequest {
            sku: format!("DEMO-{number:03}"),
            name: name.to_owned(),
            description: format!("{name}, made to last."),
            price: Some(Money { amount: price, currency: store.currency.clone() }),
            kind: if digital { "digital" } else { "physical" }.to_owned(),
            ..CreateProductRequest::default()
        };
        let request = crate::for_store(env, store, request)?;
        offers.push(offer(catalog.create_product(request).await?.into_inner()));
    }
    Ok(offers)
}

fn offer(product: Product) -> Offer {
    Offer {
        id: product.id.parse().unwrap_or_else(|_| unreachable!("the catalog's own id")),
        sku: product.sku,
        name: product.name,
        price: product.price.map_or(0, |price| price.amount),
        kind: product.kind,
    }
}
