//! What products are and hold, as orders asks for libraries (OR-8).
use std::collections::HashMap;

use kit::{
    failure::Violation,
    ids::{ProductId, StoreId},
    pool::Pool,
};
use proto::catalog::v1 as pb;
use uuid::Uuid;

use super::{ProductFile, store};
use crate::Error;

/// Most products at once.
const MOST: usize = 1_000;

#[derive(sqlx::FromRow)]
struct Known {
    id: ProductId,
    store_id: StoreId,
    name: String,
    description: String,
    image: Option<String>,
    kind: String,
    package: Option<String>,
    download_limit: i32,
    active: bool,
}

/// Products with who sells each.
#[derive(Debug, Default)]
pub struct Asked {
    stores: Vec<Uuid>,
    products: Vec<Uuid>,
}

impl Asked {
    /// Reads a request; what is no id is unknown.
    pub fn parse(request: &pb::DescribeProductsRequest) -> Result<Self, Error> {
        if request.products.len() > MOST {
            return Err(kit::Error::from(Violation::new("/products", "too_many", "at most 1000 products")).into());
        }
        let ids = request.products.iter().filter_map(|asked| {
            let (store, product) = (asked.store.parse::<StoreId>().ok()?, asked.product.parse::<ProductId>().ok()?);
            Some((store.uuid(), product.uuid()))
        });
        let (stores, products) = ids.unzip();
        Ok(Self { stores, products })
    }
}

/// What is known of those that were asked about.
pub async fn describe(pool: &Pool, asked: Asked) -> Result<Vec<pb::ProductDescription>, Error> {
    let Asked { stores, products } = &asked;
    let known: Vec<Known> = sqlx::query_as(
        "select p.id, p.store_id, p.name, p.description, p.images[1] as image, p.kind, p.package, p.download_limit,
           p.active
         from products p join unnest($1::uuid[], $2::uuid[]) as w (store_id, id) using (store_id, id)",
    )
    .bind(stores)
    .bind(products)
    .fetch_all(pool)
    .await?;
    let mut inside: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (root, id) in inside_of(pool, &asked).await? {
        inside.entry(root).or_default().push(id.into());
    }
    let mut files: HashMap<Uuid, Vec<ProductFile>> = HashMap::new();
    for file in store::sold_with(pool, (stores, products)).await? {
        files.entry(file.product.uuid()).or_default().push(file);
    }
    let told = known.into_iter().map(|known| {
        let files = files.remove(&known.id.uuid()).unwrap_or_default();
        pb::ProductDescription {
            inside: inside.remove(&known.id.uuid()).unwrap_or_default(),
            product: known.id.into(),
            store: known.store_id.into(),
            name: known.name,
            description: known.description,
            image: known.image.unwrap_or_default(),
            kind: known.kind,
            package: known.package.unwrap_or_default(),
            files: files.into_iter().map(|file| file.told("")).collect(),
            download_limit: u32::try_from(known.download_limit).unwrap_or_default(),
            active: known.active,
        }
    });
    Ok(told.collect())
}

/// Everything inside of products, at any depth: there are no circles, and three levels at most.
async fn inside_of(pool: &Pool, asked: &Asked) -> Result<Vec<(Uuid, ProductId)>, Error> {
    let inside = sqlx::query_as(
        "with recursive inside (store_id, root, id) as (
           select p.store_id, p.id, c.id
           from products p join unnest($1::uuid[], $2::uuid[]) as w (store_id, id) using (store_id, id)
           cross join lateral unnest(p.contents) as c (id)
           union
           select i.store_id, i.root, c.id
           from inside i join products p on p.store_id = i.store_id and p.id = i.id
           cross join lateral unnest(p.contents) as c (id))
         select root, id from inside order by root, id",
    );
    Ok(inside.bind(&asked.stores).bind(&asked.products).fetch_all(pool).await?)
}

/// Which digital products are asked for.
#[derive(Debug)]
pub struct Page {
    stores: Vec<Uuid>,
    after: Uuid,
}

impl Page {
    /// Reads a request; a store that is no id sells nothing.
    pub fn parse(request: &pb::ListDigitalProductsRequest) -> Result<Self, Error> {
        if request.stores.len() > MOST {
            return Err(kit::Error::from(Violation::new("/stores", "too_many", "at most 1000 stores")).into());
        }
        let after = match request.after.as_str() {
            "" => Uuid::nil(),
            id => id.parse::<ProductId>().map_err(|_| Error::ProductNotFound)?.uuid(),
        };
        let stores = request.stores.iter().filter_map(|id| id.parse().ok()).map(StoreId::uuid).collect();
        Ok(Self { stores, after })
    }
}

/// A page of what can be bought and is digital.
pub async fn digital(pool: &Pool, page: Page) -> Result<pb::ListDigitalProductsResponse, Error> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let mut found: Vec<(StoreId, ProductId)> = sqlx::query_as(
        "select store_id, id from products
         where store_id = any($1) and kind = 'digital' and active and id > $2 order by id limit $3",
    )
    .bind(page.stores)
    .bind(page.after)
    .bind(most + 1)
    .fetch_all(pool)
    .await?;
    let more = found.len() > MOST;
    found.truncate(MOST);
    let next = found.last().filter(|_| more).map(|(_, last)| String::from(*last)).unwrap_or_default();
    let sold =
        |(store, product): (StoreId, ProductId)| pb::SoldProduct { store: store.into(), product: product.into() };
    Ok(pb::ListDigitalProductsResponse { products: found.into_iter().map(sold).collect(), next })
}
