//! What the catalog says of products: what they are called, and what they hold.
use std::collections::HashMap;

use kit::{
    Call,
    ids::{ProductId, StoreId},
    transport::Transport,
};
use proto::catalog::v1::{
    DescribeProductsRequest, ListDigitalProductsRequest, OpenProductFileRequest, OpenedProductFile, ProductDescription,
    SoldProduct, product_file_service_client::ProductFileServiceClient,
};
use serde::{Deserialize, Serialize};
use tonic::{Code, Request};

use crate::{error::Error, order::Line};

/// How many products the catalog tells about at once.
const BATCH: usize = 1_000;

/// A product that was inside another when that was bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    /// Which.
    pub product: uuid::Uuid,
    /// What it was called.
    pub name: String,
}

/// The catalog, as libraries see it.
#[derive(Clone)]
pub struct Goods(ProductFileServiceClient<Transport>);

impl Goods {
    /// The catalog at the end of `way`.
    #[must_use]
    pub fn new(way: Transport) -> Self {
        Self(ProductFileServiceClient::new(way))
    }

    /// What is known of `products`; in the course of `call`, if there is one.
    pub async fn describe(
        &self,
        call: Option<&Call>,
        products: impl IntoIterator<Item = (StoreId, ProductId)>,
    ) -> Result<HashMap<ProductId, ProductDescription>, Error> {
        let wanted: Vec<SoldProduct> = products
            .into_iter()
            .map(|(store, product)| SoldProduct { store: store.into(), product: product.into() })
            .collect();
        let mut known = HashMap::new();
        for batch in wanted.chunks(BATCH) {
            let request = DescribeProductsRequest { products: batch.to_vec() };
            let request = call.map_or_else(|| Request::new(request.clone()), |call| call.trace(request.clone()));
            let found = self.0.clone().describe_products(request).await?.into_inner().products;
            known.extend(found.into_iter().filter_map(|found| Some((found.product.parse().ok()?, found))));
        }
        Ok(known)
    }

    /// The digital products that can be bought in `stores`.
    pub async fn digital(&self, call: &Call, stores: &[StoreId]) -> Result<Vec<(StoreId, ProductId)>, Error> {
        let stores: Vec<String> = stores.iter().map(|store| (*store).into()).collect();
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let request = ListDigitalProductsRequest { stores: stores.clone(), after };
            let page = self.0.clone().list_digital_products(call.trace(request)).await?.into_inner();
            let ids = |sold: &SoldProduct| Some((sold.store.parse().ok()?, sold.product.parse().ok()?));
            all.extend(page.products.iter().filter_map(ids));
            if page.next.is_empty() {
                return Ok(all);
            }
            after = page.next;
        }
    }

    /// Writes down in `lines` what their bundles and combos hold now. Nothing is asked where there are none.
    pub async fn note_contents(&self, call: &Call, store: StoreId, lines: &mut [Line]) -> Result<(), Error> {
        let holds = |line: &Line| matches!(line.package.as_str(), "bundle" | "combo");
        let roots: Vec<_> = lines.iter().filter(|line| holds(line)).map(|line| (store, line.product)).collect();
        if roots.is_empty() {
            return Ok(());
        }
        let inside = self.inside(Some(call), &roots).await?;
        for line in lines.iter_mut().filter(|line| holds(line)) {
            line.contents = Some(inside.get(&line.product).cloned().unwrap_or_default());
        }
        Ok(())
    }

    /// What is inside of each of `roots` now, at any depth.
    pub async fn inside(
        &self,
        call: Option<&Call>,
        roots: &[(StoreId, ProductId)],
    ) -> Result<HashMap<ProductId, Vec<Inside>>, Error> {
        let known = self.describe(call, roots.iter().copied()).await?;
        let parts = |root: &ProductId| {
            known.get(root).into_iter().flat_map(|root| &root.inside).filter_map(|id| id.parse().ok())
        };
        let all = roots.iter().flat_map(|(store, root)| parts(root).map(|part: ProductId| (*store, part)));
        let names = self.describe(call, all.collect::<Vec<_>>()).await?;
        let named = |part: ProductId| Inside {
            product: part.uuid(),
            name: names.get(&part).map(|part| part.name.clone()).unwrap_or_default(),
        };
        Ok(roots.iter().map(|(_, root)| (*root, parts(root).map(named).collect())).collect())
    }

    /// A pass to a file of a product; `None` when there is no such file any more.
    pub async fn open(&self, call: &Call, request: OpenProductFileRequest) -> Result<Option<OpenedProductFile>, Error> {
        match self.0.clone().open_product_file(call.trace(request)).await {
            Ok(opened) => Ok(Some(opened.into_inner())),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status.into()),
        }
    }
}
