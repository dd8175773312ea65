//! What staff say in their own words of a customer, such as why: customers seals it before it leaves (PL-7).
use kit::{
    Call,
    ids::{CustomerId, RealmId},
    sealed,
    transport::Transport,
};
use proto::customers::v1::{PlainValue, SealRequest, sealing_service_client::SealingServiceClient};
use serde_json::Value;

use crate::Error;

/// Has customers seal words. Clones share the way there.
#[derive(Clone)]
pub struct Words(SealingServiceClient<Transport>);

impl Words {
    /// By this way.
    #[must_use]
    pub const fn new(sealing: SealingServiceClient<Transport>) -> Self {
        Self(sealing)
    }

    /// `words` about `customer`, sealed with their key for an entry of the audit.
    pub async fn seal(
        &self,
        call: &Call,
        (realm, customer): (RealmId, CustomerId),
        words: &str,
    ) -> Result<Vec<u8>, Error> {
        let plain = Value::from(words).to_string().into_bytes().into();
        let request = SealRequest {
            realm: realm.into(),
            purpose: sealed::PURPOSE.to_owned(),
            values: vec![PlainValue { customer: customer.into(), plain }],
        };
        let answer = self.0.clone().seal(call.trace(request)).await.map_err(kit::Error::from)?.into_inner();
        Ok(answer.sealed.into_iter().next().unwrap_or_default().to_vec())
    }
}
