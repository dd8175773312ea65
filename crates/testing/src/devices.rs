//! Stands in for identity where push messages go: knows the devices of a test.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kit::ids::{CustomerId, DeviceId};
use proto::identity::v1::{
    Device, ForgetDeviceRequest, ForgetDeviceResponse, ListDevicesRequest, ListDevicesResponse, RegisterDeviceRequest,
    UnregisterDeviceRequest, device_service_server::DeviceService,
};
use tonic::{Request, Response, Status};

/// The devices there are, each with the id of its owner. Clones share them.
#[derive(Clone, Default)]
pub struct Devices(Arc<Mutex<Vec<(String, Device)>>>);

impl Devices {
    fn all(&self) -> MutexGuard<'_, Vec<(String, Device)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on `owner` has this device, whose id is answered.
    #[must_use]
    pub fn add(&self, owner: CustomerId, platform: &str, token: &str) -> String {
        let id = DeviceId::new(chrono::DateTime::UNIX_EPOCH).to_string();
        let device = Device { id: id.clone(), platform: platform.to_owned(), token: token.to_owned() };
        self.all().push((owner.into(), device));
        id
    }

    /// What the push services know the devices by that are there.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.all().iter().map(|(_, device)| device.token.clone()).collect()
    }
}

#[tonic::async_trait]
impl DeviceService for Devices {
    async fn register_device(&self, _: Request<RegisterDeviceRequest>) -> Result<Response<Device>, Status> {
        Err(Status::unimplemented("devices of a test are given to it"))
    }

    async fn unregister_device(&self, _: Request<UnregisterDeviceRequest>) -> Result<Response<Device>, Status> {
        Err(Status::unimplemented("devices of a test are given to it"))
    }

    async fn list_devices(
        &self,
        request: Request<ListDevicesRequest>,
    ) -> Result<Response<ListDevicesResponse>, Status> {
        let customer = request.into_inner().customer;
        let own = self.all().iter().filter(|(owner, _)| *owner == customer).map(|(_, device)| device.clone()).collect();
        Ok(Response::new(ListDevicesResponse { devices: own }))
    }

    async fn forget_device(
        &self,
        request: Request<ForgetDeviceRequest>,
    ) -> Result<Response<ForgetDeviceResponse>, Status> {
        let token = request.into_inner().token;
        self.all().retain(|(_, device)| device.token != token);
        Ok(Response::new(ForgetDeviceResponse {}))
    }
}
