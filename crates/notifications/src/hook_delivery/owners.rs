//! Tells the owners of a store or network, once, that a webhook of theirs was switched off.
use std::collections::BTreeMap;

use kit::{
    Db, Error,
    clock::Clock,
    ids::{MessageId, RealmId, StoreId, WebhookId},
    service::Env,
    transport::Transport,
};
use proto::identity::v1::{ListMembersRequest, member_service_client::MemberServiceClient};
use tonic::{Request, metadata::MetadataValue};
use uuid::Uuid;

use crate::{
    NAME,
    message::{Channel, Purpose, Queued},
    store,
    template::Template,
};

/// Finds the owners and writes to them. Clones share everything.
#[derive(Clone)]
pub struct Owners {
    env: Env,
    db: Db,
    clock: Clock,
    members: MemberServiceClient<Transport>,
}

/// A webhook that they are to be told of.
#[derive(sqlx::FromRow)]
struct Untold {
    id: WebhookId,
    place_id: Uuid,
    is_network: bool,
    realm_id: RealmId,
}

impl Owners {
    /// Those that identity knows.
    pub fn new(env: &Env, db: &Db) -> anyhow::Result<Self> {
        let members = MemberServiceClient::new(env.peer(NAME, "identity")?);
        Ok(Self { env: env.clone(), db: db.clone(), clock: env.clock.clone(), members })
    }

    /// Tells them what they have not been told yet. Somebody is asked outside of the transaction that writes, and whoever
    /// writes first has told them.
    pub async fn tell(&self) -> Result<(), Error> {
        let untold = "select id, place_id, is_network, realm_id from webhooks where tell_owners limit 10";
        let untold: Vec<Untold> = sqlx::query_as(untold).fetch_all(self.db.pool()).await?;
        for webhook in untold {
            let owners = self.of(&webhook).await?;
            let mut tx = self.db.begin_own().await?;
            let told = sqlx::query("update webhooks set tell_owners = false where id = $1 and tell_owners");
            if told.bind(webhook.id).execute(&mut *tx).await?.rows_affected() == 1 {
                for address in owners {
                    store::queue(&mut tx, &self.letter(&webhook, address)).await?;
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// The addresses of the owners.
    async fn of(&self, webhook: &Untold) -> Result<Vec<String>, Error> {
        let broken = |error: &dyn std::fmt::Display| Error::Internal(format!("nobody speaks for a place: {error}"));
        let store = (!webhook.is_network).then(|| StoreId::from_uuid(webhook.place_id));
        let token = self.env.speak_for(NAME, webhook.realm_id, store).map_err(|e| broken(&e))?;
        let mut request = Request::new(ListMembersRequest {});
        let bearer = MetadataValue::try_from(format!("Bearer {token}")).map_err(|e| broken(&e))?;
        request.metadata_mut().insert("authorization", bearer);
        let members = self.members.clone().list_members(request).await?.into_inner().members;
        Ok(members.into_iter().filter(|member| member.role == "owner").map(|member| member.email).collect())
    }

    fn letter(&self, webhook: &Untold, address: String) -> Queued {
        let now = self.clock.now();
        let own = StoreId::from_uuid(webhook.place_id);
        Queued {
            realm: if webhook.is_network { crate::send::HOUSE.0 } else { webhook.realm_id },
            id: MessageId::new(now),
            // A network sends nothing in a name of its own.
            store: if webhook.is_network { crate::send::HOUSE.1 } else { own },
            customer: None,
            channel: Channel::Email,
            template: Template::WebhookDisabled,
            purpose: Purpose::Service,
            campaign: None,
            reference: None,
            recipient: Some(address),
            data: BTreeMap::new(),
            secrets: None,
            now,
            due: self.clock.shared(),
        }
    }
}
