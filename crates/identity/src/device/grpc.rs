//! The RPCs of devices: authorise, parse, open tx, call, encode.
use kit::{
    Call, Error as KitError,
    ids::{CustomerId, DeviceId, RealmId},
};
use proto::identity::v1::{self as pb, device_service_server::DeviceService};
use tonic::{Request, Response, Status};

use super::{
    device::{Device, PURPOSE, Platform},
    register::{RegisterDevice, register_device},
    store,
};
use crate::{
    Error,
    account::{Desk, Own},
};

/// The server of these RPCs.
pub struct Devices {
    pub(crate) desk: Desk,
}

fn told(id: DeviceId, platform: Platform, token: String) -> pb::Device {
    pb::Device { id: id.into(), platform: platform.slug().to_owned(), token }
}

impl Devices {
    async fn of(&self, realm: RealmId, customer: CustomerId) -> Result<Vec<pb::Device>, Error> {
        let devices = store::of_customer(self.desk.db.pool(), realm, customer).await?;
        let open = |hash: &[u8], token: &[u8]| {
            let plain =
                self.desk.secrets.open(PURPOSE, hash, token).ok().and_then(|plain| String::from_utf8(plain).ok());
            plain.ok_or_else(|| KitError::Internal("the token of a device cannot be opened".to_owned()))
        };
        let devices =
            devices.into_iter().map(|(id, platform, hash, token)| Ok(told(id, platform, open(&hash, &token)?)));
        devices.collect()
    }
}

#[tonic::async_trait]
impl DeviceService for Devices {
    async fn register_device(
        &self,
        request: Request<pb::RegisterDeviceRequest>,
    ) -> Result<Response<pb::Device>, Status> {
        let call = Call::of(&request)?;
        let own = Own::in_person(call.actor()?)?;
        let input = RegisterDevice::parse(request.get_ref())?;
        let mut tx = self.desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let present = (&self.desk.secrets, self.desk.clock.now());
        let device = register_device(&mut tx, own, &input, present).await?;
        Ok(tx.answer(told(device.id, device.platform, String::new())).await?)
    }

    async fn unregister_device(
        &self,
        request: Request<pb::UnregisterDeviceRequest>,
    ) -> Result<Response<pb::Device>, Status> {
        let call = Call::of(&request)?;
        let own = Own::in_person(call.actor()?)?;
        let id: DeviceId = request.get_ref().id.parse().map_err(|_| Error::DeviceNotFound)?;
        let mut tx = self.desk.db.begin(&call).await?;
        let device = store::delete(&mut tx, (own.realm, own.customer), id).await?;
        let Device { id, platform, .. } = device.ok_or(Error::DeviceNotFound)?;
        Ok(tx.answer(told(id, platform, String::new())).await?)
    }

    async fn list_devices(
        &self,
        request: Request<pb::ListDevicesRequest>,
    ) -> Result<Response<pb::ListDevicesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let pb::ListDevicesRequest { realm, customer } = request.get_ref();
        let (Ok(realm), Ok(customer)) = (realm.parse(), customer.parse()) else {
            return Ok(Response::new(pb::ListDevicesResponse::default()));
        };
        Ok(Response::new(pb::ListDevicesResponse { devices: self.of(realm, customer).await? }))
    }

    async fn forget_device(
        &self,
        request: Request<pb::ForgetDeviceRequest>,
    ) -> Result<Response<pb::ForgetDeviceResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let realm = request.get_ref().realm.parse().map_err(|_| Error::DeviceNotFound)?;
        let mut tx = self.desk.db.begin(&call).await?;
        store::delete_token(&mut tx, realm, &request.get_ref().token).await?;
        Ok(tx.answer(pb::ForgetDeviceResponse {}).await?)
    }
}
