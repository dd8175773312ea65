//! The services that keep something of people, as customers asks them.
use std::{collections::BTreeMap, time::Duration};

use kit::{service::Env, transport::Transport};
use proto::{
    base::v1::{CountMovesRequest, GetPersonalDataRequest, PersonalTable},
    carts::v1::personal_data_service_client::PersonalDataServiceClient as Carts,
    identity::v1::personal_data_service_client::PersonalDataServiceClient as Identity,
    notifications::v1::personal_data_service_client::PersonalDataServiceClient as Notifications,
    orders::v1::{CountOpenPaymentsRequest, personal_data_service_client::PersonalDataServiceClient as Orders},
    reviews::v1::personal_data_service_client::PersonalDataServiceClient as Reviews,
};
use tonic::Request;

use super::whom::Id;
use crate::{Error, NAME};

/// Largest answer of a service, in bytes: all that was ever sent to somebody may be long.
const LARGEST: usize = 64 * 1024 * 1024;
/// How long a page waits for what it can do without.
const BRIEFLY: Duration = Duration::from_secs(2);
/// How long one service may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Ways to them.
#[derive(Clone)]
pub struct Peers {
    identity: Identity<Transport>,
    carts: Carts<Transport>,
    orders: Orders<Transport>,
    notifications: Notifications<Transport>,
    reviews: Reviews<Transport>,
}

impl Peers {
    /// From customers to each.
    pub fn new(env: &Env) -> anyhow::Result<Self> {
        Ok(Self {
            identity: Identity::new(env.peer(NAME, "identity")?).max_decoding_message_size(LARGEST),
            carts: Carts::new(env.peer(NAME, "carts")?).max_decoding_message_size(LARGEST),
            orders: Orders::new(env.peer(NAME, "orders")?).max_decoding_message_size(LARGEST),
            notifications: Notifications::new(env.peer(NAME, "notifications")?).max_decoding_message_size(LARGEST),
            reviews: Reviews::new(env.peer(NAME, "reviews")?).max_decoding_message_size(LARGEST),
        })
    }

    /// How many payments of somebody are on their way.
    pub async fn open_payments(&self, (realm, customer): Id) -> Result<i64, Error> {
        let request = CountOpenPaymentsRequest { realm: realm.into(), customer: customer.into() };
        Ok(self.orders.clone().count_open_payments(Request::new(request)).await?.into_inner().count)
    }

    /// How much of somebody's each service would move with them, and who could not be asked (CU-13).
    pub async fn moves(&self, (realm, customer): Id) -> (BTreeMap<String, i64>, Vec<&'static str>) {
        let request = || {
            let mut request = Request::new(CountMovesRequest { realm: realm.into(), customer: customer.into() });
            request.set_timeout(BRIEFLY);
            request
        };
        let Self { mut identity, mut carts, mut orders, mut notifications, .. } = self.clone();
        let (identity, carts, orders, notifications) = tokio::join!(
            identity.count_moves(request()),
            carts.count_moves(request()),
            orders.count_moves(request()),
            notifications.count_moves(request()),
        );
        let (mut counts, mut silent) = (BTreeMap::new(), Vec::new());
        let answers = [("identity", identity), ("carts", carts), ("orders", orders), ("notifications", notifications)];
        for (name, answer) in answers {
            match answer {
                Ok(answer) => counts.extend(answer.into_inner().counts),
                Err(_) => silent.push(name),
            }
        }
        (counts, silent)
    }

    /// What each service keeps of a person, by its name.
    pub async fn gather(
        &self,
        asked: &GetPersonalDataRequest,
    ) -> Result<Vec<(&'static str, Vec<PersonalTable>)>, Error> {
        let request = || {
            let mut request = Request::new(asked.clone());
            request.set_timeout(PATIENCE);
            request
        };
        let Self { mut identity, mut carts, mut orders, mut notifications, mut reviews } = self.clone();
        let (identity, carts, orders, notifications, reviews) = tokio::try_join!(
            identity.get_personal_data(request()),
            carts.get_personal_data(request()),
            orders.get_personal_data(request()),
            notifications.get_personal_data(request()),
            reviews.get_personal_data(request()),
        )?;
        let named = [
            ("identity", identity),
            ("carts", carts),
            ("orders", orders),
            ("notifications", notifications),
            ("reviews", reviews),
        ];
        Ok(named.into_iter().map(|(name, answer)| (name, answer.into_inner().tables)).collect())
    }
}
