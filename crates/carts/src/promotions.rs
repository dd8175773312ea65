//! Asks the catalog what stores take off (CA-5).
use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use kit::{Call, clock::datetime, ids::StoreId, transport::Transport};
use moka::future::Cache;
use proto::catalog::v1::{FindPromotionsRequest, Promotion, promotion_service_client::PromotionServiceClient};

use crate::{
    Error,
    code::Code,
    pricing::{Cut, Limits, Reduction},
};

/// For how long offers are taken as they were: every change of a cart and every checkout looks at them.
const FRESH: Duration = Duration::from_secs(1);

/// The offers and vouchers of stores. Clones share what they know.
#[derive(Clone)]
pub struct Promotions {
    catalog: PromotionServiceClient<Transport>,
    offers: Cache<StoreId, Arc<[Reduction]>>,
}

impl Promotions {
    /// Over this way to the catalog.
    #[must_use]
    pub fn new(catalog: Transport) -> Self {
        let offers = Cache::builder().max_capacity(10_000).time_to_live(FRESH).build();
        Self { catalog: PromotionServiceClient::new(catalog), offers }
    }

    /// The offers of `store`, at most a second old. However many want them at once, the catalog is asked once.
    pub async fn offers(&self, call: &Call, store: StoreId) -> Result<Arc<[Reduction]>, Error> {
        let asked = async { Ok::<_, Error>(self.ask(call, store, &[]).await?.into()) };
        let found = self.offers.try_get_with(store, asked).await;
        found.map_err(|error| match &*error {
            Error::Kit(kit::Error::Call(status)) => Error::Kit(kit::Error::Call(status.clone())),
            other => Error::Kit(kit::Error::Internal(format!("offers cannot be had: {other:?}"))),
        })
    }

    /// The offers of these stores, and their vouchers with these codes as they are now.
    pub async fn of_all(
        &self,
        call: &Call,
        stores: HashMap<StoreId, Vec<Code>>,
    ) -> Result<HashMap<StoreId, Arc<[Reduction]>>, Error> {
        let asked = stores.into_iter().map(|(store, codes)| async move {
            let found = if codes.is_empty() {
                self.offers(call, store).await?
            } else {
                self.ask(call, store, &codes).await?.into()
            };
            Ok::<_, Error>((store, found))
        });
        Ok(try_join_all(asked).await?.into_iter().collect())
    }

    async fn ask(&self, call: &Call, store: StoreId, codes: &[Code]) -> Result<Vec<Reduction>, Error> {
        let codes = codes.iter().map(|code| code.as_str().to_owned()).collect();
        let request = call.trace(FindPromotionsRequest { store: store.into(), codes });
        let found = self.catalog.clone().find_promotions(request).await?.into_inner().promotions;
        found.into_iter().map(reduction).collect()
    }
}

fn reduction(promotion: Promotion) -> Result<Reduction, Error> {
    let broken = |what: &str| Error::Kit(kit::Error::Internal(format!("{} came with a broken {what}", promotion.id)));
    let terms = promotion.terms.clone().ok_or_else(|| broken("text"))?;
    let percent = u16::try_from(terms.percent).ok().filter(|percent| *percent > 0).map(Cut::Percent);
    let cut = percent.or(terms.amount.map(|amount| Cut::Amount(amount.amount))).ok_or_else(|| broken("cut"))?;
    let products = terms.products.iter().map(|id| id.parse()).collect::<Result<_, _>>();
    Ok(Reduction {
        products: products.map_err(|_| broken("product"))?,
        source: promotion.id,
        name: terms.name,
        code: terms.code,
        position: terms.position,
        cut,
        min_pieces: terms.min_quantity,
        min_amount: terms.minimum.map_or(0, |minimum| minimum.amount),
        alone: terms.alone,
        starts_at: terms.starts_at.as_ref().and_then(datetime),
        ends_at: terms.ends_at.as_ref().and_then(datetime),
        limits: Limits { uses: terms.max_uses, uses_per_customer: terms.max_uses_per_customer },
    })
}
