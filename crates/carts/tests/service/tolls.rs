//! What a store takes for shipping and as tax, as the test decides.
use std::sync::{Arc, Mutex};

use kit::ids::ShippingMethodId;
use proto::{
    base::v1::Money,
    catalog::v1::{
        BatchGetTariffsRequest, BatchGetTariffsResponse, ShippingMethod, ShippingTerms, Tariff, TaxRate, TaxTerms,
        tariff_service_server::TariffService,
    },
};
use tonic::{Request, Response, Status};

/// The tariff of one store, and how often it was asked for.
#[derive(Clone, Default)]
pub struct Tolls(Arc<Mutex<(Tariff, usize)>>);

impl Tolls {
    /// Its version.
    pub fn version(&self) -> i64 {
        self.0.lock().unwrap().0.version
    }

    /// How often it was asked for.
    pub fn asked(&self) -> usize {
        self.0.lock().unwrap().1
    }

    fn change(&self, change: impl FnOnce(&mut Tariff)) {
        let mut tariff = self.0.lock().unwrap();
        change(&mut tariff.0);
        tariff.0.version += 1;
    }

    /// A tax in hundredths of a percent, inside of prices or on top of them.
    pub fn tax(&self, (country, class): (&str, &str), rate: u32, included: bool) {
        let (country, class) = (country.to_owned(), class.to_owned());
        self.change(|tariff| {
            tariff.tax_rates.retain(|rate| {
                rate.terms.as_ref().is_none_or(|terms| (&terms.country, &terms.class) != (&country, &class))
            });
            let terms =
                TaxTerms { name: "VAT".into(), country, rate, included, class, active: true, ..Default::default() };
            tariff.tax_rates.push(TaxRate { terms: Some(terms), ..TaxRate::default() });
        });
    }

    /// A way to ship at this price, free from that value on, to these countries; its id.
    pub fn ship(&self, (amount, currency): (i64, &str), free_from: Option<i64>, countries: &[&str]) -> String {
        let money = |amount| Money { amount, currency: currency.to_owned() };
        let terms = ShippingTerms {
            name: "Post".to_owned(),
            price: Some(money(amount)),
            free_from: free_from.map(money),
            countries: countries.iter().map(ToString::to_string).collect(),
            active: true,
            position: 0,
        };
        let id = String::from(ShippingMethodId::new("2026-01-01T00:00:00Z".parse().expect("a time")));
        let method = ShippingMethod { id: id.clone(), terms: Some(terms), ..ShippingMethod::default() };
        self.change(|tariff| tariff.shipping_methods.push(method));
        id
    }

    /// What a way to ship costs from now on.
    pub fn reprice(&self, id: &str, amount: i64) {
        self.change(|tariff| {
            let method = tariff.shipping_methods.iter_mut().find(|method| method.id == id);
            let terms = method.and_then(|method| method.terms.as_mut());
            terms.and_then(|terms| terms.price.as_mut()).expect("a way to ship").amount = amount;
        });
    }

    /// Offers a way to ship no longer.
    pub fn withdraw(&self, id: &str) {
        self.change(|tariff| tariff.shipping_methods.retain(|method| method.id != id));
    }
}

#[tonic::async_trait]
impl TariffService for Tolls {
    async fn batch_get_tariffs(
        &self,
        request: Request<BatchGetTariffsRequest>,
    ) -> Result<Response<BatchGetTariffsResponse>, Status> {
        kit::Call::of(&request)?.actor()?.require_system().map_err(kit::Error::from)?;
        let mut known = self.0.lock().unwrap();
        known.1 += 1;
        let told = |store| Tariff { store, ..known.0.clone() };
        Ok(Response::new(BatchGetTariffsResponse {
            tariffs: request.into_inner().stores.into_iter().map(told).collect(),
        }))
    }
}
