//! Who sees to tickets: members of the store or of its network, as identity knows them.
use std::collections::{BTreeSet, HashMap};

use kit::{
    Call,
    failure::Violation,
    ids::{StaffId, StoreId},
    transport::Transport,
};
use proto::{
    customers::v1 as pb,
    identity::v1::{FindColleaguesRequest, colleague_service_client::ColleagueServiceClient},
};

use crate::Error;

/// Asks identity. Clones share the way.
#[derive(Clone)]
pub struct Colleagues(ColleagueServiceClient<Transport>);

impl Colleagues {
    /// At `identity`.
    #[must_use]
    pub fn new(identity: Transport) -> Self {
        Self(ColleagueServiceClient::new(identity))
    }

    /// The name of `staff`, who must work for `store`.
    pub async fn check(&self, call: &Call, store: StoreId, staff: StaffId) -> Result<String, Error> {
        let name = self.names(call, store, &[staff]).await?.remove(&String::from(staff));
        name.ok_or_else(|| Violation::new("/assignee", "unknown", "nobody of this id works for the store").into())
    }

    /// The name of `staff`, if they work for `store` still and identity can be asked.
    pub async fn find(&self, call: &Call, store: StoreId, staff: StaffId) -> String {
        let names = self.names(call, store, &[staff]).await;
        names.ok().and_then(|mut names| names.remove(&String::from(staff))).unwrap_or_default()
    }

    /// Adds the names of those who see to `tickets`. Without identity there are none: a list does not wait for a name.
    pub async fn name(&self, call: &Call, tickets: &mut [pb::Ticket]) {
        let mut asked: HashMap<StoreId, BTreeSet<StaffId>> = HashMap::new();
        for ticket in tickets.iter() {
            if let (Ok(store), Ok(staff)) = (ticket.store.parse(), ticket.assignee.parse()) {
                asked.entry(store).or_default().insert(staff);
            }
        }
        for (store, staff) in asked {
            let staff: Vec<_> = staff.into_iter().collect();
            let Ok(names) = self.names(call, store, &staff).await else { continue };
            let store = String::from(store);
            for ticket in tickets.iter_mut().filter(|ticket| ticket.store == store) {
                ticket.assignee_name = names.get(&ticket.assignee).cloned().unwrap_or_default();
            }
        }
    }

    async fn names(&self, call: &Call, store: StoreId, staff: &[StaffId]) -> Result<HashMap<String, String>, Error> {
        let staff = staff.iter().copied().map(String::from).collect();
        let asked = call.trace(FindColleaguesRequest { store: store.into(), staff });
        let found = self.0.clone().find_colleagues(asked).await?.into_inner().colleagues;
        Ok(found.into_iter().map(|colleague| (colleague.staff, colleague.name)).collect())
    }
}
