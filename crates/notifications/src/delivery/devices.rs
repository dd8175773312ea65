//! The devices of a customer: where push messages go. Identity knows them and what their push services know them by,
//! which is kept nowhere else.
use kit::{
    Error,
    ids::{CustomerId, MessageId, RealmId},
};
use proto::{
    identity::v1::{Device, ForgetDeviceRequest, ListDevicesRequest},
    orders::v1::Order,
};

use super::work::Delivery;
use crate::{
    message::{Channel, Message, Purpose, Queued, Trouble},
    store,
    template::Template,
};

impl Delivery {
    async fn list(&self, realm: RealmId, customer: String) -> Result<Vec<Device>, Error> {
        let request = ListDevicesRequest { realm: realm.into(), customer };
        Ok(self.devices.clone().list_devices(request).await?.into_inner().devices)
    }

    /// The device that a push message is to, unless its owner has it no longer.
    pub(super) async fn device(&self, message: &Message) -> Result<Option<Device>, Trouble> {
        if message.channel != Channel::Push {
            return Ok(None);
        }
        let owner = message.customer_id.map(CustomerId::into).unwrap_or_default();
        let devices = self.list(message.realm_id, owner).await.map_err(|e| Trouble::Passing(e.to_string()))?;
        let device = devices.into_iter().find(|device| Some(&device.id) == message.recipient.as_ref());
        device.map(Some).ok_or(Trouble::Lasting("device_gone"))
    }

    /// Forgets a device that its push service no longer knows (ID-12).
    pub(super) async fn forget(&self, realm: RealmId, token: &str) {
        let request = ForgetDeviceRequest { realm: realm.into(), token: token.to_owned() };
        if let Err(error) = self.devices.clone().forget_device(request).await {
            tracing::warn!(error.detail = %error.message(), "a device that is gone could not be forgotten");
        }
    }

    /// Queues for the customer's devices that `order`, which `message` confirms, was placed. Each is told once, however
    /// often the confirmation is tried; without devices nothing is queued.
    pub(super) async fn tell_devices(&self, message: &Message, order: &Order) -> Result<(), Error> {
        let Ok(customer) = order.customer.parse() else { return Ok(()) };
        let devices = self.list(message.realm_id, order.customer.clone()).await?;
        if devices.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin_own().await?;
        for device in devices {
            let (now, due) = (self.clock.now(), self.clock.shared());
            let queued = Queued {
                realm: message.realm_id,
                id: MessageId::new(now),
                store: message.store_id,
                customer: Some(customer),
                channel: Channel::Push,
                template: Template::OrderPlaced,
                purpose: Purpose::Service,
                campaign: None,
                reference: Some(format!("{} {}", order.id, device.id)),
                recipient: Some(device.id),
                data: std::collections::BTreeMap::new(),
                secrets: None,
                now,
                due,
            };
            store::queue(&mut tx, &queued).await?;
        }
        tx.commit().await
    }
}
