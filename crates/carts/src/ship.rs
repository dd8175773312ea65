//! How a cart is shipped (CA-11): which ways there are, and which one is chosen.
use kit::{Call, ids::ShippingMethodId};
use proto::carts::v1 as pb;

use crate::{
    Error, access,
    cart::Cart,
    catalog::Added,
    grpc::{Answer, Carts, Deed},
    name::Name,
    offer::Offers,
    priced::Priced,
    tariff::{Places, Tariff, tariff::Way},
};

impl Carts {
    /// Chooses how a cart is shipped, or nothing.
    pub(crate) async fn ship(&self, call: &Call, request: &pb::SetShippingMethodRequest) -> Answer {
        let method = Some(&*request.method).filter(|method| !method.is_empty());
        let method = method.map(|id| id.parse().map_err(|_| Error::ShippingMethodNotFound)).transpose()?;
        let ship = |cart: &mut Cart, offers: &Offers| {
            if let Some(method) = method {
                cart.check_way(method, offers)?;
            }
            cart.ship(method);
            Ok(())
        };
        self.change(call, &request.cart, Added::Nothing, Deed::Edit(&ship)).await
    }

    /// The ways to ship a cart to where it goes, each at its price: none where nothing is shipped.
    pub(crate) async fn ways(&self, call: &Call, id: &str) -> Result<pb::ListCartShippingMethodsResponse, Error> {
        let actor = call.actor()?;
        access::check_read(actor)?;
        let cart = self.find(actor, &Name::parse(id)?).await?.ok_or(Error::CartNotFound)?;
        let offers = self.catalog.offers(call, &[&cart], Added::Nothing).await?;
        let now = self.clock.now();
        let open = cart.check_open(now).is_ok();
        let (Some((_, currency)), Some(tariff), true) = (cart.shop, cart.tariff(&offers), open) else {
            return Ok(pb::ListCartShippingMethodsResponse::default());
        };
        let place = Places::of(&cart).goods(&tariff.home);
        let shipped = tariff.ways(&place, currency).map(|method| {
            let mut tried = cart.clone();
            tried.ship(Some(method.id));
            Ok(Priced::of(&tried, &offers, now)?.delivery)
        });
        let methods: Vec<_> = shipped.filter_map(Result::transpose).collect::<Result<_, Error>>()?;
        let currency = if methods.is_empty() { String::new() } else { currency.code().to_owned() };
        Ok(pb::ListCartShippingMethodsResponse { methods, currency })
    }
}

impl Cart {
    /// What its store takes for shipping, if it ever said.
    fn tariff<'a>(&self, offers: &'a Offers) -> Option<&'a Tariff> {
        offers.tariff(self.store()?)
    }

    /// Passes when it can be shipped by `method` now.
    fn check_way(&self, method: ShippingMethodId, offers: &Offers) -> Result<(), Error> {
        if self.lines.is_empty() {
            return Err(Error::CartEmpty);
        }
        let (Some((_, currency)), Some(tariff)) = (self.shop, self.tariff(offers)) else {
            return Err(Error::ShippingMethodNotFound);
        };
        match tariff.way(Some(method), &Places::of(self).goods(&tariff.home), currency) {
            Way::Withdrawn => Err(Error::ShippingMethodNotFound),
            Way::Elsewhere => Err(Error::ShippingMethodElsewhere),
            _ => Ok(()),
        }
    }
}
